"""The conductor: a case from its first word to a verified outcome."""

from datetime import timedelta

import pytest

from cases.handoff.models import Handoff
from cases.journeys import selectors, services
from cases.journeys.models import CueSheetVersion, Journey, StepRun
from cases.journeys.types import JourneyState, StepState
from cases.memory.models import Case
from cases.memory.types import VerificationLevel
from cases.tools.adapters.retail.store import RetailStore
from cases.tools.models import ToolCall
from cases.tools.services import resume_verified
from cases.tools.types import CallState
from governance.access import services as access
from governance.access.selectors import authority_of
from governance.access.types import StepUpProof
from governance.approvals.models import ApprovalRequest
from governance.approvals.services import cast_vote
from governance.approvals.types import Ballot, VoteChoice
from governance.ledger.models import LedgerEntry
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from tests.cases.journeys.conftest import BUILDER, Centre

CANCEL = {"order_id": "#W5199551", "reason": "no longer needed"}
SMALL = {"order_id": "#W9373487", "reason": "no longer needed"}


@pytest.fixture
def case(centre: Centre) -> Case:
    return centre.open().case


def email_of(user_id: str) -> str:
    user = RetailStore.fresh().call(operation="get_user_details", arguments={"user_id": user_id})
    return str(user["email"])


def vote(centre: Centre, call: ToolCall, name: str, choice: VoteChoice) -> None:
    request = ApprovalRequest.objects.get(public_id=call.approval_id_text)
    ballot = Ballot(
        choice=choice,
        action_digest=request.action_digest,
        view_digest=request.view_digest,
        reason="seen",
        proof=StepUpProof(at=centre.clock.at, method="test"),
    )
    cast_vote(
        actor=centre.people[name].as_actor(),
        now=centre.clock(),
        request_id=request.public_id,
        ballot=ballot,
    )


# Opening


def test_a_first_word_becomes_a_case_with_queue_journey_and_steps(centre: Centre) -> None:
    opened = centre.open(external_ref="chat-1")
    assert not opened.rejoined
    assert opened.case.queue.key == "orders"
    [journey] = opened.journeys
    assert (journey.version.cue_sheet.key, journey.state) == ("cancel_order", "running")
    assert centre.states(opened.case) == {
        "identify": "ready",
        "look_up": "pending",
        "agree": "pending",
        "cancel": "pending",
        "tell": "pending",
        "hand_over": "ready",
        "close": "pending",
    }
    kinds = centre.kinds(opened.case)
    assert kinds[0] == "case.opened"
    assert kinds.count("journey.started") == 1
    assert kinds.count("step.ready") == 2


def test_the_same_matter_rejoins_its_case_without_a_second_journey(centre: Centre) -> None:
    first = centre.open(external_ref="chat-1")
    again = centre.open("Are you there?", external_ref="chat-1")
    assert again.rejoined
    assert again.case.pk == first.case.pk
    assert len(again.journeys) == 1
    assert again.message.text == "Are you there?"


def test_words_without_a_known_need_start_no_journey(centre: Centre) -> None:
    opened = centre.open("Zzz qqq.")
    assert opened.journeys == ()
    assert opened.case.queue.key == "care"


def test_a_verification_an_ai_sends_along_stays_a_claim(centre: Centre) -> None:
    opened = centre.open(
        customer_ref="fatima_johnson_7581", verified_level="basic", verified_method="password"
    )
    assert opened.case.verification == VerificationLevel.CLAIMED
    assert centre.states(opened.case)["identify"] == "ready"


# Starting


def test_a_further_need_gets_a_journey_of_its_own(centre: Centre, case: Case) -> None:
    journey = services.start_journey(
        actor=centre.agent, now=centre.clock(), case=case, cue_sheet_key="return_items"
    )
    assert journey.version.cue_sheet.key == "return_items"
    assert Journey.objects.filter(case=case).count() == 2


def test_a_journey_that_has_not_begun_is_not_started_twice(centre: Centre, case: Case) -> None:
    before = Journey.objects.get(case=case)
    again = services.start_journey(
        actor=centre.agent, now=centre.clock(), case=case, cue_sheet_key="cancel_order"
    )
    assert again.pk == before.pk
    assert Journey.objects.filter(case=case).count() == 1


def test_an_unknown_cue_sheet_is_refused(centre: Centre, case: Case) -> None:
    with pytest.raises(InvalidInputError) as caught:
        services.start_journey(
            actor=centre.agent, now=centre.clock(), case=case, cue_sheet_key="nothing"
        )
    assert caught.value.errors[0].field == "cue_sheet"
    assert Journey.objects.filter(case=case).count() == 1


# Proposing


def test_identifying_verifies_the_customer_and_moves_the_journey_on(
    centre: Centre, case: Case
) -> None:
    call = centre.identify(case, email_of("fatima_johnson_7581"))
    assert (call.state, call.result, call.step_key) == (
        CallState.SUCCEEDED,
        "fatima_johnson_7581",
        "identify",
    )
    case.refresh_from_db()
    assert case.verification == VerificationLevel.BASIC
    assert case.customer is not None
    assert case.customer.ref == "fatima_johnson_7581"
    states = centre.states(case)
    assert (states["identify"], states["agree"], states["cancel"]) == ("done", "ready", "pending")


