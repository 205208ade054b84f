"""An edit against votes at the same moment: exactly one wins; and an edit that is killed."""

import signal
from collections import Counter
from typing import Any

import pytest

from cases.tools.models import ToolCall
from cases.tools.services import execute_call
from cases.tools.types import CallState
from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.approvals.types import ApprovalState
from governance.ledger.models import LedgerEntry
from orchestra.core.errors import OrchestraError
from tests.cases.tools.conftest import World, make_world
from tests.cases.tools.crash_stage import run
from tests.cases.tools.test_services_crash_voting import Waiting, waiting  # noqa: F401  used by name
from tests.cases.tools.test_services_races import at_once
from tests.cases.tools.voting_acts import edit_it
from tests.factories.access import make_supervisor

ROUNDS = 4
EACH = 3

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def crowd(fresh_registries: None, rung: list[Any]) -> World:
    del fresh_registries, rung
    return make_world()


def _act(world: World, call: ToolCall, number: int, person: Any) -> str:
    seen = ToolCall.objects.get(pk=call.pk)
    try:
        if number % 2:
            world.approve(seen, voter=person)
            return "voted"
        world.edit(seen, {"order_id": "#W1", "amount": 600 + number}, editor=person)
    except OrchestraError as error:
        return error.error_code
    return "edited"


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_of_edits_and_votes_at_once_one_wins(crowd: World, turn: int) -> None:
    call = crowd.propose("refund_order", {"order_id": "#W1", "amount": 900 + turn})
    people = [make_supervisor(crowd.queue) for _ in range(2 * EACH)]

    ends = Counter(
        at_once(lambda number: _act(crowd, call, number, people[number]), threads=2 * EACH)
    )

    lost = {"tool_call.edited_or_decided", "approval.ended"}
    assert ends["edited"] + ends["voted"] == 1, ends
    assert set(ends) <= lost | {"edited", "voted"}
    call.refresh_from_db()
    request = ApprovalRequest.objects.get(public_id=call.approval_id_text)
    children = ToolCall.objects.filter(edited_from=call)
    if ends["edited"]:
        assert (call.state, request.state) == (CallState.CANCELLED, ApprovalState.VOIDED)
        assert [child.state for child in children] == [CallState.AWAITING_APPROVAL]
        assert not ApprovalVote.objects.exists()
    else:
        assert (call.state, request.state) == (CallState.READY, ApprovalState.GRANTED)
        assert not children
    for each in ToolCall.objects.all():
        execute_call(call_id=each.pk, read_clock=crowd.clock)
    assert len(crowd.store.writes) == ends["voted"]


@pytest.mark.processes
def test_an_edit_that_is_killed_before_its_commit_never_was(
    waiting: Waiting,  # noqa: F811  pytest names fixtures so
) -> None:
    entries = LedgerEntry.objects.count()
    before = waiting.standing()
    arguments = [waiting.call.approval_id_text, "maren", "edit"]

    done = run("voting_process", arguments, "before-edit-commit")

    assert (done.returncode, done.stdout) == (-signal.SIGKILL, ""), done.stderr
    assert waiting.standing() == before
    assert (ToolCall.objects.count(), LedgerEntry.objects.count()) == (1, entries)
    assert edit_it(waiting.call.approval_id_text, "maren") == CallState.AWAITING_APPROVAL
    waiting.call.refresh_from_db()
    assert waiting.call.state == CallState.CANCELLED
