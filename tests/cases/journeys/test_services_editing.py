"""Editing a call of a journey: its step goes to the new call, and ends once."""

import pytest

from cases.journeys import services
from cases.journeys.models import StepRun
from cases.memory.models import Case
from cases.tools.models import ToolCall
from cases.tools.types import CallState
from governance.approvals.types import VoteChoice
from orchestra.core.errors import ConflictError
from tests.factories.retail import CANCEL, Centre

MISTAKE = {**CANCEL, "reason": "ordered by mistake"}


@pytest.fixture
def waiting(centre: Centre, case: Case) -> ToolCall:
    centre.identify(case)
    return centre.propose(case, "cancel_pending_order", CANCEL, evidence=centre.agree(case))


def edit(centre: Centre, call: ToolCall, name: str = "maren") -> ToolCall:
    return services.edit_tool_call(
        actor=centre.people[name].as_actor(),
        call_id=call.public_id,
        request=services.EditRequest(
            arguments=MISTAKE, digest=call.action_digest, reason="They ordered it by mistake."
        ),
        read_clock=centre.clock,
    )


def step_of(case: Case) -> StepRun:
    return StepRun.objects.get(journey__case=case, key="cancel")


def test_the_step_goes_to_the_new_call_and_ends_with_its_result_once(
    centre: Centre, case: Case, waiting: ToolCall
) -> None:
    child = edit(centre, waiting)

    waiting.refresh_from_db()
    step = step_of(case)
    assert (waiting.state, child.state) == (CallState.CANCELLED, CallState.AWAITING_APPROVAL)
    assert (step.tool_call_id, step.state, step.tries) == (child.pk, "waiting", 0)
    assert (child.step_id, child.step_key, child.off_plan) == (
        waiting.step_id,
        "cancel",
        False,
    )
    centre.vote(child, "dario", VoteChoice.APPROVE)
    assert centre.work() == 1
    child.refresh_from_db()
    assert (child.state, child.arguments) == (CallState.SUCCEEDED, MISTAKE)
    assert centre.states(case)["cancel"] == "done"
    kinds = centre.kinds(case)
    assert "step.refused" not in kinds
    assert kinds.count("step.done") == len(
        [state for state in centre.states(case).values() if state == "done"]
    )


def test_a_refused_edit_opens_the_step_again_once(
    centre: Centre, case: Case, waiting: ToolCall
) -> None:
    child = edit(centre, waiting)

    centre.vote(child, "dario", VoteChoice.REJECT)

    step = step_of(case)
    assert (step.state, step.tries) == ("ready", 1)


def test_the_agents_repeat_takes_no_second_way(
    centre: Centre, case: Case, waiting: ToolCall
) -> None:
    child = edit(centre, waiting)

    again = centre.propose(case, "cancel_pending_order", CANCEL, evidence=tuple(waiting.evidence))

    assert again.pk == child.pk
    assert ToolCall.objects.filter(tool__name="cancel_pending_order").count() == 2
    assert "step.off_plan" not in centre.kinds(case)


def test_an_off_plan_call_stays_so_and_is_one_exception(centre: Centre) -> None:
    case = centre.open("Hello, is anybody there?").case
    centre.identify(case)
    call = centre.propose(case, "cancel_pending_order", CANCEL, evidence=centre.agree(case))
    assert call.off_plan

    child = edit(centre, call)

    assert (child.off_plan, child.state) == (True, call.state)
    assert centre.kinds(case).count("step.off_plan") == 1


def test_a_step_that_went_elsewhere_meanwhile_is_left_alone(
    centre: Centre, case: Case, waiting: ToolCall
) -> None:
    StepRun.objects.filter(pk=step_of(case).pk).update(tool_call=None, state="done")
    before = centre.kinds(case)

    with pytest.raises(ConflictError) as refused:
        edit(centre, waiting)

    assert refused.value.error_code == "conflict.step_taken"
    waiting.refresh_from_db()
    assert (waiting.state, centre.kinds(case)) == (CallState.AWAITING_APPROVAL, before)
