"""Steps without a tool, persons, the end of a case, and newer versions."""

from datetime import timedelta

import pytest

from cases.handoff.models import Handoff
from cases.journeys import selectors, services
from cases.journeys.models import CueSheetVersion, Journey, StepRun
from cases.journeys.services.ending import find_gaps
from cases.journeys.types import JourneyState, StepState
from cases.memory.models import Case
from cases.memory.types import Speaker
from cases.tools.types import CallState
from governance.access import services as access
from governance.access.selectors import authority_of
from governance.ledger.models import LedgerEntry
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from tests.factories.retail import BUILDER, OLIVIA, SMALL, Centre


def test_a_step_is_finished_by_its_owner_once(centre: Centre, case: Case) -> None:
    centre.identify(case)
    evidence = centre.agree(case)
    step = services.complete_step(
        actor=centre.agent, now=centre.clock(), case=case, step="agree", evidence=evidence
    )
    assert step.state == StepState.DONE
    with pytest.raises(ConflictError):
        services.complete_step(actor=centre.agent, now=centre.clock(), case=case, step="agree")
    with pytest.raises(NotFoundError):
        services.complete_step(actor=centre.agent, now=centre.clock(), case=case, step="nothing")
    with pytest.raises(InvalidInputError) as tool:
        services.complete_step(actor=centre.agent, now=centre.clock(), case=case, step="cancel")
    assert tool.value.error_code == "step.needs_tool"


def test_evidence_of_another_case_finishes_nothing(centre: Centre, case: Case) -> None:
    centre.identify(case)
    other = centre.open("Please cancel another order of mine.").case
    with pytest.raises(InvalidInputError) as caught:
        services.complete_step(
            actor=centre.agent,
            now=centre.clock(),
            case=case,
            step="agree",
            evidence=centre.agree(other),
        )
    assert [error.field for error in caught.value.errors] == ["evidence[0]", "evidence[1]"]
    assert centre.states(case)["agree"] == "ready"


def test_an_agent_without_the_queue_sees_and_does_nothing(centre: Centre, case: Case) -> None:
    stranger = access.create_agent(
        actor=BUILDER,
        now=centre.clock(),
        name="Stranger",
        owner=centre.people["petra"],
        queues=[],
    ).as_actor()
    assert not list(selectors.list_ready_steps(authority=authority_of(stranger)))
    before = LedgerEntry.objects.count()
    with pytest.raises(NotPermittedError):
        centre.propose(case, "calculate", {"expression": "1 + 1"}, actor=stranger)
    assert LedgerEntry.objects.count() == before


def test_ready_steps_are_told_to_those_who_own_them(centre: Centre, case: Case) -> None:
    agent = list(selectors.list_ready_steps(authority=authority_of(centre.agent)))
    assert [(step.key, step.journey.case_id) for step in agent] == [
        ("identify", case.pk),
        ("hand_over", case.pk),
    ]
    lena = authority_of(centre.people["lena"].as_actor())
    assert not list(selectors.list_ready_steps(authority=lena))


def test_a_transfer_hands_the_case_over_with_its_bundle(centre: Centre, case: Case) -> None:
    centre.identify(case)
    call = centre.propose(
        case, "transfer_to_human_agents", {"summary": "wants the impossible"}, rationale="beyond me"
    )
    assert call.state == CallState.SUCCEEDED
    handoff = Handoff.objects.get(case=case)
    assert (handoff.queue.key, handoff.reason_code) == ("care", "customer_request")
    assert handoff.missing_parts == []
    assert handoff.bundle["intent"]["title"] == "Cancel a pending order"
    [journey] = Journey.objects.filter(case=case)
    assert journey.state == JourneyState.HANDED_OFF
    states = centre.states(case)
    assert (states["hand_over"], states["agree"]) == ("done", "handed_off")


def test_a_transfer_journey_waits_for_the_persons_sign_off(centre: Centre) -> None:
    case = centre.open("Zzz qqq.").case
    services.start_journey(
        actor=centre.agent, now=centre.clock(), case=case, cue_sheet_key="transfer_to_human"
    )
    centre.propose(case, "transfer_to_human_agents", {"summary": "asks for a person"})
    journey = Journey.objects.get(case=case)
    assert journey.state == JourneyState.RUNNING
    assert centre.states(case)["sign_off"] == "ready"
    lena = centre.people["lena"].as_actor()
    handoff = Handoff.objects.get(case=case)
    services.accept_handoff(actor=lena, now=centre.clock(), handoff_id=handoff.public_id)
    services.complete_step(actor=lena, now=centre.clock(), case=case, step="sign_off")
    journey.refresh_from_db()
    assert journey.state == JourneyState.COMPLETED


def test_what_is_refused_five_times_goes_to_a_person(centre: Centre, case: Case) -> None:
    for number in range(5):
        centre.look_up(case, f"nobody{number}@example.com")
    step = StepRun.objects.get(journey__case=case, key="identify")
    assert (step.state, step.tries) == (StepState.REFUSED, 5)
    handoff = Handoff.objects.get(case=case)
    assert handoff.reason_code == "journey.step_needs_person"
    assert handoff.bundle["next_step"]["key"] == "identify"
    assert Journey.objects.get(case=case).state == JourneyState.HANDED_OFF


