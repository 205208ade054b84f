"""A proposal finds its step, and the step follows the call."""

import pytest

from cases.journeys import selectors, services
from cases.journeys.models import StepRun
from cases.journeys.types import StepState
from cases.memory.models import Case
from cases.memory.types import VerificationLevel
from cases.playback.services import rerun_case
from cases.tools.models import ToolCall
from cases.tools.services import resume_verified
from cases.tools.types import CallState
from governance.approvals.types import VoteChoice
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
)
from tests.factories.retail import BUILDER, CANCEL, FATIMA, OLIVIA, SMALL, YUSUF, Centre


def test_identifying_verifies_the_customer_and_moves_the_journey_on(
    centre: Centre, case: Case
) -> None:
    call = centre.identify(case)
    assert (call.state, call.result, call.step_key) == (
        CallState.SUCCEEDED,
        FATIMA,
        "identify",
    )
    case.refresh_from_db()
    assert case.verification == VerificationLevel.BASIC
    assert case.customer is not None
    assert case.customer.ref == FATIMA
    states = centre.states(case)
    assert (states["identify"], states["agree"], states["cancel"]) == ("done", "ready", "pending")


def test_a_lookup_that_finds_nobody_may_be_tried_again(centre: Centre, case: Case) -> None:
    refused = centre.look_up(case, "nobody@example.com")
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
    centre.identify(case)
    other = centre.identify(case, YUSUF)
    assert other.state == CallState.SUCCEEDED
    case.refresh_from_db()
    assert case.customer is not None
    assert case.customer.ref == FATIMA
    assert "verification.refused" in centre.kinds(case)


def test_a_large_cancellation_waits_for_a_vote_and_then_runs(centre: Centre, case: Case) -> None:
    centre.identify(case)
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
    centre.vote(call, "maren", VoteChoice.APPROVE)
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
    centre.identify(case)
    call = centre.propose(case, "cancel_pending_order", CANCEL, evidence=centre.agree(case))
    centre.vote(call, "maren", VoteChoice.REJECT)
    call.refresh_from_db()
    step = StepRun.objects.get(journey__case=case, key="cancel")
    assert (call.state, step.state, step.tries) == (CallState.REJECTED, StepState.READY, 1)


def test_a_denied_write_names_its_reason_and_opens_its_step_again(
    centre: Centre, case: Case
) -> None:
    centre.identify(case)
    services.complete_step(actor=centre.agent, now=centre.clock(), case=case, step="agree")
    call = centre.propose(case, "cancel_pending_order", CANCEL)
    assert call.state == CallState.DENIED
    assert "explicit yes" in call.state_reason
    step = StepRun.objects.get(journey__case=case, key="cancel")
    assert (step.state, step.tries) == (StepState.READY, 1)


def test_a_write_no_step_asks_for_is_off_plan(centre: Centre) -> None:
    case = centre.open("Hello, is anybody there?").case
    centre.identify(case, OLIVIA)
    call = centre.propose(case, "cancel_pending_order", SMALL, evidence=centre.agree(case))
    assert (call.off_plan, call.state) == (True, CallState.AWAITING_APPROVAL)
    assert "step.off_plan" in centre.kinds(case)


def test_a_small_cancellation_runs_without_a_vote(centre: Centre, case: Case) -> None:
    centre.identify(case, OLIVIA)
    call = centre.propose(case, "cancel_pending_order", SMALL, evidence=centre.agree(case))
    assert (call.state, call.step_key) == (CallState.READY, "cancel")
    assert centre.states(case)["cancel"] == "running"
    centre.work()
    call.refresh_from_db()
    assert call.state == CallState.SUCCEEDED


def test_the_same_proposal_attaches_while_the_first_is_open(centre: Centre, case: Case) -> None:
    centre.identify(case)
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
    centre.identify(case)
    case.refresh_from_db()
    assert resume_verified(case=case, now=centre.clock()) == 1
    centre.work()
    call.refresh_from_db()
    assert call.state == CallState.SUCCEEDED


