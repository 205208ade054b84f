"""Every state of a call as an outcome and as a task."""

import pytest

from cases.tools.models import ToolCall
from cases.tools.types import CallState
from orchestra.mcp import outcomes
from tests.conftest import NOW

S = CallState
#: State to what it is called, whether it is an error, how the task stands, whether it is one.
TABLE = {
    S.PROPOSED: ("running", False, "working", True),
    S.READY: ("running", False, "working", True),
    S.EXECUTING: ("running", False, "working", True),
    S.AWAITING_APPROVAL: ("pending_approval", False, "working", True),
    S.UNKNOWN: ("unknown", False, "working", True),
    S.AWAITING_VERIFICATION: ("pending_verification", False, "working", False),
    S.SUCCEEDED: ("succeeded", False, "completed", False),
    S.FAILED: ("failed", True, "completed", False),
    S.DENIED: ("denied", True, "completed", False),
    S.REJECTED: ("rejected", True, "completed", False),
    S.EXPIRED: ("expired", True, "completed", False),
    S.VOIDED: ("voided", True, "completed", False),
    S.HANDED_OFF: ("handed_off", True, "completed", False),
    S.COMPENSATED: ("compensated", True, "completed", False),
    S.CANCELLED: ("cancelled", True, "cancelled", False),
}


def test_the_table_is_whole() -> None:
    assert set(TABLE) == set(CallState)
    assert {state for state, row in TABLE.items() if row[3]} == outcomes.ENDS_ALONE


@pytest.mark.parametrize("state", CallState)
def test_a_state(state: CallState) -> None:
    name, is_error, status, _is_task = TABLE[state]
    call = ToolCall(state=state, created_at=NOW, settled_at=NOW if state.is_terminal else None)
    assert outcomes.name_of(call) == name
    assert outcomes.is_error(call) is is_error
    task = outcomes.task_of(call, call)
    assert task["status"] == status
    assert task["statusMessage"].endswith(".")
    assert ("pollIntervalMs" in task) is (status == "working")
