"""Editing a call that waits: a new action with its own digest, decision and votes."""

from collections import Counter
from typing import Any

import pytest

from cases.memory.types import CaseStatus, Speaker
from cases.tools.models import ToolCall
from cases.tools.selectors import find_replacement
from cases.tools.services import cancel_call
from cases.tools.types import CallState
from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.approvals.selectors import view_of
from governance.approvals.types import ApprovalState, VoteChoice
from governance.ledger.models import EntryPayload, LedgerEntry
from governance.policies.models import DecisionRecord, LimitUse
from orchestra.core import canonical
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotPermittedError,
)
from orchestra.core.history import save_as
from tests.cases.tools.conftest import POLICY, World, publish
from tests.factories.access import make_supervisor
from tests.factories.tools import FACTORY, say

ASKED = {"order_id": "#W1", "amount": 900}
LESS = {"order_id": "#W1", "amount": 700}
FREE = {"order_id": "#W1", "amount": 20}


@pytest.fixture
def waiting(world: World) -> ToolCall:
    call = world.propose("refund_order", ASKED, rationale="Asked for it.")
    assert call.state == CallState.AWAITING_APPROVAL
    return call


def request_of(call: ToolCall) -> ApprovalRequest:
    return ApprovalRequest.objects.get(public_id=call.approval_id_text)


def payload(kind: str) -> dict[str, Any]:
    body = EntryPayload.objects.filter(entry__kind=kind).latest("entry_id").body
    found: dict[str, Any] = canonical.loads_strict(bytes(body))
    return found


def everything() -> list[Any]:
    return [
        list(model.objects.order_by("pk").values_list())
        for model in (ToolCall, ApprovalRequest, ApprovalVote, DecisionRecord, LimitUse)
    ] + [LedgerEntry.objects.count()]


def test_an_edit_is_a_new_action_with_its_own_digest_and_votes(
    world: World, waiting: ToolCall
) -> None:
    asked = request_of(waiting)

    child = world.edit(waiting, LESS)

    asked.refresh_from_db()
    assert (waiting.state, waiting.state_reason) == (
        CallState.CANCELLED,
        f"Edited by {world.supervisor.label}.",
    )
    assert (asked.state, asked.ended_reason) == (ApprovalState.VOIDED, waiting.state_reason)
    assert (child.state, child.arguments) == (CallState.AWAITING_APPROVAL, LESS)
    assert (child.requester_id, child.requester_kind) == (world.agent.id, "agent")
    assert (child.edited_from_id, child.edited_by_id) == (
        waiting.pk,
        str(world.supervisor.public_id),
    )
    assert (child.confidence, child.rationale) == (0.93, "Asked for it.")
    assert child.action_digest != waiting.action_digest
    assert child.effect_key != waiting.effect_key
    fresh = request_of(child)
    assert (fresh.state, fresh.action_digest) == (ApprovalState.PENDING, child.action_digest)
    assert fresh.requester_id == world.agent.id
    assert find_replacement(waiting) == child
    assert find_replacement(child) is None


def test_both_calls_stand_in_the_ledger(world: World, waiting: ToolCall) -> None:
    before = len(world.kinds())

    child = world.edit(waiting, LESS)

    assert world.kinds()[before:] == [
        "tool_call.edited",
        "approval.voided",
        "decision.recorded",
        "tool_call.proposed",
        "approval.requested",
    ]
    edited, proposed = payload("tool_call.edited"), payload("tool_call.proposed")
    assert edited["replaced_by"] == str(child.public_id)
    assert (edited["arguments"], edited["arguments_now"]) == (ASKED, LESS)
    assert edited["reason"] == proposed["edit_reason"] == "The list named less."
    assert proposed["edited_from"] == str(waiting.public_id)
    assert proposed["requester"]["id"] == world.agent.id
    writers = LedgerEntry.objects.filter(kind__in=["tool_call.edited", "approval.voided"])
    assert {entry.actor_id for entry in writers} == {str(world.supervisor.public_id)}


def test_the_view_says_who_edited_what_and_that_nobody_agreed_to_it_since(
    world: World,
) -> None:
    say(world.case, Speaker.AI, "Shall I refund $900?")
    yes = say(world.case, Speaker.CUSTOMER, "Yes, please.")
    call = world.propose("refund_order", ASKED, evidence=(str(yes.public_id),))
    assert "edit" not in view_of(request_of(call))

    view = view_of(request_of(world.edit(call, LESS)))

    assert view["edit"]["by"]["label"] == world.supervisor.label
    assert view["edit"]["reason"] == "The list named less."
    assert view["edit"]["instead_of"] == call.effect_text
    assert view["edit"]["arguments"] == ASKED
    unknown = [line["text"] for line in view["evidence"] if line["trust"] == "unknown"]
    assert "Whether the customer agrees to it as it was edited" in unknown


