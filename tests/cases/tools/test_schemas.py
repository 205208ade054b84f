"""Schemas that would only fail on a call are refused with the tool."""

from typing import Any

import pytest

from cases.tools.schemas import schema_errors

TEXT = {"type": "string"}


def fields(schema: dict[str, Any]) -> list[str]:
    return [error.field for error in schema_errors(schema, "arguments")]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": TEXT}},
        # A tree is finite in every call, so it may name itself below its own properties.
        {"type": "object", "properties": {"child": {"$ref": "#"}}},
        {"type": "object", "properties": {"$id": TEXT, "$ref": TEXT}},
        {"type": "object", "properties": {"a": {"enum": [{"$ref": "elsewhere"}]}}},
        {"type": "object", "allOf": [{"$ref": "#/$defs/a~1b"}], "$defs": {"a/b": {}}},
    ],
)
def test_what_any_call_can_be_held_against(schema: dict[str, Any]) -> None:
    assert fields(schema) == []


@pytest.mark.parametrize(
    ("schema", "field"),
    [
        ({"type": "object", "properties": {"a": {"type": "txt"}}}, "arguments.properties.a.type"),
        ({"type": "array"}, "arguments.type"),
        (
            {"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}},
            "arguments.properties.a.$ref",
        ),
        ({"type": "object", "$ref": "https://elsewhere/x"}, "arguments.$ref"),
        ({"type": "object", "$ref": "#anchor"}, "arguments.$ref"),
        ({"type": "object", "$id": "https://elsewhere/x"}, "arguments.$id"),
        ({"type": "object", "$ref": "#"}, "arguments"),
        (
            {
                "type": "object",
                "properties": {"a": {"$ref": "#/$defs/a"}},
                "$defs": {"a": {"allOf": [{"not": {"$ref": "#/$defs/a"}}]}},
            },
            "arguments",
        ),
    ],
)
def test_what_only_a_call_would_find_out(schema: dict[str, Any], field: str) -> None:
    assert fields(schema) == [field]


def test_many_references_are_looked_at_once_each() -> None:
    depth = 60
    defs: dict[str, Any] = {
        f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(depth)
    }
    defs[f"d{depth}"] = TEXT
    assert (
        fields({"type": "object", "properties": {"a": {"$ref": "#/$defs/d0"}}, "$defs": defs}) == []
    )
