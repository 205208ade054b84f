"""What a cancelled journey changed is taken back by a decided call, or left to a person."""

import pytest

from cases.journeys import services
from cases.journeys.models import Journey, Reversal
from cases.journeys.types import ReversalState
from cases.memory.models import Case
from cases.playback.services import rerun_case
from cases.tools.models import ToolDefinition, ToolVersion
from cases.tools.parsing import tool_digest
from cases.tools.types import CallState
from orchestra.core.errors import ConflictError, InvalidInputError, NotPermittedError
from tests.factories.retail import OLIVIA, SMALL, Centre

TOOL = "cancel_pending_order"


def abandon(
    centre: Centre, case: Case, reversed_by: str, *, take_back: bool = True, **more: object
) -> Journey:
    """Carry the journey's change out and cancel the journey."""
    tool = ToolDefinition.objects.get(name=TOOL)
    if reversed_by:
        document = {**tool.document, "reversed_by": reversed_by, **more}
        text = {"document": document, "digest": tool_digest(document)}
        ToolDefinition.objects.filter(pk=tool.pk).update(**text)
        ToolVersion.objects.filter(tool=tool).update(**text)
    centre.identify(case, OLIVIA)
    centre.propose(case, TOOL, SMALL, evidence=centre.agree(case))
    assert centre.work() == 1
    return services.cancel_journey(
        actor=centre.people["maren"].as_actor(),
        now=centre.clock(),
        case=case,
        journey_id=Journey.objects.get(case=case).public_id,
        reason="The customer changed their mind.",
        take_back=take_back,
    )


def test_the_declared_reversal_is_proposed_and_decided_once(centre: Centre, case: Case) -> None:
    journey = abandon(centre, case, "get_order_details")
    row = Reversal.objects.get(journey=journey)
    assert (row.state, row.tool) == (ReversalState.PENDING, "get_order_details")
    call = services.propose_reversal(journey_pk=journey.pk, now=centre.clock())
    assert call is not None
    assert call.arguments == {"order_id": SMALL["order_id"]}
    assert (call.off_plan, call.step_id, call.requester_id) == (True, "", "journey")
    assert call.decision.outcome == "allow"
    assert services.propose_reversal(journey_pk=journey.pk, now=centre.clock()) is None
    assert services.reverse_due(now=centre.clock()) == 0
    centre.work()
    row.refresh_from_db()
    assert (row.state, row.tool_call_id) == (ReversalState.DONE, call.pk)
    kinds = centre.kinds(case)
    assert (kinds.count("reversal.needed"), kinds.count("reversal.ended")) == (1, 1)
    assert rerun_case(case=case).verdict == "equal"


def test_its_arguments_come_from_where_the_tool_says(centre: Centre, case: Case) -> None:
    mapping = {"order_id": "$answer.order_id", "reason": "ordered by mistake"}
    journey = abandon(centre, case, TOOL, reversed_with=mapping)
    call = services.propose_reversal(journey_pk=journey.pk, now=centre.clock())
    assert call is not None
    assert call.arguments == {"order_id": SMALL["order_id"], "reason": "ordered by mistake"}


def test_what_is_not_where_the_tool_says_leaves_it_to_a_person(centre: Centre, case: Case) -> None:
    journey = abandon(centre, case, TOOL, reversed_with={"order_id": "$answer.nowhere"})
    assert services.propose_reversal(journey_pk=journey.pk, now=centre.clock()) is None
    row = Reversal.objects.get(journey=journey)
    assert row.state == ReversalState.BY_PERSON
    assert "is not known from the record" in row.reason


def test_a_write_off_the_plan_is_never_allowed_more_than_on_it(centre: Centre, case: Case) -> None:
    journey = abandon(centre, case, TOOL)
    call = services.propose_reversal(journey_pk=journey.pk, now=centre.clock())
    assert call is not None
    assert call.decision.outcome in {"approve", "specialist", "deny"}
    assert call.state != CallState.READY


def test_a_reversal_that_is_not_carried_out_becomes_a_persons(centre: Centre, case: Case) -> None:
    journey = abandon(centre, case, TOOL)
    call = services.propose_reversal(journey_pk=journey.pk, now=centre.clock())
    row = Reversal.objects.get(journey=journey)
    if call is not None and row.state == ReversalState.PROPOSED:
        services.cancel_tool_call(
            actor=centre.people["maren"].as_actor(), now=centre.clock(), call_id=call.public_id
        )
        row.refresh_from_db()
    assert row.state == ReversalState.BY_PERSON
    assert row.reason


@pytest.mark.parametrize("reversed_by", ["", "modify_user_address"], ids=["none", "unknown"])
def test_what_no_tool_takes_back_is_a_persons_to_say(
    centre: Centre, case: Case, reversed_by: str
) -> None:
    journey = abandon(centre, case, reversed_by)
    assert services.propose_reversal(journey_pk=journey.pk, now=centre.clock()) is None
    row = Reversal.objects.get(journey=journey)
    assert row.state == ReversalState.BY_PERSON
    assert row.reason
    given = {"now": centre.clock(), "case": case, "reversal_id": row.public_id, "done": True}
    maren = centre.people["maren"].as_actor()
    with pytest.raises(NotPermittedError):
        services.finish_reversal(actor=centre.agent, reason="Done.", **given)
    with pytest.raises(InvalidInputError):
        services.finish_reversal(actor=maren, reason=" ", **given)
    done = services.finish_reversal(actor=maren, reason="Ordered again.", **given)
    assert (done.state, done.reason) == (ReversalState.DONE, "Ordered again.")
    with pytest.raises(ConflictError):
        services.finish_reversal(actor=maren, reason="Again.", **given)


def test_nothing_is_taken_back_where_the_person_says_so(centre: Centre, case: Case) -> None:
    journey = abandon(centre, case, "get_order_details", take_back=False)
    assert not Reversal.objects.filter(journey=journey).exists()
    assert services.reverse_due(now=centre.clock()) == 0