@pytest.mark.parametrize("who", ["supervisor", "owner"])
def test_neither_the_editor_nor_the_agents_owner_votes_on_it(
    world: World, waiting: ToolCall, who: str
) -> None:
    child = world.edit(waiting, LESS)
    before = everything()

    with pytest.raises(NotPermittedError) as refused:
        world.approve(child, voter=getattr(world, who))

    assert refused.value.error_code == "approval.barred"
    assert everything() == before


def test_another_person_approves_it_and_it_runs_once(world: World, waiting: ToolCall) -> None:
    child = world.edit(waiting, LESS)

    world.approve(child, voter=make_supervisor(world.queue))

    assert world.execute(child) == CallState.SUCCEEDED
    assert world.execute(waiting) == CallState.CANCELLED
    assert [write.arguments for write in world.store.writes] == [LESS]
    assert world.settled == [(child.pk, "succeeded")]


def test_a_vote_for_what_was_edited_changes_nothing(world: World, waiting: ToolCall) -> None:
    world.edit(waiting, LESS)
    before = everything()

    with pytest.raises(ConflictError):
        world.approve(waiting, voter=make_supervisor(world.queue))

    assert everything() == before


@pytest.mark.parametrize(
    ("rule", "state"),
    [
        ({"outcome": "deny", "reason": "Not so little."}, CallState.DENIED),
        ({"outcome": "specialist", "reason": "A specialist looks."}, CallState.HANDED_OFF),
        ({"outcome": "verify", "reason": "Who is it?"}, CallState.AWAITING_VERIFICATION),
    ],
)
def test_policy_decides_again(
    world: World, waiting: ToolCall, rule: dict[str, Any], state: CallState
) -> None:
    row = {
        "id": "little",
        "title": "Little",
        "when": [{"fact": "amount_minor", "at_most": 3000}],
        **rule,
    }
    publish({**POLICY, "rules": [*POLICY["rules"], row]}, number=2)

    child = world.edit(waiting, FREE)

    assert child.state == state
    assert waiting.state == CallState.CANCELLED


def test_what_policy_allows_now_runs_without_a_vote(world: World, waiting: ToolCall) -> None:
    child = world.edit(waiting, FREE)

    assert child.state == CallState.READY
    assert world.execute(child) == CallState.SUCCEEDED
    assert Counter(world.kinds())["execution.claimed"] == 1


def test_the_facts_are_read_anew_before_it_is_decided(world: World, waiting: ToolCall) -> None:
    world.store.orders["#W1"]["status"] = "lost"

    child = world.edit(waiting, LESS)

    assert (child.state, child.state_reason) == (CallState.DENIED, "The order is lost.")


def test_the_call_that_was_replaced_counts_against_no_limit(world: World) -> None:
    limit = {**POLICY["limits"][0], "at_most": 1}
    publish({**POLICY, "limits": [limit]}, number=2)
    call = world.propose("refund_order", ASKED)

    child = world.edit(call, FREE)

    assert child.state == CallState.READY
    standing = LimitUse.objects.filter(released_at=None)
    assert {use.subject_id for use in standing} == {str(child.public_id)}


def test_an_edit_may_be_edited_again_and_bars_its_last_editor(
    world: World, waiting: ToolCall
) -> None:
    second = make_supervisor(world.queue)

    child = world.edit(waiting, LESS)
    last = world.edit(child, {**LESS, "amount": 650}, editor=second)

    assert last.edited_from_id == child.pk
    assert set(request_of(last).barred) == {str(world.owner.public_id), str(second.public_id)}


def test_the_agents_repeat_of_what_was_edited_attaches_to_what_replaced_it(
    world: World, waiting: ToolCall
) -> None:
    child = world.edit(waiting, LESS)
    last = world.edit(child, {**LESS, "amount": 650}, editor=make_supervisor(world.queue))
    before = everything()

    assert world.propose("refund_order", ASKED).pk == last.pk
    assert everything() == before


