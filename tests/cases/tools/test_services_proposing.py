"""Proposing: validate, attach, read, decide, commit the intent."""

from typing import Any

import pytest

from cases.memory.types import CaseStatus, Speaker
from cases.tools.models import ToolCall
from cases.tools.services import StepContext, preparing
from cases.tools.types import CallState
from governance.approvals.models import ApprovalRequest
from governance.ledger.models import LedgerEntry
from governance.policies.models import DecisionRecord
from orchestra.core import canonical
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotPermittedError,
)
from orchestra.core.history import save_as
from tests.cases.tools.conftest import World
from tests.factories.access import make_agent
from tests.factories.tools import FACTORY, NOTE, make_case, make_tool, say

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
    found = preparing.find_repeated
    looks = iter([None])
    monkeypatch.setattr(preparing, "find_repeated", lambda **about: next(looks, found(**about)))

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
        ("Order status: delivered", "confirmed"),
        ("Amount minor: 61200", "claimed"),
        ("Who the customer is; nobody has verified them", "unknown"),
        ("The customer said: “Yes, please.”", "claimed"),
    }
    assert call.facts["values"]["customer_confirmed"] is True
    assert world.kinds() == ["decision.recorded", "tool_call.proposed", "approval.requested"]
    assert world.store.writes == []
