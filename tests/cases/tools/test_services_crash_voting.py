"""kill -9 of a real process while a vote commits: no vote, or a whole decision and its effect."""

import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cases.tools.adapters.base import Endpoint
from cases.tools.adapters.simulated import forget_stores, store_of
from cases.tools.models import ToolCall
from cases.tools.selectors import get_tool
from cases.tools.services import Proposal, propose, sweep
from cases.tools.types import CallState
from governance.access.selectors import authority_of
from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.approvals.types import ApprovalState
from governance.ledger import services as ledger
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from orchestra.core.dispatch import task_names
from tests.cases.tools.conftest import POLICY, publish, wire_approvals
from tests.cases.tools.crash_stage import CANCEL, READ, make_endpoint, pending_order, run
from tests.cases.tools.voting_acts import vote_and_work
from tests.factories.access import make_agent, make_person, make_queue, make_supervisor
from tests.factories.tools import make_case, make_tool

TWO_VOTES = {
    "id": "house",
    "title": "Two people look at every cancellation",
    "when": [{"fact": "tool", "is": CANCEL["name"]}],
    "outcome": "approve",
    "obligations": {"votes": 2},
    "reason": "Two people look at every cancellation.",
}
BEFORE = ["during-vote-commit", "before-vote-commit"]
AFTER = "after-vote-commit-before-doorbell"
LONGEST_SECONDS = 60

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@dataclass(frozen=True)
class Waiting:
    """A call that waits for two votes, and short ways to look at it."""

    endpoint: Endpoint
    call: ToolCall

    def vote(self, voter: str, choice: str = "approve") -> str:
        """Vote in this process; return the refusal's code, or the state of the call."""
        return vote_and_work(self.call.approval_id_text, voter, choice)

    def vote_killed(self, voter: str, point: str, choice: str = "approve") -> None:
        """Vote in another process that is killed at a point."""
        done = run("voting_process", [self.call.approval_id_text, voter, choice], point)
        assert (done.returncode, done.stdout) == (-signal.SIGKILL, ""), done.stderr

    def standing(self) -> tuple[str, str, list[str], Counter[str]]:
        """Return the state of the request and of the call, who voted, and what is recorded."""
        self.call.refresh_from_db()
        request = ApprovalRequest.objects.get(public_id=self.call.approval_id_text)
        votes = ApprovalVote.objects.filter(request=request).order_by("pk")
        kinds = LedgerEntry.objects.values_list("kind", flat=True)
        return (
            request.state,
            self.call.state,
            list(votes.values_list("voter__username", flat=True)),
            Counter(kind for kind in kinds if kind.startswith("approval.")),
        )

    def effects(self) -> tuple[int, int]:
        store = store_of(self.endpoint)
        return store.effects(self.call.effect_key), store.total_effects()


@pytest.fixture
def waiting(tmp_path: Path, fresh_registries: None) -> Iterator[Waiting]:
    del fresh_registries
    endpoint = make_endpoint(tmp_path)
    wire_approvals()
    task_names.register("cases.tools.execute", "cases.tools.execute")
    for document in (READ, CANCEL):
        make_tool(document)
    publish({**POLICY, "rules": [TWO_VOTES]})
    queue = make_queue()
    for name in ("maren", "dario"):
        make_supervisor(queue, name)
    agent = make_agent("", owner=make_person(""), queues=[queue])
    call = propose(
        authority=authority_of(agent.as_actor()),
        now=clock.now(),
        proposal=Proposal(
            case=make_case(queue),
            tool=get_tool(name=CANCEL["name"]),
            arguments={"order_id": pending_order(), "reason": "no longer needed"},
            confidence=0.9,
            margin=0.5,
        ),
    )
    assert call.state == CallState.AWAITING_APPROVAL
    yield Waiting(endpoint, call)
    forget_stores()


def sweep_a_minute(start: datetime) -> None:
    """Sweep as the scheduler would, for no longer than a call may be stuck."""
    for seconds in range(5, LONGEST_SECONDS + 1, 5):
        later = start + timedelta(seconds=seconds)
        sweep(now=later, read_clock=lambda: later)  # noqa: B023  used within the iteration


def check_ended(waiting: Waiting) -> None:
    """One whole decision, one effect, nothing doubled."""
    state, call_state, voters, kinds = waiting.standing()
    assert (state, call_state) == (ApprovalState.USED, CallState.SUCCEEDED)
    assert voters == ["maren", "dario"]
    assert kinds == {
        "approval.requested": 1,
        "approval.voted": 2,
        "approval.granted": 1,
        "approval.used": 1,
    }
    assert waiting.effects() == (1, 1)
    assert LedgerEntry.objects.filter(kind="tool_call.succeeded").count() == 1
    report = ledger.verify(now=clock.now())
    assert report.ok, report.problems


@pytest.mark.parametrize("point", BEFORE)
def test_cut_short_before_its_commit_the_last_vote_leaves_nothing(
    waiting: Waiting, point: str
) -> None:
    assert waiting.vote("maren") == CallState.AWAITING_APPROVAL
    before = waiting.standing()

    waiting.vote_killed("dario", point)

    assert waiting.standing() == before
    sweep_a_minute(clock.now())
    assert waiting.standing() == before
    assert waiting.effects() == (0, 0)
    assert waiting.vote("maren") == "approval.already_voted"
    assert waiting.vote("dario") == CallState.SUCCEEDED
    check_ended(waiting)


def test_cut_short_after_its_commit_the_last_vote_is_a_whole_decision(waiting: Waiting) -> None:
    assert waiting.vote("maren") == CallState.AWAITING_APPROVAL

    waiting.vote_killed("dario", AFTER)

    state, call_state, voters, _kinds = waiting.standing()
    assert (state, call_state) == (ApprovalState.GRANTED, CallState.READY)
    assert voters == ["maren", "dario"]
    assert waiting.vote("dario") == "approval.ended"
    sweep_a_minute(clock.now())
    check_ended(waiting)


@pytest.mark.parametrize("point", [*BEFORE, AFTER])
def test_a_first_vote_cut_short_counts_once_or_not_at_all(waiting: Waiting, point: str) -> None:
    waiting.vote_killed("maren", point)

    state, call_state, voters, _kinds = waiting.standing()
    assert (state, call_state) == (ApprovalState.PENDING, CallState.AWAITING_APPROVAL)
    assert voters == (["maren"] if point == AFTER else [])
    again = "approval.already_voted" if point == AFTER else CallState.AWAITING_APPROVAL
    assert waiting.vote("maren") == again
    assert waiting.vote("dario") == CallState.SUCCEEDED
    check_ended(waiting)


@pytest.mark.parametrize("point", [*BEFORE, AFTER])
def test_a_rejection_cut_short_runs_nothing(waiting: Waiting, point: str) -> None:
    waiting.vote_killed("maren", point, "reject")

    _, call_state, _, kinds = waiting.standing()
    assert kinds["approval.rejected"] == (point == AFTER)
    assert call_state == (CallState.REJECTED if point == AFTER else CallState.AWAITING_APPROVAL)
    sweep_a_minute(clock.now())
    again = "approval.ended" if point == AFTER else CallState.REJECTED
    assert waiting.vote("maren", choice="reject") == again

    state, call_state, voters, kinds = waiting.standing()
    assert (state, call_state, voters) == (ApprovalState.REJECTED, CallState.REJECTED, ["maren"])
    assert kinds == {"approval.requested": 1, "approval.voted": 1, "approval.rejected": 1}
    assert waiting.effects() == (0, 0)
