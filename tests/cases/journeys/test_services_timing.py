"""A journey whose whole time is over ends, is taken back, and its case goes to people."""

from datetime import timedelta

import pytest

from cases.handoff.models import Handoff
from cases.journeys import services
from cases.journeys.models import CueSheetVersion, Journey, Reversal, StepRun
from cases.journeys.types import JourneyState, ReversalState, StepState
from cases.memory.models import Case
from cases.playback.services import rerun_case
from cases.tools.models import ToolCall
from cases.tools.types import CallState
from governance.ledger.models import LedgerEntry
from tests.factories.retail import CANCEL, OLIVIA, SMALL, Centre

WHOLE = timedelta(minutes=600)


def with_end(centre: Centre, minutes: int | None = 600) -> Case:
    """Open a case whose journey may take ten hours."""
    publish(centre, minutes)
    return centre.open().case


def publish(centre: Centre, minutes: int | None) -> None:
    present = CueSheetVersion.objects.get(cue_sheet__key="cancel_order", state="published")
    services.publish_cue_sheet(
        actor=centre.people["petra"].as_actor(),
        now=centre.clock(),
        document={**present.document, "ends_after_minutes": minutes},
    )


def hold(centre: Centre, case: Case, name: str) -> None:
    getattr(services, f"{name}_journey")(
        actor=centre.people["maren"].as_actor(),
        now=centre.clock(),
        case=case,
        journey_id=Journey.objects.get(case=case).public_id,
        reason="A reason.",
    )


def end_of(case: Case) -> Journey:
    journey = Journey.objects.get(case=case)
    assert journey.ends_at is not None
    return journey


def test_it_ends_what_waits_takes_back_what_was_done_and_tells_people(centre: Centre) -> None:
    case = with_end(centre)
    centre.identify(case, OLIVIA)
    centre.propose(case, "cancel_pending_order", SMALL, evidence=centre.agree(case))
    assert centre.work() == 1
    journey = end_of(case)
    assert journey.ends_at == journey.started_at + WHOLE
    assert services.end_overdue_journeys(now=journey.ends_at - timedelta(seconds=1)) == 0
    assert services.end_overdue_journeys(now=journey.ends_at) == 1
    assert services.end_overdue_journeys(now=journey.ends_at) == 0

    journey.refresh_from_db()
    assert (journey.state, journey.ended_at) == (JourneyState.CANCELLED, journey.ends_at)
    left = StepRun.objects.filter(journey=journey, state=StepState.CANCELLED)
    assert set(left.values_list("ended_reason", flat=True)) == {
        "It was not finished within 600 minutes."
    }
    reversal = Reversal.objects.get(journey=journey)
    assert reversal.state == ReversalState.BY_PERSON
    handoff = Handoff.objects.get(case=case)
    assert (handoff.state, handoff.reason_code) == ("offered", "journey.time_is_over")
    kinds = centre.kinds(case)
    assert kinds.count("journey.timed_out") == kinds.count("reversal.needed") == 1
    assert rerun_case(case=case).verdict == "equal"


def test_a_call_that_waits_for_votes_is_cancelled_with_it(centre: Centre) -> None:
    case = with_end(centre)
    centre.identify(case)
    call = centre.propose(case, "cancel_pending_order", CANCEL, evidence=centre.agree(case))
    assert call.state == CallState.AWAITING_APPROVAL
    assert services.end_overdue_journeys(now=centre.clock() + WHOLE) == 1
    call.refresh_from_db()
    assert call.state == CallState.CANCELLED
    assert not Reversal.objects.exists()
    assert rerun_case(case=case).verdict == "equal"


@pytest.mark.parametrize("state", [CallState.EXECUTING, CallState.UNKNOWN])
def test_what_is_under_way_is_waited_for(centre: Centre, state: CallState) -> None:
    case = with_end(centre)
    centre.identify(case, OLIVIA)
    call = centre.propose(case, "cancel_pending_order", SMALL, evidence=centre.agree(case))
    ToolCall.objects.filter(pk=call.pk).update(state=state)
    before = LedgerEntry.objects.count()
    assert services.end_overdue_journeys(now=centre.clock() + WHOLE) == 0
    assert Journey.objects.get(case=case).state == JourneyState.RUNNING
    assert LedgerEntry.objects.count() == before


def test_its_time_stands_still_while_it_is_paused(centre: Centre) -> None:
    case = with_end(centre)
    first = end_of(case).ends_at
    assert first is not None
    hold(centre, case, "pause")
    centre.clock.at += timedelta(hours=20)
    assert services.end_overdue_journeys(now=centre.clock()) == 0
    hold(centre, case, "resume")
    last = end_of(case).ends_at
    assert last == first + timedelta(hours=20, seconds=2)
    assert services.end_overdue_journeys(now=last - timedelta(seconds=1)) == 0
    assert services.end_overdue_journeys(now=last) == 1
    assert rerun_case(case=case).verdict == "equal"


def test_a_person_who_has_the_case_is_not_ended_by_a_clock(centre: Centre) -> None:
    case = with_end(centre)
    lena = centre.people["lena"].as_actor()
    for number in range(5):
        centre.look_up(case, f"nobody{number}@example.com")
    assert Journey.objects.get(case=case).state == JourneyState.HANDED_OFF
    assert services.end_overdue_journeys(now=centre.clock() + WHOLE) == 0
    found = Handoff.objects.get(case=case)
    services.accept_handoff(actor=lena, now=centre.clock(), handoff_id=found.public_id)
    centre.clock.at += timedelta(hours=20)
    services.return_handoff(
        actor=lena, now=centre.clock(), handoff_id=found.public_id, reason="It is yours."
    )
    assert end_of(case).ends_at == centre.clock.at + WHOLE


def test_another_version_gives_it_another_end_or_none(centre: Centre) -> None:
    case = with_end(centre)
    for minutes in (300, None):
        publish(centre, minutes)
        version = CueSheetVersion.objects.get(cue_sheet__key="cancel_order", state="published")
        services.move_journey(
            actor=centre.people["maren"].as_actor(),
            now=centre.clock(),
            case=case,
            journey_id=Journey.objects.get(case=case).public_id,
            reason="It is better.",
            seen_digest=version.digest,
        )
        ends_at = Journey.objects.get(case=case).ends_at
        assert ends_at == (centre.clock.at + timedelta(minutes=300) if minutes else None)
    assert services.end_overdue_journeys(now=centre.clock() + timedelta(days=900)) == 0
    assert rerun_case(case=case).verdict == "equal"


def test_a_journey_without_a_time_runs_as_long_as_it_takes(centre: Centre, case: Case) -> None:
    assert Journey.objects.get(case=case).ends_at is None
    assert services.end_overdue_journeys(now=centre.clock() + timedelta(days=900)) == 0
