"""A journey that is paused, goes on, or is cancelled."""

from datetime import timedelta

import pytest

from cases.journeys import services
from cases.journeys.models import Journey, StepRun
from cases.journeys.types import JourneyState, StepState
from cases.memory.models import Case
from cases.playback.services import rerun_case
from cases.tools.models import ToolCall
from cases.tools.types import CallState
from governance.approvals.types import VoteChoice
from governance.ledger.models import LedgerEntry
from governance.ledger.selectors import payload_of
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from tests.factories.retail import CANCEL, OLIVIA, SMALL, Centre


def act(centre: Centre, case: Case, name: str, **changes: object) -> Journey:
    journey = Journey.objects.get(case=case)
    act = getattr(services, f"{name}_journey")
    given = {
        "actor": centre.people["maren"].as_actor(),
        "now": centre.clock(),
        "case": case,
        "journey_id": journey.public_id,
        "reason": "The customer wants to think.",
        **changes,
    }
    found: Journey = act(**given)
    return found


def runs_equal(case: Case) -> bool:
    return rerun_case(case=case).verdict == "equal"


def test_while_paused_nothing_starts_and_what_was_approved_waits(
    centre: Centre, case: Case
) -> None:
    centre.identify(case)
    call = centre.propose(case, "cancel_pending_order", CANCEL, evidence=centre.agree(case))
    assert call.state == CallState.AWAITING_APPROVAL
    assert act(centre, case, "pause").state == JourneyState.PAUSED
    centre.vote(call, "maren", VoteChoice.APPROVE)
    call.refresh_from_db()
    assert call.state == CallState.READY
    assert centre.work() == 0
    before = centre.states(case)
    with pytest.raises(ConflictError) as held:
        services.complete_step(actor=centre.agent, now=centre.clock(), case=case, step="tell")
    assert held.value.error_code == "conflict.step_not_ready"
    assert services.pass_deadlines(now=centre.clock() + timedelta(days=9)) == 0
    assert centre.states(case) == before

    act(centre, case, "resume")
    assert centre.work() == 1
    assert centre.states(case)["cancel"] == "done"
    assert runs_equal(case)


def test_a_named_step_of_a_paused_journey_is_not_begun(centre: Centre, case: Case) -> None:
    act(centre, case, "pause")
    with pytest.raises(ConflictError) as held:
        centre.propose(case, "find_user_id_by_email", {"email": "a@b.example"}, step="identify")
    assert held.value.error_code == "conflict.journey_held"
    assert not ToolCall.objects.exists()


def test_deadlines_move_by_as_long_as_it_stood(centre: Centre, case: Case) -> None:
    step = StepRun.objects.get(journey__case=case, key="identify")
    assert step.due_at is not None
    paused = centre.clock()
    act(centre, case, "pause", now=paused)
    act(centre, case, "resume", now=paused + timedelta(hours=2))
    due = step.due_at + timedelta(hours=2)
    step.refresh_from_db()
    assert step.due_at == due
    assert services.pass_deadlines(now=due - timedelta(seconds=1)) == 0
    assert services.pass_deadlines(now=due) == 1
    assert runs_equal(case)


def test_a_cancelled_journey_leaves_nothing_open(centre: Centre, case: Case) -> None:
    centre.identify(case)
    call = centre.propose(case, "cancel_pending_order", CANCEL, evidence=centre.agree(case))
    act(centre, case, "cancel")
    call.refresh_from_db()
    assert call.state == CallState.CANCELLED
    journey = Journey.objects.get(case=case)
    assert (journey.state, journey.reversals.count()) == (JourneyState.CANCELLED, 0)
    assert set(centre.states(case).values()) <= {"done", "skipped", "refused", "cancelled"}
    assert services.pass_deadlines(now=centre.clock() + timedelta(days=9)) == 0
    with pytest.raises(ConflictError):
        act(centre, case, "cancel")
    assert runs_equal(case)


def test_a_call_of_unknown_outcome_is_settled_first(centre: Centre, case: Case) -> None:
    centre.identify(case, OLIVIA)
    call = centre.propose(case, "cancel_pending_order", SMALL, evidence=centre.agree(case))
    ToolCall.objects.filter(pk=call.pk).update(state=CallState.UNKNOWN)
    before = LedgerEntry.objects.count()
    with pytest.raises(ConflictError) as caught:
        act(centre, case, "cancel")
    assert caught.value.error_code == "conflict.call_under_way"
    assert Journey.objects.get(case=case).state == JourneyState.RUNNING
    assert LedgerEntry.objects.count() == before


@pytest.mark.parametrize("name", ["pause", "resume", "cancel"])
def test_only_a_person_with_a_reason_and_at_the_right_moment(
    centre: Centre, case: Case, name: str
) -> None:
    before = LedgerEntry.objects.count()
    with pytest.raises(NotPermittedError):
        act(centre, case, name, actor=centre.agent)
    with pytest.raises(InvalidInputError):
        act(centre, case, name, reason="  ")
    with pytest.raises(NotFoundError):
        act(centre, case, name, journey_id="00000000-0000-7000-8000-000000000000")
    if name == "resume":
        with pytest.raises(ConflictError):
            act(centre, case, name)
    assert Journey.objects.get(case=case).state == JourneyState.RUNNING
    assert LedgerEntry.objects.count() == before
    assert StepRun.objects.filter(state=StepState.CANCELLED).count() == 0


def test_a_pause_records_whom_it_waits_for(centre: Centre, case: Case) -> None:
    with pytest.raises(InvalidInputError) as refused:
        act(centre, case, "pause", waits_for="the moon")
    assert [one.field for one in refused.value.errors] == ["waits_for"]
    for whom in ("customer", "third_party", ""):
        act(centre, case, "pause", waits_for=whom)
        act(centre, case, "resume")
    paused = LedgerEntry.objects.filter(kind="journey.paused").order_by("id")
    told = [payload_of(entry=one) or {} for one in paused]
    assert [one.get("waits_for") for one in told] == ["customer", "third_party", None]
    assert runs_equal(case)
