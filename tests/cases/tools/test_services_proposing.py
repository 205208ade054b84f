"""Proposing: validate, attach, read, decide, commit the intent."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.memory.types import CaseStatus, Speaker, VerificationLevel
from cases.tools import registry
from cases.tools.models import ToolCall
from cases.tools.services import StepContext, proposing, resume_verified
from cases.tools.types import CallState
from governance.access.types import Role
from governance.approvals.models import ApprovalRequest
from governance.ledger.models import LedgerEntry
from governance.policies.models import DecisionRecord
from orchestra.core import canonical
from orchestra.core.actors import system
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotPermittedError,
    OrchestraError,
    UpstreamError,
)
from orchestra.core.history import save_as
from tests.cases.tools.conftest import POLICY, World, make_world, publish
from tests.factories.access import ALL_GRANTS, make_agent, make_person
from tests.factories.tools import FACTORY, NOTE, answer, make_case, make_tool, say

#: Queries of one proposal that is allowed, by database work and not by rows.
QUERIES_OF_A_PROPOSAL = 25


def nothing_happened(world: World) -> None:
    assert ToolCall.objects.count() == 0
    assert DecisionRecord.objects.count() == 0
    assert LedgerEntry.objects.filter(stream=world.case.stream).count() == 0
    assert world.store.writes == []


def test_an_allowed_call_is_ready_and_rings(
    world: World, rung: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        call = world.propose()

    assert (call.state, call.due_at, call.attempt) == (CallState.READY, world.clock(), 0)
    assert rung == [("cases.tools.execute", call.pk)]
    assert world.kinds() == ["decision.recorded", "tool_call.proposed"]
    assert call.decision.outcome == "allow"
    assert call.facts["values"]["order_status"] == "delivered"
    assert call.facts["values"]["confidence"] == 0.93
    assert set(call.facts["sources"]) == {"order"}
    assert world.settled == []
    assert [request.tool for request in world.store.requests] == ["get_order"]


def test_the_bytes_received_are_kept(world: World) -> None:
    body = b'{"amount": 10.50, "order_id": "#W1"}'

    call = world.propose(arguments={"amount": 10.5, "order_id": "#W1"}, arguments_bytes=body)

    assert bytes(call.arguments_bytes) == body


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"arguments": {}}, {("arguments.order_id", "required")}),
        ({"arguments": {"order_id": "#W1", "x": 1}}, {("arguments.x", "unknown")}),
        ({"arguments": {"order_id": 3}}, {("arguments.order_id", "type")}),
        ({"tool": "no_such_tool"}, {("tool", "unknown")}),
        ({"confidence": 1.5, "margin": -1.0}, {("confidence", "range"), ("margin", "range")}),
        ({"rationale": "x" * 5000}, {("rationale", "too_long")}),
        ({"evidence": ("not-an-id",)}, {("evidence[0]", "id")}),
        (
            {"evidence": ("00000000-0000-7000-8000-0000000000aa",)},
            {("evidence[0]", "unknown")},
        ),
        (
            {"arguments": {"order_id": "#W1"}, "arguments_bytes": b'{"order_id": "#W2"}'},
            {("arguments", "bytes")},
        ),
    ],
)
def test_what_is_not_acceptable_changes_nothing(
    world: World, fields: dict[str, Any], errors: set[tuple[str, str]]
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        world.propose(**fields)

    assert {(error.field, error.code) for error in caught.value.errors} == errors
    nothing_happened(world)


def test_money_with_too_many_digits(world: World) -> None:
    with pytest.raises(InvalidInputError) as caught:
        world.propose("refund_order", {"order_id": "#W1", "amount": 10.001})

    assert [error.field for error in caught.value.errors] == ["arguments.amount"]
    nothing_happened(world)


def test_evidence_of_another_case_is_unknown(world: World) -> None:
    message = say(make_case(world.queue), Speaker.CUSTOMER, "Yes.")

    with pytest.raises(InvalidInputError):
        world.propose(evidence=(str(message.public_id),))
    nothing_happened(world)


def test_who_may_not_propose(world: World) -> None:
    stranger = make_agent("", owner=world.owner).as_actor()

    with pytest.raises(NotPermittedError):
        world.propose(actor=stranger)
    nothing_happened(world)


def test_a_tool_that_is_switched_off(world: World) -> None:
    tool = make_tool({**NOTE, "name": "note_twice"})
    tool.enabled = False
    save_as(tool, actor=FACTORY)

    with pytest.raises(ConflictError) as caught:
        world.propose("note_twice")
    assert caught.value.error_code == "tool.switched_off"
    nothing_happened(world)


@pytest.mark.parametrize("status", [CaseStatus.RESOLVED, CaseStatus.CLOSED])
def test_a_case_that_is_not_open(world: World, status: CaseStatus) -> None:
    world.case.status = status
    save_as(world.case, actor=FACTORY)

    with pytest.raises(ConflictError):
        world.propose()
    nothing_happened(world)


def test_an_identical_proposal_attaches(world: World) -> None:
    first = world.propose(arguments={"order_id": "#W1", "amount": 1})

    again = world.propose(arguments={"amount": 1.0, "order_id": "#W1"}, rationale="another")

    assert again.pk == first.pk
    assert ToolCall.objects.count() == 1
    assert world.kinds() == ["decision.recorded", "tool_call.proposed"]


def test_another_requester_or_case_does_not_attach(world: World) -> None:
    first = world.propose()

    person = world.propose(actor=world.supervisor.as_actor())
    elsewhere = world.propose(case=make_case(world.queue))

    assert len({first.pk, person.pk, elsewhere.pk}) == 3
    assert len({first.effect_key, person.effect_key, elsewhere.effect_key}) == 3


def test_after_an_end_it_is_a_new_action_with_a_key_of_its_own(world: World) -> None:
    first = world.propose()
    world.execute(first)

    again = world.propose()

    assert first.state == CallState.SUCCEEDED
    assert again.pk != first.pk
    assert again.arguments_digest == first.arguments_digest
    assert again.effect_key != first.effect_key


def test_of_two_at_once_one_attaches(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The constraint decides where both looked before either wrote."""
    first = world.propose()
    found = proposing.find_open_call
    looks = iter([None, None])
    monkeypatch.setattr(proposing, "find_open_call", lambda **about: next(looks, found(**about)))

    second = world.propose()

    assert second.pk == first.pk
    assert ToolCall.objects.count() == 1
    assert DecisionRecord.objects.count() == 1