def test_a_lookup_that_finds_nobody_may_be_tried_again(centre: Centre, case: Case) -> None:
    refused = centre.identify(case, "nobody@example.com")
    assert (refused.state, refused.refused) == (CallState.FAILED, True)
    step = StepRun.objects.get(journey__case=case, key="identify")
    assert (step.state, step.tries) == (StepState.READY, 1)
    found = centre.propose(
        case,
        "find_user_id_by_name_zip",
        {"first_name": "Fatima", "last_name": "Johnson", "zip": "78712"},
    )
    step.refresh_from_db()
    assert (found.state, step.state) == (CallState.SUCCEEDED, StepState.DONE)
    case.refresh_from_db()
    assert case.customer is not None
    assert case.customer.name == "Fatima Johnson"


def test_a_second_customer_is_not_taken_for_the_first(centre: Centre, case: Case) -> None:
    centre.identify(case, email_of("fatima_johnson_7581"))
    other = centre.identify(case, email_of("yusuf_rossi_9620"))
    assert other.state == CallState.SUCCEEDED
    case.refresh_from_db()
    assert case.customer is not None
    assert case.customer.ref == "fatima_johnson_7581"
    assert "verification.refused" in centre.kinds(case)


def test_a_large_cancellation_waits_for_a_vote_and_then_runs(centre: Centre, case: Case) -> None:
    centre.identify(case, email_of("fatima_johnson_7581"))
    call = centre.propose(
        case, "cancel_pending_order", CANCEL, evidence=centre.agree(case), rationale="asked for"
    )
    assert (call.state, call.step_key, call.off_plan) == (
        CallState.AWAITING_APPROVAL,
        "cancel",
        False,
    )
    states = centre.states(case)
    assert (states["agree"], states["cancel"]) == ("done", "waiting")
    vote(centre, call, "maren", VoteChoice.APPROVE)
    assert centre.states(case)["cancel"] == "running"
    assert centre.work() == 1
    call.refresh_from_db()
    assert (call.state, call.confirmed) == (CallState.SUCCEEDED, True)
    states = centre.states(case)
    assert (states["cancel"], states["tell"]) == ("done", "ready")
    kinds = centre.kinds(case)
    order = [
        "tool_call.proposed",
        "decision.recorded",
        "approval.requested",
        "approval.granted",
        "execution.claimed",
        "tool_call.succeeded",
        "step.done",
    ]
    tail = kinds[kinds.index("approval.requested") - 6 :]
    assert [kind for kind in order if kind in tail] == order


def test_a_rejected_call_opens_its_step_again(centre: Centre, case: Case) -> None:
    centre.identify(case, email_of("fatima_johnson_7581"))
    call = centre.propose(case, "cancel_pending_order", CANCEL, evidence=centre.agree(case))
    vote(centre, call, "maren", VoteChoice.REJECT)
    call.refresh_from_db()
    step = StepRun.objects.get(journey__case=case, key="cancel")
    assert (call.state, step.state, step.tries) == (CallState.REJECTED, StepState.READY, 1)


def test_a_denied_write_names_its_reason_and_opens_its_step_again(
    centre: Centre, case: Case
) -> None:
    centre.identify(case, email_of("fatima_johnson_7581"))
    services.complete_step(actor=centre.agent, now=centre.clock(), case=case, step="agree")
    call = centre.propose(case, "cancel_pending_order", CANCEL)
    assert call.state == CallState.DENIED
    assert "explicit yes" in call.state_reason
    step = StepRun.objects.get(journey__case=case, key="cancel")
    assert (step.state, step.tries) == (StepState.READY, 1)


def test_a_write_no_step_asks_for_is_off_plan(centre: Centre) -> None:
    case = centre.open("Zzz qqq.").case
    centre.identify(case, email_of("olivia_lopez_3865"))
    call = centre.propose(case, "cancel_pending_order", SMALL, evidence=centre.agree(case))
    assert (call.off_plan, call.state) == (True, CallState.AWAITING_APPROVAL)
    assert "step.off_plan" in centre.kinds(case)


def test_a_small_cancellation_runs_without_a_vote(centre: Centre, case: Case) -> None:
    centre.identify(case, email_of("olivia_lopez_3865"))
    call = centre.propose(case, "cancel_pending_order", SMALL, evidence=centre.agree(case))
    assert (call.state, call.step_key) == (CallState.READY, "cancel")
    assert centre.states(case)["cancel"] == "running"
    centre.work()
    call.refresh_from_db()
    assert call.state == CallState.SUCCEEDED