def test_another_customers_order_is_denied(centre: Centre, case: Case) -> None:
    centre.identify(case, YUSUF)
    call = centre.propose(case, "get_order_details", {"order_id": "#W5199551"})
    assert call.state == CallState.DENIED
    assert call.result is None


def test_cited_evidence_makes_a_named_step_ready(centre: Centre, case: Case) -> None:
    centre.identify(case)
    call = centre.propose(
        case, "cancel_pending_order", CANCEL, step="cancel", evidence=centre.agree(case)
    )
    assert (call.step_key, call.off_plan) == ("cancel", False)
    assert centre.states(case)["agree"] == "done"


def test_a_bound_step_is_proposed_by_the_system_under_the_same_decision(
    centre: Centre, case: Case
) -> None:
    document = selectors.get_published(key="status_question").document
    steps = [dict(step) for step in document["steps"]]
    look_up = next(step for step in steps if step["key"] == "look_up")
    look_up.update(does={"tool": "get_user_details"}, bind={"user_id": "customer_ref"})
    services.publish_cue_sheet(
        actor=BUILDER, now=centre.clock(), document={**document, "steps": steps}
    )
    centre.identify(case)
    services.start_journey(
        actor=centre.agent, now=centre.clock(), case=case, cue_sheet_key="status_question"
    )
    step = StepRun.objects.get(journey__case=case, tools=["get_user_details"])
    assert step.state == StepState.RUNNING
    call = services.propose_bound_step(step_pk=step.pk, now=centre.clock())
    assert call is not None
    assert (call.requester_kind, call.arguments) == ("system", {"user_id": FATIMA})
    assert services.propose_bound_step(step_pk=step.pk, now=centre.clock()) is None
    centre.work()
    step.refresh_from_db()
    assert step.state == StepState.DONE


def test_a_step_that_is_tried_again_is_proposed_by_the_system_too(centre: Centre) -> None:
    document = {
        "key": "look",
        "title": "Look",
        "intents": [],
        "pattern": "ai_first",
        "queue": "care",
        "completion": {"says": "Seen.", "all_done": ["look"]},
        "steps": [
            {
                "key": "look",
                "title": "Look up",
                "stage": "identify",
                "owner": "ai",
                "does": {"tool": "get_user_details"},
                "bind": {"user_id": "customer_ref"},
                "otherwise": "retry",
            }
        ],
    }
    services.publish_cue_sheet(actor=BUILDER, now=centre.clock(), document=document)
    case = centre.open("Something else entirely.").case
    services.start_journey(actor=centre.agent, now=centre.clock(), case=case, cue_sheet_key="look")
    step = StepRun.objects.get(journey__case=case, key="look")
    centre.propose(case, "get_user_details", {"user_id": "nobody"}, step=str(step.public_id))
    centre.identify(case)
    resume_verified(case=case, now=centre.clock())
    step.refresh_from_db()
    assert (step.state, step.tries) == (StepState.RUNNING, 1)
    call = services.propose_bound_step(step_pk=step.pk, now=centre.clock())
    assert call is not None
    centre.work()
    step.refresh_from_db()
    assert (step.state, step.tool_call_id) == (StepState.DONE, call.pk)
    assert rerun_case(case=case).verdict == "equal"


def test_a_step_taken_in_the_meantime_refuses_a_second_write(centre: Centre, case: Case) -> None:
    centre.identify(case)
    call = centre.propose(case, "cancel_pending_order", CANCEL, evidence=centre.agree(case))
    step = StepRun.objects.get(journey__case=case, key="cancel")
    call.pk, call.off_plan = call.pk + 1, False
    with pytest.raises(ConflictError) as caught:
        services.call_proposed(call, centre.clock())
    assert caught.value.error_code == "conflict.step_taken"
    step.refresh_from_db()
    assert step.state == StepState.WAITING
