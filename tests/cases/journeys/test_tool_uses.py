"""Which steps use a tool, and what another version of it would break there."""

from dataclasses import replace
from typing import Any

import pytest

from cases.journeys.selectors import get_published
from cases.journeys.services import publish_cue_sheet
from cases.journeys.tool_uses import broken_by, uses_of
from cases.tools.registry import Use
from cases.tools.selectors import get_tool, spec_of
from cases.tools.types import ToolSpec
from orchestra.core.actors import system
from tests.factories.retail import Centre

pytestmark = pytest.mark.django_db
TOOL = "cancel_pending_order"


def schema(*, required: list[str], **changes: Any) -> dict[str, Any]:
    text = {"type": "string"}
    names = ("order_id", "reason")
    return {
        "type": "object",
        "properties": dict.fromkeys(names, text),
        "required": required,
        **changes,
    }


@pytest.fixture
def spec(centre: Centre) -> ToolSpec:
    """The tool that a step of one cue sheet calls with bound arguments."""
    document = get_published(key="cancel_order").document
    steps = [dict(step) for step in document["steps"]]
    at = next(i for i, step in enumerate(steps) if TOOL in str(step["does"].get("tool", "")))
    bound = {"order_id": "order_id", "reason": "cancel_reason"}
    steps[at] = {**steps[at], "does": {"tool": TOOL}, "bind": bound}
    publish_cue_sheet(
        actor=system("test"), now=centre.clock(), document={**document, "steps": steps}
    )
    return spec_of(get_tool(name=TOOL))


def test_every_step_that_uses_a_tool_is_named(spec: ToolSpec) -> None:
    del spec
    assert uses_of("nothing") == ()
    [use] = [use for use in uses_of(TOOL) if use.key == "cancel_order"]
    sheet = get_published(key="cancel_order")
    assert (use.kind, use.title) == ("cue_sheet", sheet.cue_sheet.title)
    assert use == Use(use.kind, use.key, use.title, use.place)
    assert use.place in {step["title"] for step in sheet.document["steps"]}


def test_arguments_that_a_bound_step_gives_are_kept(spec: ToolSpec) -> None:
    fits = replace(spec, arguments=schema(required=["order_id", "reason"]))
    assert broken_by(fits) == ()
    gone = replace(spec, arguments={**schema(required=[]), "properties": {"order_id": {}}})
    assert [(one.field, one.code) for one in broken_by(gone)] == [
        ("arguments.properties.reason", "used_argument")
    ]
    more = replace(spec, arguments=schema(required=["order_id", "why"]))
    [error] = broken_by(more)
    assert (error.field, error.code) == ("arguments.required", "missing_argument")
    assert "does not give why" in error.message


def test_a_schema_of_several_parts_is_not_judged(spec: ToolSpec) -> None:
    for rules in ({"additionalProperties": True}, {"allOf": [{"required": ["order_id"]}]}):
        arguments = {**schema(required=[], **rules), "properties": {}}
        assert broken_by(replace(spec, arguments=arguments)) == ()