def test_the_keyed_repeat_still_finds_the_call_it_made(world: World) -> None:
    call = world.propose("refund_order", ASKED, request_key="k" * 64)
    world.edit(call, LESS)

    again = world.propose("refund_order", ASKED, request_key="k" * 64)

    assert (again.pk, again.state) == (call.pk, CallState.CANCELLED)


def test_once_it_has_ended_the_same_proposal_is_a_new_action(
    world: World, waiting: ToolCall
) -> None:
    child = world.edit(waiting, LESS)
    world.vote(child, VoteChoice.REJECT, voter=make_supervisor(world.queue))

    again = world.propose("refund_order", ASKED)

    assert again.pk not in (waiting.pk, child.pk)
    assert again.state == CallState.AWAITING_APPROVAL


def test_the_same_keyed_edit_is_done_once(world: World, waiting: ToolCall) -> None:
    child = world.edit(waiting, LESS, request_key="e" * 64)
    before = everything()

    assert world.edit(waiting, LESS, request_key="e" * 64).pk == child.pk
    assert everything() == before


def test_what_does_not_fit_is_named_all_at_once_at_its_field(
    world: World, waiting: ToolCall
) -> None:
    before = everything()

    with pytest.raises(InvalidInputError) as refused:
        world.edit(waiting, {"amount": "much", "colour": "red"}, reason=" ")

    fields = {error.field for error in refused.value.errors}
    assert {"arguments.order_id", "arguments.amount", "reason"} <= fields
    assert everything() == before
    assert world.store.requests[1:] == []


def test_an_edit_that_changes_nothing_is_refused(world: World, waiting: ToolCall) -> None:
    before = everything()

    with pytest.raises(InvalidInputError) as refused:
        world.edit(waiting, {"amount": 900, "order_id": "#W1"})

    assert [error.code for error in refused.value.errors] == ["unchanged"]
    assert everything() == before


def test_too_long_a_reason_is_refused(world: World, waiting: ToolCall) -> None:
    with pytest.raises(InvalidInputError) as refused:
        world.edit(waiting, LESS, reason="x" * 501)
    assert [error.field for error in refused.value.errors] == ["reason"]


def _approve(world: World, call: ToolCall) -> None:
    world.approve(call)


def _cancel(world: World, call: ToolCall) -> None:
    cancel_call(actor=world.agent, now=world.clock(), call_id=call.public_id)


def _edit(world: World, call: ToolCall) -> None:
    world.edit(call, {**LESS, "amount": 650}, editor=make_supervisor(world.queue))


@pytest.mark.parametrize("act", [_approve, _cancel, _edit])
def test_what_was_decided_or_edited_meanwhile_is_left_alone(
    world: World, waiting: ToolCall, act: Any
) -> None:
    act(world, waiting)
    before = everything()

    with pytest.raises(ConflictError) as refused:
        world.edit(waiting, LESS)

    assert refused.value.error_code == "tool_call.edited_or_decided"
    instead = find_replacement(waiting)
    assert refused.value.data["replaced_by"] == (str(instead.public_id) if instead else None)
    assert everything() == before


def test_another_digest_is_refused(world: World, waiting: ToolCall) -> None:
    before = everything()
    with pytest.raises(ConflictError):
        world.edit(waiting, LESS, digest="0" * 64)
    assert everything() == before


def test_after_the_deadline_nothing_is_edited(world: World, waiting: ToolCall) -> None:
    world.clock.now = request_of(waiting).deadline_at
    before = everything()

    with pytest.raises(ConflictError) as refused:
        world.edit(waiting, LESS)

    assert refused.value.error_code == "approval.expired"
    assert everything() == before


def test_what_is_asked_for_already_is_not_asked_for_twice(world: World, waiting: ToolCall) -> None:
    world.propose("refund_order", LESS)
    before = everything()

    with pytest.raises(ConflictError) as refused:
        world.edit(waiting, LESS)

    assert refused.value.error_code == "tool_call.asked_already"
    assert everything() == before


@pytest.mark.parametrize("stopped", ["case", "tool", "agent"])
def test_what_could_not_run_is_not_edited(world: World, waiting: ToolCall, stopped: str) -> None:
    if stopped == "case":
        world.case.status = CaseStatus.CLOSED
        save_as(world.case, actor=FACTORY)
    elif stopped == "tool":
        waiting.tool.enabled = False
        save_as(waiting.tool, actor=FACTORY)
    else:
        world.owner.owned_agents.update(is_active=False)
    before = everything()

    with pytest.raises(ConflictError):
        world.edit(waiting, LESS)

    assert everything() == before
