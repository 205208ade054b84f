"""What a scrape is told of tool calls."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.tools.metrics import collect_calls
from cases.tools.models import ToolAttempt, ToolCall
from tests.factories.retail import Centre


@pytest.fixture
def centre(retail_centre: Centre) -> Centre:
    return retail_centre


def told() -> dict[str, float]:
    return {
        "".join([sample.name.removeprefix("orchestra_"), *sample.labels.values()]): sample.value
        for family in collect_calls()
        for sample in family.samples
    }


def test_calls_are_told_by_state_end_and_length(centre: Centre, now: datetime) -> None:
    assert told()["tool_calls_openawaiting_approval"] == 0
    assert "tool_attempt_longest_seconds" not in told()
    case = centre.open().case
    centre.propose(case, "get_order_details", {"order_id": "#W2378156"})
    call = ToolCall.objects.get()
    found = told()
    assert found["tool_calls_openawaiting_verification"] == 1
    assert sum(value for name, value in found.items() if name.startswith("tool_calls_newest")) == 0
    ToolCall.objects.update(state="succeeded")
    for number, seconds in enumerate((1, 2, 30), start=1):
        ToolAttempt.objects.create(
            call=call,
            number=number,
            started_at=now,
            ended_at=now + timedelta(seconds=seconds),
            outcome="answered" if seconds < 30 else "error",
        )
    ToolAttempt.objects.create(call=call, number=4, started_at=now)
    with CaptureQueriesContext(connection) as captured:
        found = told()
    assert len(captured) == 3
    assert found["tool_calls_openawaiting_verification"] == 0
    assert found["tool_calls_newestsucceeded"] == 1
    assert (found["tool_attempts_newestanswered"], found["tool_attempts_newesterror"]) == (2, 1)
    assert (found["tool_attempt_seconds0.5"], found["tool_attempt_longest_seconds"]) == (2, 30)