def test_the_same_proposal_attaches_while_the_first_is_open(centre: Centre, case: Case) -> None:
    centre.identify(case, email_of("fatima_johnson_7581"))
    evidence = centre.agree(case)
    first = centre.propose(case, "cancel_pending_order", CANCEL, evidence=evidence)
    again = centre.propose(case, "cancel_pending_order", CANCEL, evidence=evidence)
    assert again.pk == first.pk
    assert ToolCall.objects.filter(tool__name="cancel_pending_order").count() == 1


def test_a_named_step_must_fit_and_be_ready(centre: Centre, case: Case) -> None:
    with pytest.raises(InvalidInputError) as unknown:
        centre.propose(case, "cancel_pending_order", CANCEL, step="nowhere")
    assert unknown.value.errors[0].field == "step"
    with pytest.raises(InvalidInputError):
        centre.propose(case, "cancel_pending_order", CANCEL, step="identify")
    with pytest.raises(ConflictError):
        centre.propose(case, "cancel_pending_order", CANCEL, step="cancel")
    assert not ToolCall.objects.exists()


def test_reading_before_the_customer_is_known_waits_and_is_resumed(
    centre: Centre, case: Case
) -> None:
    call = centre.propose(case, "get_order_details", {"order_id": "#W5199551"})
    assert call.state == CallState.AWAITING_VERIFICATION
    centre.identify(case, email_of("fatima_johnson_7581"))
    case.refresh_from_db()
    assert resume_verified(case=case, now=centre.clock()) == 1
    centre.work()
    call.refresh_from_db()
    assert call.state == CallState.SUCCEEDED


def test_another_customers_order_is_denied(centre: Centre, case: Case) -> None:
    centre.identify(case, email_of("yusuf_rossi_9620"))
    call = centre.propose(case, "get_order_details", {"order_id": "#W5199551"})
    assert call.state == CallState.DENIED
    assert call.result is None


# Steps


def test_a_step_is_finished_by_its_owner_once(centre: Centre, case: Case) -> None:
    centre.identify(case, email_of("fatima_johnson_7581"))
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
    centre.identify(case, email_of("fatima_johnson_7581"))
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


# To a person


def test_a_transfer_hands_the_case_over_with_its_bundle(centre: Centre, case: Case) -> None:
    centre.identify(case, email_of("fatima_johnson_7581"))
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
        centre.identify(case, f"nobody{number}@example.com")
    step = StepRun.objects.get(journey__case=case, key="identify")
    assert (step.state, step.tries) == (StepState.REFUSED, 5)
    handoff = Handoff.objects.get(case=case)
    assert handoff.reason_code == "journey.step_needs_person"
    assert handoff.bundle["next_step"]["key"] == "identify"
    assert Journey.objects.get(case=case).state == JourneyState.HANDED_OFF


def test_an_offered_handoff_carries_what_its_sender_suggests(centre: Centre, case: Case) -> None:
    offer = services.HandoffOffer(
        reason_code="customer_asked",
        queue_key="returns",
        suggested_next_step="Call the customer back",
        customer_paragraph="A colleague calls you.",
    )
    handoff = services.offer_handoff(actor=centre.agent, now=centre.clock(), case=case, offer=offer)
    assert handoff.queue.key == "returns"
    assert handoff.bundle["next_step"]["suggested_by"] == "Store assistant"
    assert handoff.bundle["customer_paragraph"]["text"] == "A colleague calls you."
    assert Journey.objects.get(case=case).state == JourneyState.HANDED_OFF


# The end


def test_a_case_closes_once_its_journey_is_complete(centre: Centre, case: Case) -> None:
    centre.identify(case, email_of("olivia_lopez_3865"))
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
    assert services.close(actor=agent, now=centre.clock(), case=case).status == "closed"


def test_a_step_past_its_deadline_fails_and_is_opened_again(centre: Centre, case: Case) -> None:
    later = centre.clock() + timedelta(minutes=31)
    assert services.pass_deadlines(now=later) == 1
    step = StepRun.objects.get(journey__case=case, key="identify")
    assert (step.state, step.tries) == (StepState.READY, 1)
    assert step.due_at == later + timedelta(minutes=30)
    assert services.pass_deadlines(now=later) == 0


# Publishing


def test_a_newer_version_leaves_running_journeys_alone(centre: Centre, case: Case) -> None:
    present = selectors.get_published(key="cancel_order")
    document = {**present.document, "title": "Cancel an order"}
    submitted = services.submit_cue_sheet(
        actor=centre.people["petra"].as_actor(), now=centre.clock(), document=document
    )
    assert (submitted.state, submitted.number) == ("submitted", 2)
    assert selectors.get_published(key="cancel_order").pk == present.pk
    newer = services.publish_cue_sheet(
        actor=centre.people["petra"].as_actor(), now=centre.clock(), document=document
    )
    assert (newer.state, newer.number) == ("published", 3)
    present.refresh_from_db()
    assert present.state == "retired"
    assert Journey.objects.get(case=case).version_id == present.pk
    assert CueSheetVersion.objects.filter(cue_sheet__key="cancel_order").count() == 3
