"""A missed cue reminds, then goes on as its cue sheet says."""

from datetime import timedelta

from cases.journeys import services
from cases.journeys.models import CueSheetVersion, Journey, StepRun
from cases.journeys.telling import is_open, tell_owner
from cases.journeys.types import JourneyState, StepState
from cases.memory.models import Case
from cases.playback.services import rerun_case
from governance.approvals.types import VoteChoice
from governance.ledger.models import LedgerEntry
from governance.notifications.types import Happened
from tests.factories.retail import CANCEL, Centre


def with_grace(centre: Centre, **changes: object) -> Case:
    """Open a case whose first cue is due in 30 minutes, with 15 more to be reminded in."""
    present = CueSheetVersion.objects.get(cue_sheet__key="cancel_order", state="published")
    steps = [
        {**step, **({"grace_minutes": 15, **changes} if step["key"] == "identify" else {})}
        for step in present.document["steps"]
    ]
    services.publish_cue_sheet(
        actor=centre.people["petra"].as_actor(),
        now=centre.clock(),
        document={**present.document, "steps": steps},
    )
    return centre.open().case


def missed(case: Case) -> list[str]:
    rows = LedgerEntry.objects.filter(stream=case.stream, kind="step.missed")
    return list(rows.values_list("subject_id", flat=True))


def told(step: StepRun) -> set[str]:
    now = step.due_at
    assert now is not None
    happened = Happened(
        index=0,
        event_id="event",
        kind="step.missed",
        at=now,
        actor_id="journey",
        stream="",
        subject_kind="step",
        subject_id=str(step.public_id),
    )
    telling = tell_owner(happened, now)
    return {one.person_id for one in telling.people} if telling else set()


def test_it_reminds_once_and_then_hands_the_case_over(centre: Centre) -> None:
    case = with_grace(centre, otherwise="hand_off")
    step = StepRun.objects.get(journey__case=case, key="identify")
    assert step.due_at is not None
    assert services.pass_deadlines(now=step.due_at - timedelta(seconds=1)) == 0
    assert services.pass_deadlines(now=step.due_at) == 1
    assert services.pass_deadlines(now=step.due_at + timedelta(minutes=14)) == 0
    step.refresh_from_db()
    assert (step.state, step.missed_at) == (StepState.READY, step.due_at)
    assert missed(case) == [str(step.public_id)]
    assert is_open(str(step.public_id))

    assert services.pass_deadlines(now=step.due_at + timedelta(minutes=15)) == 1
    step.refresh_from_db()
    assert (step.state, step.missed_at) == (StepState.FAILED, step.due_at)
    assert Journey.objects.get(case=case).state == JourneyState.HANDED_OFF
    assert centre.kinds(case).count("handoff.offered") == 1
    assert missed(case) == [str(step.public_id)]
    assert not is_open(str(step.public_id))
    assert rerun_case(case=case).verdict == "equal"


def test_without_grace_it_fails_at_once_as_before(case: Case) -> None:
    step = StepRun.objects.get(journey__case=case, key="identify")
    assert step.due_at is not None
    assert services.pass_deadlines(now=step.due_at) == 1
    assert missed(case) == []
    step.refresh_from_db()
    assert step.missed_at is not None


def test_what_waits_for_an_approval_is_missed_and_stays(centre: Centre, case: Case) -> None:
    centre.identify(case)
    call = centre.propose(case, "cancel_pending_order", CANCEL, evidence=centre.agree(case))
    step = StepRun.objects.get(tool_call=call)
    assert step.due_at is not None
    later = step.due_at + timedelta(minutes=1)
    assert services.pass_deadlines(now=later) == 1
    assert services.pass_deadlines(now=later) == 0
    step.refresh_from_db()
    assert (step.state, step.missed_at) == (StepState.WAITING, later)
    centre.vote(call, "maren", VoteChoice.APPROVE)


def test_the_people_of_the_role_are_told_and_supervisors_for_the_ai(centre: Centre) -> None:
    case = with_grace(centre)
    step = StepRun.objects.get(journey__case=case, key="identify")
    supervisors = {str(centre.people[name].public_id) for name in ("maren", "dario")}
    assert told(step) == supervisors
    StepRun.objects.filter(pk=step.pk).update(owner="human_agent")
    assert told(step) == {str(centre.people["lena"].public_id)}
    StepRun.objects.filter(pk=step.pk).update(owner="specialist")
    assert told(step) == supervisors
    StepRun.objects.filter(pk=step.pk).update(state=StepState.DONE)
    assert told(step) == set()
