"""Shapes of the REST API as JSON Schema 2020-12, and the schemas of tools put inside of others."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

from rest_framework import serializers

Json = Any
Schema = dict[str, Json]
Shape = type[serializers.Serializer[Any]]

_BOUNDS: Final = ("minLength", "maxLength", "maxItems", "pattern")
_CLOSED: Final = ("additionalProperties", False)
_DATA: Final = ("enum", "const", "default", "examples")
_REFERENCES: Final = ("$ref", "$dynamicRef")
#: The dialect is told at the root; and no argument belongs into an HTTP header, where the other
#: would have clients copy it.
_LEFT_OUT: Final = ("$schema", "x-mcp-header")


@lru_cache(maxsize=256)
def schema_of(shape: Shape) -> Schema:
    """Return the schema of what a shape takes; the caller does not change it.

    Args:
        shape: A serializer that refuses every field it does not name.
    """
    return _object(shape())


@lru_cache(maxsize=256)
def given_by(shape: Shape) -> Schema:
    """Return the schema of what a shape gives; the caller does not change it.

    Bounds are for what comes in: what is given is what is stored, and a later version may give
    more than a client that kept this schema knows.
    """
    found: Schema = _unbounded(_object(shape()))
    return found


def _unbounded(schema: Json) -> Json:
    if isinstance(schema, list):
        return [_unbounded(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    return {
        key: _unbounded_each(item) if key == "properties" else _unbounded(item)
        for key, item in schema.items()
        if key not in _BOUNDS and (key, item) != _CLOSED
    }


def _unbounded_each(properties: Mapping[str, Json]) -> Schema:
    # A property may bear the name of a bound.
    return {name: _unbounded(schema) for name, schema in properties.items()}


def _object(shape: serializers.Serializer[Any]) -> Schema:
    properties: Schema = {}
    required: list[str] = []
    for name, field in shape.fields.items():
        properties[name] = _field(field)
        if field.required or field.read_only:
            required.append(name)
    found: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**found, "required": required} if required else found


def _field(field: serializers.Field[Any, Any, Any, Any]) -> Schema:
    found = next(
        (read(field) for kind, read in _READERS if isinstance(field, kind)), {"type": "string"}
    )
    if field.help_text:
        found = {**found, "description": str(field.help_text)}
    return _nullable(found) if field.allow_null else found


def _nullable(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]} if schema else schema


def _text(field: Any) -> Schema:
    found: Schema = {"type": "string"}
    if not field.read_only and not field.allow_blank:
        found["minLength"] = 1
    if field.max_length is not None:
        found["maxLength"] = field.max_length
    return found


def _number(kind: str) -> Callable[[Any], Schema]:
    def read(field: Any) -> Schema:
        bounds = {"minimum": field.min_value, "maximum": field.max_value}
        return {
            "type": kind,
            **{name: value for name, value in bounds.items() if value is not None},
        }

    return read


def _list(field: Any) -> Schema:
    found: Schema = {"type": "array", "items": _field(field.child)}
    if field.max_length is not None:
        found["maxItems"] = field.max_length
    return found


def _pattern(field: Any) -> Schema:
    # The end of a text has another name in Python than in the dialect of JSON Schema.
    pattern = field.validators[-1].regex.pattern.replace(r"\Z", "$")
    return {"type": "string", "pattern": pattern}


def _method(field: Any) -> Schema:
    """Return what a method of a shape gives, as its note for the OpenAPI document says."""
    method = getattr(field.parent, field.method_name)
    noted = getattr(method, "_spectacular_annotation", {}).get("field")
    if noted is None:
        return {"type": "string"}
    if isinstance(noted, Mapping):
        return dict(noted)
    given = noted() if isinstance(noted, type) else noted
    return _field(given)


#: How each kind of field is read; a kind stands before those it is made from.
_READERS: Final[tuple[tuple[type[Any], Callable[[Any], Schema]], ...]] = (
    (serializers.ListSerializer, lambda field: {"type": "array", "items": _object(field.child)}),
    (serializers.Serializer, _object),
    (serializers.SerializerMethodField, _method),
    (serializers.ChoiceField, lambda field: {"type": "string", "enum": list(field.choices)}),
    (serializers.RegexField, _pattern),
    (serializers.CharField, _text),
    (serializers.UUIDField, lambda _field: {"type": "string", "format": "uuid"}),
    (serializers.DateTimeField, lambda _field: {"type": "string", "format": "date-time"}),
    (serializers.DateField, lambda _field: {"type": "string", "format": "date"}),
    (serializers.BooleanField, lambda _field: {"type": "boolean"}),
    (serializers.IntegerField, _number("integer")),
    (serializers.FloatField, _number("number")),
    (serializers.ListField, _list),
    (
        serializers.DictField,
        lambda field: {"type": "object", "additionalProperties": _field(field.child)},
    ),
    (serializers.JSONField, lambda _field: {}),
)


def nested(schema: Json, *, at: str) -> Json:
    """Return a tool's own schema as it stands inside of another one.

    Its references point into itself, since a tool's schema names no other place, so each is led
    from the root of the outer one.

    Args:
        schema: The schema as the tool declares it.
        at: Where it will stand, such as ``#/properties/arguments``.
    """
    if isinstance(schema, list):
        return [nested(item, at=at) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    found = {}
    for key, item in schema.items():
        if key in _REFERENCES and isinstance(item, str) and item.startswith("#"):
            found[key] = f"{at}{item[1:]}"
        elif key in _DATA:
            found[key] = item
        elif key not in _LEFT_OUT or isinstance(item, Mapping):
            found[key] = nested(item, at=at)
    return found