def test_an_offered_handoff_carries_what_its_sender_suggests(centre: Centre, case: Case) -> None:
    offer = services.HandoffOffer(
        reason_code="customer_request",
        queue_key="returns",
        suggested_next_step="Call the customer back",
        customer_paragraph="A colleague calls you.",
    )
    handoff = services.offer_handoff(actor=centre.agent, now=centre.clock(), case=case, offer=offer)
    assert handoff.queue.key == "returns"
    assert handoff.bundle["next_step"]["suggested_by"] == "Store assistant"
    assert handoff.bundle["customer_paragraph"]["text"] == "A colleague calls you."
    assert Journey.objects.get(case=case).state == JourneyState.HANDED_OFF


def test_a_case_closes_once_its_journey_is_complete(centre: Centre, case: Case) -> None:
    centre.identify(case, OLIVIA)
    agent, done = centre.agent, {"outcome": "Order cancelled", "confirmed": True}
    services.resolve(actor=agent, now=centre.clock(), case=case, **done)
    with pytest.raises(ConflictError) as early:
        services.close(actor=agent, now=centre.clock(), case=case)
    assert early.value.error_code == "conflict.not_complete"
    services.reopen(actor=agent, now=centre.clock(), case=case, reason="not done yet")
    centre.propose(case, "cancel_pending_order", SMALL, evidence=centre.agree(case))
    centre.work()
    for step in ("tell", "close"):
        services.complete_step(actor=agent, now=centre.clock(), case=case, step=step)
    assert Journey.objects.get(case=case).state == JourneyState.COMPLETED
    services.resolve(actor=agent, now=centre.clock(), case=case, **done)
    with pytest.raises(ConflictError) as untold:
        services.close(actor=agent, now=centre.clock(), case=case)
    assert untold.value.data == {"missing": [{"code": "told", "place": "wrap-up"}]}
    tell(centre, case)
    assert services.close(actor=agent, now=centre.clock(), case=case).status == "closed"


def tell(centre: Centre, case: Case) -> None:
    services.add_message(
        actor=centre.agent,
        now=centre.clock(),
        case=case,
        speaker=Speaker.AI,
        text="Your order is cancelled.",
    )


def test_a_person_may_say_how_the_customer_was_told(centre: Centre, case: Case) -> None:
    centre.identify(case, OLIVIA)
    centre.propose(case, "cancel_pending_order", SMALL, evidence=centre.agree(case))
    centre.work()
    case.refresh_from_db()
    assert [gap.code for gap in find_gaps(case=case)] == ["told"]
    lena = centre.people["lena"].as_actor()
    stated = {"now": centre.clock(), "case": case, "name": "customer_told"}
    message = case.messages.get(speaker="ai", text__startswith="I would")
    services.state_fact(
        actor=centre.agent, value="by letter", source=str(message.public_id), **stated
    )
    assert [gap.code for gap in find_gaps(case=case)] == ["told"]
    services.state_fact(actor=lena, value="By phone, they called back.", **stated)
    assert find_gaps(case=case) == []


def test_a_step_past_its_deadline_fails_and_is_opened_again(centre: Centre, case: Case) -> None:
    later = centre.clock() + timedelta(minutes=31)
    assert services.pass_deadlines(now=later) == 1
    step = StepRun.objects.get(journey__case=case, key="identify")
    assert (step.state, step.tries) == (StepState.READY, 1)
    assert step.due_at == later + timedelta(minutes=30)
    assert services.pass_deadlines(now=later) == 0


def test_a_newer_version_leaves_running_journeys_alone(centre: Centre, case: Case) -> None:
    present = selectors.get_published(key="cancel_order")
    document = {**present.document, "title": "Cancel an order"}
    newer = services.publish_cue_sheet(
        actor=centre.people["petra"].as_actor(), now=centre.clock(), document=document
    )
    assert (newer.state, newer.number) == ("published", 2)
    present.refresh_from_db()
    assert present.state == "retired"
    assert Journey.objects.get(case=case).version_id == present.pk
    assert CueSheetVersion.objects.filter(cue_sheet__key="cancel_order").count() == 2


def test_a_running_journey_ends_by_the_plan_it_began_with(centre: Centre, case: Case) -> None:
    """Neither a version without the step that is due, nor none at all, changes its way."""
    person = centre.people["petra"].as_actor()
    centre.identify(case, OLIVIA)
    document = selectors.get_published(key="cancel_order").document
    steps = [
        {**step, "after": [key for key in step.get("after", []) if key != "agree"]}
        for step in document["steps"]
        if step["key"] not in {"look_up", "agree", "tell"}
    ]
    steps[-1]["after"] = ["cancel"]
    newer = {**document, "steps": steps}
    services.publish_cue_sheet(actor=person, now=centre.clock(), document=newer)
    assert centre.states(case)["agree"] == "ready"
    services.retire_cue_sheet(actor=person, now=centre.clock(), key="cancel_order")
    assert selectors.find_published(key="cancel_order") is None

    call = centre.propose(case, "cancel_pending_order", SMALL, evidence=centre.agree(case))
    assert (call.cue_sheet_version, call.step_key, call.off_plan) == (1, "cancel", False)
    assert centre.states(case)["agree"] == "done"
    assert centre.work() == 1
    assert centre.states(case)["cancel"] == "done"
    for step in ("tell", "close"):
        services.complete_step(actor=centre.agent, now=centre.clock(), case=case, step=step)
    journey = Journey.objects.get(case=case)
    assert (journey.version.number, journey.state) == (1, JourneyState.COMPLETED)
