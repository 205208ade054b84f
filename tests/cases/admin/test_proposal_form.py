import pytest
from django.http import QueryDict

from cases.admin.proposal_form import arguments_of, fields_of, typed_from, typed_of
from cases.tools.parsing import parse_tool
from cases.tools.types import Json, ToolSpec
from orchestra.core.errors import FieldError


@pytest.fixture
def spec() -> ToolSpec:
    return parse_tool(
        document={
            "name": "send",
            "title": "Send",
            "description": "Send things.",
            "connection": "store",
            "operation": {"method": "POST", "path": "/send"},
            "effect": "read",
            "risk": "low",
            "arguments": {
                "type": "object",
                "required": ["to"],
                "properties": {
                    "to": {"type": "string", "description": "Whom."},
                    "items": {"type": "array", "items": {"type": "string"}},
                    "count": {"type": "integer"},
                    "fast": {"type": "boolean", "enum": [True, False]},
                },
            },
        }
    )


@pytest.mark.parametrize(
    ("query", "arguments"),
    [
        ("", {}),
        ("arg.to=+Ann+&other=x", {"to": "Ann"}),
        ("arg.to=12", {"to": "12"}),
        ("arg.items=a%0D%0A%0D%0A+b+", {"items": ["a", "b"]}),
        ("arg.count=12", {"count": 12}),
        ("arg.count=many", {"count": "many"}),
    ],
)
def test_a_form_means_arguments(spec: ToolSpec, query: str, arguments: dict[str, Json]) -> None:
    assert arguments_of(spec, typed_of(spec, QueryDict(query))) == arguments


def test_fields_carry_what_was_typed_and_what_was_wrong(spec: ToolSpec) -> None:
    errors = [
        FieldError("arguments.items[1]", "type", "is no text"),
        FieldError("arguments.to", "required", "is missing; send it"),
    ]
    to, items, count, _fast = fields_of(spec, given={"items": "a"}, errors=errors)
    assert (to["required"], to["help"], to["error"]) == (True, "Whom.", "is missing; send it")
    assert (items["long"], items["value"], items["error"]) == (True, "a", "is no text")
    assert (count["number"], count["error"]) == (True, "")


def test_earlier_arguments_read_as_typed(spec: ToolSpec) -> None:
    typed = typed_from({"to": "Ann", "items": ["a", "b"], "count": 3, "deep": {"a": 1}})
    assert typed == {"to": "Ann", "items": "a\nb", "count": "3", "deep": '{"a": 1}'}
    assert arguments_of(spec, {key: typed[key] for key in ("to", "items", "count")}) == {
        "to": "Ann",
        "items": ["a", "b"],
        "count": 3,
    }
    assert typed_from(None) == {}