def test_an_approval_shows_all_and_bars_the_owner(world: World) -> None:
    say(world.case, Speaker.AI, "Shall I refund $612.00?")
    yes = say(world.case, Speaker.CUSTOMER, "Yes, please.")

    call = world.propose(
        "refund_order",
        {"order_id": "#W1", "amount": 612.0},
        rationale="Asked for it.",
        customer_paragraph="The refund is on its way.",
        evidence=(str(yes.public_id),),
        step=StepContext(
            step_id="s1",
            step_key="refund",
            title="Issue the refund",
            cue_sheet="returns",
            version=4,
            stage="execute",
            pattern="ai_first",
        ),
    )

    request = ApprovalRequest.objects.get()
    view = canonical.loads_strict(bytes(request.view))
    assert call.state == CallState.AWAITING_APPROVAL
    assert call.approval_id_text == str(request.public_id)
    assert request.title == "Refund 612.0 for order #W1"
    assert (request.amount_minor, request.currency) == (61200, "USD")
    assert request.action_digest == call.action_digest == view["action_digest"]
    assert set(request.barred) == {str(world.owner.public_id)}
    assert request.step_up
    assert view["requester"]["owner"] == world.owner.label
    assert [line["text"] for line in view["conversation"]] == [
        "Shall I refund $612.00?",
        "Yes, please.",
    ]
    assert {(line["text"], line["trust"]) for line in view["evidence"]} == {
        ("order status: delivered", "confirmed"),
        ("amount minor: 61200", "claimed"),
        ("customer not verified", "unknown"),
        ("“Yes, please.”", "claimed"),
    }
    assert call.facts["values"]["customer_confirmed"] is True
    assert world.kinds() == ["decision.recorded", "tool_call.proposed", "approval.requested"]
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

    assert seen == ["proposed"]


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
