"""Proposing: validate, attach, read, decide, commit the intent."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.memory.types import Speaker, VerificationLevel
from cases.tools import registry
from cases.tools.models import ToolCall
from cases.tools.services import StepContext, resume_verified
from cases.tools.types import CallState
from governance.access.types import Role
from governance.approvals.models import ApprovalRequest
from governance.ledger.models import LedgerEntry
from governance.policies.models import DecisionRecord
from orchestra.core.actors import system
from orchestra.core.errors import (
    ConflictError,
    OrchestraError,
    UpstreamError,
)
from orchestra.core.history import save_as
from tests.cases.tools.conftest import POLICY, World, make_world, publish
from tests.factories.access import ALL_GRANTS, make_person
from tests.factories.tools import FACTORY, NOTE, answer, make_tool, say

#: Queries of one proposal that is allowed, by database work and not by rows.
QUERIES_OF_A_PROPOSAL = 25


def nothing_happened(world: World) -> None:
    assert ToolCall.objects.count() == 0
    assert DecisionRecord.objects.count() == 0
    assert LedgerEntry.objects.filter(stream=world.case.stream).count() == 0
    assert world.store.writes == []


def test_a_refund_within_the_threshold_needs_nobody(world: World) -> None:
    call = world.propose("refund_order", {"order_id": "#W1", "amount": 500})

    assert call.state == CallState.READY


def test_a_person_who_asks_may_not_vote(world: World) -> None:
    actor = world.supervisor.as_actor()

    call = world.propose("refund_order", {"order_id": "#W1", "amount": 612}, actor=actor)

    request = ApprovalRequest.objects.get()
    assert call.confidence == 0.93
    assert "confidence" not in call.facts["values"]
    assert set(request.barred) == {actor.id}


def test_a_denial_is_recorded_and_told(world: World) -> None:
    world.store.orders["#W1"]["status"] = "lost"

    call = world.propose()

    assert (call.state, call.state_reason) == (CallState.DENIED, "The order is lost.")
    assert call.settled_at == world.clock()
    assert world.kinds() == ["decision.recorded", "tool_call.proposed", "tool_call.denied"]
    assert world.settled == [(call.pk, "denied")]
    assert world.store.writes == []


def test_a_read_that_fails_makes_the_fact_unknown_and_fires_the_row(world: World) -> None:
    world.store.read_errors = [UpstreamError("gone", may_retry=True, code="upstream.gone")]

    call = world.propose()

    assert call.state == CallState.DENIED
    assert call.facts["unknown"] == ["order_status"]
    assert call.facts["sources"] == {"order": "error:upstream.gone"}


def test_a_read_that_is_refused_makes_the_fact_unknown(world: World) -> None:
    call = world.propose(arguments={"order_id": "#W999"})

    assert call.facts["unknown"] == ["order_status"]
    assert call.facts["sources"] == {"order": "error:refused"}


def test_an_ai_that_hides_its_confidence_is_unsure(world: World) -> None:
    call = world.propose(confidence=None)

    assert call.facts["unknown"] == ["confidence"]
    assert call.state == CallState.HANDED_OFF


def test_a_specialist_is_asked_by_handing_over(world: World) -> None:
    call = world.propose(confidence=0.2)

    assert call.state == CallState.HANDED_OFF
    assert world.settled == []
    ((pk, over),) = world.handed_off
    assert (pk, over.role, over.reason_code) == (call.pk, "specialist", "policy.specialist")
    assert over.reason == "The AI is not sure enough."
    assert world.kinds()[-1] == "tool_call.handed_off"


def test_a_tool_without_a_risk_is_denied(world: World) -> None:
    make_tool({**NOTE, "name": "note_unrated", "risk": ""})

    call = world.propose("note_unrated")

    assert call.state == CallState.DENIED
    assert call.facts["unknown"] == ["risk"]


def test_a_limit_counts_what_was_allowed(world: World) -> None:
    publish({**POLICY, "limits": [{**POLICY["limits"][0], "at_most": 2}]}, number=2)

    calls = [world.propose(arguments={"order_id": "#W1", "amount": n}) for n in range(3)]

    assert [call.state for call in calls] == ["ready", "ready", "denied"]


def test_medium_risk_waits_for_the_customer_to_be_verified(world: World) -> None:
    make_tool({**NOTE, "name": "note_medium", "risk": "medium"})

    call = world.propose("note_medium")

    assert call.state == CallState.AWAITING_VERIFICATION
    assert world.kinds() == ["decision.recorded", "tool_call.proposed"]
    assert resume_verified(case=world.case, now=world.clock()) == 0

    before = (call.effect_key, call.decision_id)
    world.case.verification = VerificationLevel.BASIC
    save_as(world.case, actor=FACTORY)
    assert resume_verified(case=world.case, now=world.clock()) == 1
    call.refresh_from_db()
    assert call.state == CallState.READY
    assert call.decision_id != before[1]
    assert world.execute(call) == CallState.SUCCEEDED


def test_off_plan_is_a_fact_and_a_floor(world: World) -> None:
    call = world.propose(step=StepContext(off_plan=True))

    assert call.facts["values"]["off_plan"] is True
    assert call.state == CallState.AWAITING_APPROVAL


def test_earlier_refusals_are_counted(world: World) -> None:
    world.store.orders["#W1"]["status"] = "lost"
    first, second = (world.propose(arguments={"order_id": "#W1", "amount": n}) for n in (1, 2))

    assert first.facts["values"]["earlier_refusals"] == 0
    assert second.facts["values"]["earlier_refusals"] == 1


@pytest.mark.parametrize(
    ("said", "cites", "expected"),
    [
        ((Speaker.AI, Speaker.CUSTOMER), 1, True),
        ((Speaker.CUSTOMER, Speaker.AI), 0, False),
        ((Speaker.AI, Speaker.CUSTOMER), 0, False),
        ((Speaker.CUSTOMER,), 0, False),
    ],
)
def test_customer_confirmed(
    world: World, *, said: tuple[Speaker, ...], cites: int, expected: bool
) -> None:
    messages = [say(world.case, speaker, "words") for speaker in said]

    call = world.propose(evidence=(str(messages[cites].public_id),))

    assert call.facts["values"]["customer_confirmed"] is expected


def test_a_specialist_of_the_queue_is_a_fact(world: World) -> None:
    here = make_person("", roles=[Role.SPECIALIST], grants={world.queue: ALL_GRANTS})

    call = world.propose(actor=here.as_actor())
    other = world.propose(actor=world.supervisor.as_actor())

    assert call.facts["values"]["specialist_request"] is True
    assert other.facts["values"]["specialist_request"] is False


def test_the_system_may_propose(world: World) -> None:
    call = world.propose(actor=system("journey"))

    assert (call.state, call.requester_kind) == (CallState.READY, "system")


def test_whoever_waits_for_the_proposal_is_told_in_the_transaction(world: World) -> None:
    seen: list[str] = []
    registry.proposed.register("test", lambda call, _now: seen.append(str(call.state)))

    world.propose()

    assert seen == ["ready"]


def test_a_handler_that_fails_leaves_nothing(world: World) -> None:
    def fail(_call: ToolCall, _now: object) -> None:
        raise ConflictError("no")

    registry.proposed.register("test", fail)

    with pytest.raises(OrchestraError):
        world.propose()
    nothing_happened(world)


@pytest.mark.django_db(transaction=True)
def test_a_proposal_inside_a_transaction_is_a_mistake(fresh_registries: None, rung: Any) -> None:
    del fresh_registries, rung
    world = make_world()

    # The fake store would object first; here the service itself does.
    world.store.call = lambda *_: answer({})  # type: ignore[method-assign]
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        world.propose()


def test_queries_do_not_grow_with_the_case(world: World) -> None:
    world.propose(arguments={"order_id": "#W1", "amount": 1})
    with CaptureQueriesContext(connection) as small:
        world.propose(arguments={"order_id": "#W1", "amount": 2})
    for _ in range(20):
        say(world.case, Speaker.CUSTOMER, "words")
    for number in range(3, 8):
        world.propose(arguments={"order_id": "#W1", "amount": number})
    with CaptureQueriesContext(connection) as large:
        world.propose(arguments={"order_id": "#W1", "amount": 9})

    assert len(small) == len(large)
    assert len(large) <= QUERIES_OF_A_PROPOSAL
