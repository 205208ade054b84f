"""Shapes as JSON Schema: what a shape takes its schema takes, and a nested schema stays itself."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from rest_framework import serializers

from cases.api.inputs import CaseIn, HandoffIn, MessageIn, VerificationIn
from governance.api.inputs import Input
from orchestra.mcp import shapes
from orchestra.mcp.own import OWN
from orchestra.mcp.schemas import given_by, nested, schema_of

ID = "01a22715-400c-74b8-ab02-daa67ee32688"


def takes(shape: Any, value: Any) -> tuple[bool, bool]:
    """Return whether the schema takes a value, and whether the shape does."""
    by_schema = Draft202012Validator(schema_of(shape)).is_valid(value)
    return by_schema, shape(data=value).is_valid()


@pytest.mark.parametrize(
    ("shape", "value", "expected"),
    [
        (CaseIn, {"channel": "chat", "text": "x"}, True),
        (CaseIn, {"channel": "chat", "text": "x", "customer": {"ref": ""}}, True),
        (CaseIn, {"channel": "chat", "text": "x", "customer": {"contact_points": ["a"]}}, True),
        (CaseIn, {"channel": "chat", "text": "x", "customer": {"vip": True}}, False),
        (CaseIn, {"channel": "pigeon", "text": "x"}, False),
        (CaseIn, {"channel": "chat", "text": ""}, False),
        (CaseIn, {"channel": "chat", "text": "x" * 20_001}, False),
        (CaseIn, {"channel": "chat"}, False),
        (CaseIn, {"channel": "chat", "text": "x", "mood": "sad"}, False),
        (CaseIn, [], False),
        (MessageIn, {"speaker": "customer", "text": "x", "interaction": ID}, True),
        (MessageIn, {"speaker": "nobody", "text": "x"}, False),
        (HandoffIn, {"to": {"role": "specialist"}, "reason_code": "other"}, True),
        (HandoffIn, {"reason_code": "other"}, False),
        (VerificationIn, {"level": "basic", "method": "x", "evidence": ["a"]}, True),
        (VerificationIn, {"level": "basic", "method": "x", "evidence": ["a"] * 51}, False),
        (shapes.OfCase, {"case_id": ID}, True),
        (shapes.OfCase, {"case_id": ID.upper()}, False),
        (shapes.OfCase, {"case_id": ID + "0"}, False),
        (shapes.OfCase, {"case_id": None}, False),
        (shapes.TimelineIn, {"case_id": ID, "after": 0, "limit": 200}, True),
        (shapes.TimelineIn, {"case_id": ID, "limit": 201}, False),
        (shapes.TimelineIn, {"case_id": ID, "after": -1}, False),
        (shapes.NextStepIn, {}, True),
        (shapes.NextStepIn, {"wait_seconds": 25}, True),
        (shapes.NextStepIn, {"wait_seconds": 25.1}, False),
        (shapes.GovernedIn, {"case_id": ID, "arguments": {}, "confidence": None}, True),
        (shapes.GovernedIn, {"case_id": ID, "arguments": {}, "confidence": 1.1}, False),
        (shapes.GovernedIn, {"case_id": ID, "arguments": {}, "tool": "x"}, False),
        (shapes.GovernedIn, {"arguments": {}}, False),
    ],
)
def test_a_schema_and_its_shape_take_the_same(shape: Any, value: Any, expected: bool) -> None:
    assert takes(shape, value) == (expected, expected)


@pytest.mark.parametrize("tool", OWN, ids=lambda tool: tool.name)
def test_every_schema_is_one(tool: Any) -> None:
    for schema in (schema_of(tool.takes), given_by(tool.gives)):
        Draft202012Validator.check_schema(schema)
        assert schema["type"] == "object"
    assert issubclass(tool.takes, Input)


class _Given(serializers.Serializer[object]):
    name = serializers.CharField(max_length=3)
    minLength = serializers.IntegerField(required=False)  # noqa: N815  a name like a keyword
    at = serializers.DateTimeField(allow_null=True)


def test_what_is_given_is_without_bounds_and_open() -> None:
    schema = given_by(_Given)
    assert schema["properties"]["name"] == {"type": "string"}
    assert schema["required"] == ["name", "at"]
    assert "additionalProperties" not in schema
    assert "minLength" in schema["properties"]
    valid = Draft202012Validator(schema)
    assert valid.is_valid({"name": "longer", "at": None, "more": 1})
    assert not valid.is_valid({"name": "longer", "at": 7})


class TestNested:
    SCHEMA = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "order": {"$ref": "#/$defs/order"},
            "again": {"$ref": "#"},
            "region": {"type": "string", "x-mcp-header": "Region"},
            "x-mcp-header": {"type": "string"},
            "$ref": {"type": "string"},
            "kind": {"enum": ["#/x", {"$ref": "#/x"}], "default": {"$ref": "#/x"}},
        },
        "$defs": {"order": {"type": "string", "pattern": "^#W"}},
    }

    def outer(self) -> dict[str, Any]:
        inner = nested(self.SCHEMA, at="#/properties/arguments")
        return {"type": "object", "properties": {"arguments": inner}}

    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            ({"order": "#W1"}, True),
            ({"order": "W1"}, False),
            ({"again": {"order": "#W1"}}, True),
            ({"again": {"again": {"order": "W1"}}}, False),
            ({"kind": {"$ref": "#/x"}}, True),
            ({"kind": {"$ref": "#/properties/arguments/x"}}, False),
            ({"$ref": 7}, False),
            ({"x-mcp-header": 7}, False),
        ],
    )
    def test_it_judges_as_it_did_by_itself(self, arguments: Any, expected: bool) -> None:
        alone = {key: value for key, value in self.SCHEMA.items() if key != "$schema"}
        assert Draft202012Validator(alone).is_valid(arguments) is expected
        assert Draft202012Validator(self.outer()).is_valid({"arguments": arguments}) is expected

    def test_no_argument_goes_into_a_header(self) -> None:
        inner = self.outer()["properties"]["arguments"]
        assert inner["properties"]["region"] == {"type": "string"}
        assert "$schema" not in inner
