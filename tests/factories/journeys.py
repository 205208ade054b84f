"""Builds cue sheets and journeys as values."""

from collections.abc import Mapping
from typing import Any

from cases.journeys.types import (
    CueSheetSpec,
    DoesKind,
    JourneyNow,
    JourneyState,
    Pattern,
    Stage,
    StepNow,
    StepSpec,
    StepState,
    When,
)


def make_step(key: str, **changes: Any) -> StepSpec:
    """Return a required tool step of the AI, changed as asked."""
    fields: dict[str, Any] = {
        "key": key,
        "title": key.replace("_", " ").capitalize(),
        "stage": Stage.EXECUTE,
        "owner": "ai",
        "does": DoesKind.TOOL,
        "target": f"do_{key}",
    }
    return StepSpec(**{**fields, **changes})


def make_spec(*steps: StepSpec, **changes: Any) -> CueSheetSpec:
    """Return a cue sheet of the steps that is met once the last one is done."""
    fields: dict[str, Any] = {
        "key": "a_need",
        "title": "A need",
        "intents": (),
        "pattern": Pattern.AI_FIRST,
        "queue": "care",
        "completion": "The last step is done.",
        "recontact_window_hours": 72,
        "sign_off_role": "",
        "steps": steps,
        "all_done": (steps[-1].key,),
    }
    return CueSheetSpec(**{**fields, **changes})


def make_now(
    spec: CueSheetSpec,
    *,
    facts: Mapping[str, Any] | None = None,
    tries: int = 0,
    **states: StepState,
) -> JourneyNow:
    """Return a running journey whose steps are pending but for those named."""
    steps = {
        step.key: StepNow(step.key, states.get(step.key, StepState.PENDING), tries)
        for step in spec.steps
    }
    return JourneyNow(state=JourneyState.RUNNING, steps=steps, facts=dict(facts or {}))


def make_when(fact: str, operator: str, value: Any) -> When:
    """Return a condition."""
    return When(fact=fact, operator=operator, value=value)


def make_document(**changes: Any) -> dict[str, Any]:
    """Return a sound cue sheet document of two steps."""
    document: dict[str, Any] = {
        "key": "cancel_order",
        "title": "Cancel a pending order",
        "intents": ["cancel_order"],
        "pattern": "ai_first",
        "queue": "orders",
        "completion": {"says": "The order is cancelled.", "all_done": ["cancel"]},
        "steps": [
            {
                "key": "identify",
                "title": "Find the customer",
                "stage": "identify",
                "owner": "ai",
                "does": {"tool": ["find_by_email", "find_by_name"]},
                "when": {"fact": "verification", "in": ["none", "claimed"]},
                "otherwise": "retry",
            },
            {
                "key": "cancel",
                "title": "Cancel the order",
                "stage": "execute",
                "owner": "ai",
                "does": {"tool": "cancel"},
                "after": ["identify"],
                "due_in_minutes": 30,
                "done_when": {"tool_succeeded": True},
            },
        ],
    }
    return {**document, **changes}
