"""A schema of OpenAPI 3.0 or 3.1 as JSON Schema 2020-12, with its references written out; pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

Json = Any

#: What one schema may come to once its references are written out.
MAX_VALUES: Final = 4000
#: A tool is nested at most 30 levels deep, and its schemas lie some levels below.
MAX_DEPTH: Final = 24
MAX_REFERENCES: Final = 30
MAX_TEXT: Final = 1000
#: Keys of OpenAPI that say nothing about the value, or only to the upstream.
_DROPPED: Final = frozenset(
    {
        *("nullable", "discriminator", "xml", "externalDocs", "example", "examples", "deprecated"),
        *("readOnly", "writeOnly", "$schema", "$id", "$anchor", "$dynamicAnchor", "$comment"),
        *("$defs", "definitions", "contentEncoding", "contentMediaType", "contentSchema"),
    }
)
#: Formats of numbers and text that check nothing.
_FORMATS: Final = frozenset({"int32", "int64", "float", "double", "password", "byte", "binary"})
_MAPS: Final = frozenset({"properties", "patternProperties", "dependentSchemas"})
_LISTS: Final = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_SCHEMAS: Final = frozenset(
    {
        *("items", "contains", "additionalProperties", "unevaluatedProperties", "not", "if"),
        *("then", "else", "propertyNames", "unevaluatedItems"),
    }
)
_TEXTS: Final = frozenset({"title", "description"})


class UnusableError(Exception):
    """A part of a description that cannot become a part of a tool; its text says why."""


def resolve(value: Json, root: Json) -> Json:
    """Return what an object stands for, if it is a reference into the same document.

    Raises:
        UnusableError: It points out of the document, at nothing, or in a circle.
    """
    for _step in range(MAX_REFERENCES):
        if not isinstance(value, Mapping) or not isinstance(value.get("$ref"), str):
            return value
        value = target(value["$ref"], root)
    raise UnusableError("its references lead in a circle")


def target(reference: str, root: Json) -> Json:
    """Return what stands at a reference such as ``#/components/schemas/Order``.

    Raises:
        UnusableError: It points out of the document, or at nothing in it.
    """
    if not reference.startswith("#/"):
        raise UnusableError(f"{reference[:200]!r} points out of the document; nothing is fetched")
    found = root
    for part in reference.removeprefix("#/").split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, Mapping) and name in found:
            found = found[name]
        elif isinstance(found, list) and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        else:
            raise UnusableError(f"{reference[:200]!r} points at nothing")
    return found


class Converter:
    """Converts the schemas of one tool, within one bound for all of them."""

    def __init__(self, root: Json) -> None:
        """Take the document that references go into."""
        self._root = root
        self._left = MAX_VALUES

    def convert(self, schema: Json, *, leave: str = "") -> Json:
        """Return a schema as 2020-12, complete in itself.

        Args:
            schema: As described.
            leave: ``readOnly`` to leave out what only answers have, ``writeOnly`` for what
                only requests have.

        Raises:
            UnusableError: It refers to itself, or comes to too much.
        """
        return self._schema(schema, leave, (), 0)

    def _schema(self, schema: Json, leave: str, above: tuple[str, ...], depth: int) -> Json:
        self._left -= 1
        if self._left < 0 or depth > MAX_DEPTH:
            raise UnusableError("with its references written out it is too large for a tool")
        if not isinstance(schema, Mapping):
            if isinstance(schema, bool):
                return schema
            raise UnusableError("a schema of it is no object")
        reference = schema.get("$ref")
        if isinstance(reference, str):
            if reference in above:
                raise UnusableError(f"{reference[:200]!r} refers to itself")
            whole = self._schema(target(reference, self._root), leave, (*above, reference), depth)
            beside = {key: item for key, item in schema.items() if key != "$ref"}
            rest = self._schema(beside, leave, above, depth) if beside else {}
            return {**whole, **rest} if isinstance(whole, Mapping) else whole
        found = dict(self._parts(schema, leave, above, depth))
        _drop_hidden(found, schema, self._root, leave)
        return _nullable(_bounds(found), schema)

    def _parts(
        self, schema: Mapping[str, Json], leave: str, above: tuple[str, ...], depth: int
    ) -> Iterator[tuple[str, Json]]:
        def inner(one: Json) -> Json:
            return self._schema(one, leave, above, depth + 1)

        for key, item in schema.items():
            if key == "$dynamicRef":
                raise UnusableError("it uses $dynamicRef, which is not understood")
            if key not in _DROPPED and not key.startswith("x-"):
                yield from _part(key, item, inner)


def _part(key: str, item: Json, inner: Callable[[Json], Json]) -> Iterator[tuple[str, Json]]:
    if key in _MAPS and isinstance(item, Mapping):
        yield key, {name: inner(schema) for name, schema in item.items()}
    elif key in _LISTS and isinstance(item, list):
        yield key, [inner(schema) for schema in item]
    elif key in _SCHEMAS and isinstance(item, Mapping):
        yield key, inner(item)
    elif key in _TEXTS:
        yield key, str(item)[:MAX_TEXT]
    elif key != "format" or item not in _FORMATS:
        yield key, item


def _drop_hidden(
    found: dict[str, Json], schema: Mapping[str, Json], root: Json, leave: str
) -> None:
    properties = schema.get("properties")
    if not leave or not isinstance(properties, Mapping):
        return
    hidden = {
        name
        for name, part in properties.items()
        if isinstance(inner := resolve(part, root), Mapping) and inner.get(leave) is True
    }
    if hidden:
        kept = {name: part for name, part in found["properties"].items() if name not in hidden}
        found["properties"] = kept
        required = found.get("required")
        if isinstance(required, list):
            found["required"] = [name for name in required if name not in hidden]


def _bounds(found: dict[str, Json]) -> dict[str, Json]:
    """Turn 3.0's yes-or-no bounds into numbers."""
    for flag, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(found.get(flag), bool) and found.pop(flag) and bound in found:
            found[flag] = found.pop(bound)
    return found


def _nullable(found: dict[str, Json], schema: Mapping[str, Json]) -> dict[str, Json]:
    """Turn 3.0's ``nullable`` into a type that may be null."""
    if schema.get("nullable") is not True:
        return found
    if isinstance(found.get("type"), str):
        found["type"] = [found["type"], "null"]
        if isinstance(found.get("enum"), list) and None not in found["enum"]:
            found["enum"] = [*found["enum"], None]
        return found
    return {"anyOf": [found, {"type": "null"}]} if found else found
