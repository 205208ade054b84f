"""Whether the JSON Schema of a tool's arguments can be used on any call; pure.

A schema that is valid by itself may still point at nothing, or at itself without end; a call
would find out. Assumes a schema without cycles of its own, as JSON text has none.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from orchestra.core.errors import FieldError

Json = Any
Schema = Mapping[str, Json]

_REFERENCES: Final = ("$ref", "$dynamicRef")
#: Names that move what a reference is read against; a tool needs none of them.
_MOVING: Final = ("$id", "$anchor", "$dynamicAnchor")
#: Keys under which data stands that only looks like a schema.
_DATA: Final = ("enum", "const", "default", "examples")
#: Keys whose schemas look at the same value as the schema around them.
_LISTS: Final = ("allOf", "anyOf", "oneOf")
_SINGLE: Final = ("not", "if", "then", "else")


def schema_errors(schema: Schema, field: str, *, of_arguments: bool = True) -> Iterator[FieldError]:
    """Yield what keeps a schema from describing arguments, or an answer.

    Args:
        schema: The schema as declared; no reference is ever fetched.
        field: Where it stands, for the findings.
        of_arguments: Whether it describes arguments, which have names.
    """
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        place = ".".join([field, *(str(part) for part in error.absolute_path)])
        yield FieldError(place, "schema", f"is no JSON Schema 2020-12: {error.message}")
        return
    if of_arguments and schema.get("type") != "object":
        yield FieldError(f"{field}.type", "schema", "must be object: arguments have names")
    references = list(_references(schema, schema, field))
    yield from references
    if not references and _is_endless(schema, schema, set()):
        message = "points at itself without end; let the reference stand under properties"
        yield FieldError(field, "schema", message)


def _references(schema: Json, root: Schema, field: str) -> Iterator[FieldError]:
    """Yield the references that leave the document, or point at nothing in it."""
    if isinstance(schema, list):
        for index, item in enumerate(schema):
            yield from _references(item, root, f"{field}[{index}]")
    elif isinstance(schema, Mapping):
        yield from _own_references(schema, root, field)
        for key, item in schema.items():
            if key not in _DATA:
                yield from _references(item, root, f"{field}.{key}")


def _own_references(schema: Schema, root: Schema, field: str) -> Iterator[FieldError]:
    for key in _REFERENCES:
        if isinstance(schema.get(key), str) and _target(root, schema[key]) is None:
            message = "must point at a schema in this document, as in #/$defs/x"
            yield FieldError(f"{field}.{key}", "schema", message)
    for key in _MOVING:
        if isinstance(schema.get(key), str):
            message = "is not used in a tool; point at a schema as in #/$defs/x"
            yield FieldError(f"{field}.{key}", "schema", message)


def _target(root: Schema, reference: str) -> Schema | bool | None:
    """Return the schema that a reference points at, None where it points at none."""
    if reference != "#" and not reference.startswith("#/"):
        return None
    found: Json = root
    for part in reference.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, Mapping) and name in found:
            found = found[name]
        elif isinstance(found, list) and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        else:
            return None
    return found if isinstance(found, Mapping | bool) else None


def _is_endless(root: Schema, schema: Json, done: set[int]) -> bool:
    """Return whether looking at one value by any schema in here would never come to an end."""
    if isinstance(schema, Mapping):
        return _returns(root, schema, set(), done) or any(
            _is_endless(root, item, done) for key, item in schema.items() if key not in _DATA
        )
    return isinstance(schema, list) and any(_is_endless(root, item, done) for item in schema)


def _returns(root: Schema, schema: Json, above: set[int], done: set[int]) -> bool:
    """Return whether a schema leads back to one above it; ``done`` are those that do not."""
    key = id(schema)
    if not isinstance(schema, Mapping) or key in done:
        return False
    if key in above:
        return True
    above.add(key)
    found = any(_returns(root, other, above, done) for other in _beside(root, schema))
    above.discard(key)
    done.add(key)
    return found


def _beside(root: Schema, schema: Schema) -> Iterator[Json]:
    """Yield the schemas that look at the same value as this one."""
    for key in _REFERENCES:
        if isinstance(schema.get(key), str):
            yield _target(root, schema[key])
    for key in _LISTS:
        listed = schema.get(key)
        yield from listed if isinstance(listed, list) else ()
    for key in _SINGLE:
        if key in schema:
            yield schema[key]
    dependent = schema.get("dependentSchemas")
    if isinstance(dependent, Mapping):
        yield from dependent.values()
