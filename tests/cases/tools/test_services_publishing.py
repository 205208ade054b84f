"""A version of a tool goes into force whole, and what waits on another one ends."""

import json
from typing import Any

import pytest

from cases.tools.models import ToolCall, ToolDefinition, ToolVersion
from cases.tools.selectors import call_by_pk, get_tool, list_tools, spec_of, spec_of_call
from cases.tools.services import (
    Reaffirmed,
    execute_call,
    publish_tool,
    reaffirm_pending,
    reconcile_call,
    resume_verified,
    retire_tool,
    sweep,
)
from cases.tools.services.reaffirming import REAFFIRM_TASK
from cases.tools.types import CallState
from governance.access.types import Role
from governance.approvals.models import ApprovalRequest
from governance.approvals.types import ApprovalState
from governance.ledger.models import EntryPayload, LedgerEntry
from orchestra.core.errors import ConflictError, InvalidInputError, NotPermittedError
from tests.cases.tools.conftest import POLICY, World, make_world, publish
from tests.factories.access import ALL_GRANTS, make_person
from tests.factories.races import race
from tests.factories.tools import FACTORY, NOTE, READ_ORDER, REFUND, cut, make_connection, make_tool

LARGE = {"order_id": "#W1", "amount": 900}
LOW = {**REFUND, "risk": "medium"}


@pytest.fixture
def committed(fresh_registries: None, rung: list[Any], transactional_db: None) -> World:
    del fresh_registries, rung, transactional_db
    return make_world()


def put(world: World, document: dict[str, Any], **given: Any) -> ToolVersion:
    return publish_tool(actor=FACTORY, now=world.clock(), document=document, **given)


def versions(name: str) -> list[tuple[int, str]]:
    rows = ToolVersion.objects.filter(tool__name=name).order_by("number")
    return list(rows.values_list("number", "state"))


def payload(kind: str) -> dict[str, Any]:
    body = EntryPayload.objects.filter(entry__kind=kind).latest("entry_id").body
    found: dict[str, Any] = json.loads(bytes(body))
    return found


def test_a_first_version_makes_the_tool(world: World, rung: list[Any]) -> None:
    rung.clear()
    version = put(world, {**NOTE, "name": "note_case", "risk": "medium"})
    tool = ToolDefinition.objects.get(name="note_case")
    assert (tool.number, tool.digest, tool.risk) == (1, version.digest, "medium")
    assert (tool.enabled, tool.retired_at) == (True, None)
    assert payload("tool.published")["number"] == 1
    assert rung == []


def test_a_next_version_retires_the_one_before(world: World) -> None:
    version = put(world, LOW)
    tool = get_tool(name="refund_order")
    assert versions("refund_order") == [(1, "retired"), (2, "published")]
    assert (tool.number, tool.risk, tool.digest) == (2, "medium", version.digest)
    assert spec_of(tool).risk == "medium"
    before = ToolVersion.objects.get(tool=tool, number=1)
    assert before.retired_at == version.published_at
    assert tool.history.count() == version.history.count() + 1 == 2
    assert LedgerEntry.objects.filter(kind="tool.published").count() == 1


def test_the_same_document_is_left_as_it_is(world: World) -> None:
    put(world, {**REFUND, "timeout_seconds": 10.0})
    entries = LedgerEntry.objects.count()
    again = put(world, {**REFUND, "timeout_seconds": 10})
    assert again.number == 2
    assert versions("refund_order") == [(1, "retired"), (2, "published")]
    assert LedgerEntry.objects.count() == entries


def test_a_switched_off_tool_stays_off(world: World) -> None:
    ToolDefinition.objects.filter(name="refund_order").update(enabled=False)
    put(world, LOW)
    assert not get_tool(name="refund_order").enabled


def test_an_agent_publishes_and_retires_nothing(world: World) -> None:
    for act in (
        lambda: publish_tool(actor=world.agent, now=world.clock(), document=LOW),
        lambda: retire_tool(actor=world.agent, now=world.clock(), name="refund_order"),
    ):
        with pytest.raises(NotPermittedError):
            act()
    assert versions("refund_order") == [(1, "published")]


def test_what_has_errors_changes_nothing(world: World) -> None:
    wrong = {**REFUND, "connection": "nowhere", "reversed_by": "nothing", "risk": ""}
    with pytest.raises(InvalidInputError) as caught:
        put(world, wrong)
    assert {error.field for error in caught.value.errors} == {"connection", "reversed_by", "risk"}
    with pytest.raises(InvalidInputError):
        put(world, wrong, with_surroundings=False)
    assert versions("refund_order") == [(1, "published")]
    assert get_tool(name="refund_order").digest == spec_digest(1)


def spec_digest(number: int) -> str:
    return ToolVersion.objects.get(tool__name="refund_order", number=number).digest


def test_a_retired_tool_is_proposed_no_more(world: World) -> None:
    retire_tool(actor=FACTORY, now=world.clock(), name="refund_order")
    assert versions("refund_order") == [(1, "retired")]
    assert "refund_order" not in list_tools().values_list("name", flat=True)
    with pytest.raises(ConflictError) as caught:
        world.propose("refund_order", LARGE)
    assert caught.value.error_code == "tool.retired"
    assert "taken out of force" in caught.value.message
    assert not ToolCall.objects.exists()
    assert payload("tool.retired")["number"] == 1
    with pytest.raises(ConflictError) as caught:
        retire_tool(actor=FACTORY, now=world.clock(), name="refund_order")
    assert caught.value.error_code == "tool.not_in_force"


def test_a_retired_tool_comes_back_as_a_new_version(world: World) -> None:
    retire_tool(actor=FACTORY, now=world.clock(), name="refund_order")
    put(world, REFUND)
    assert versions("refund_order") == [(1, "retired"), (2, "published")]
    assert world.propose("refund_order", LARGE).state == CallState.AWAITING_APPROVAL


def test_what_others_cannot_do_without_is_not_retired(world: World) -> None:
    with pytest.raises(ConflictError) as caught:
        retire_tool(actor=FACTORY, now=world.clock(), name="get_order")
    assert caught.value.error_code == "tool.in_use"
    assert "“Refund an order”" in caught.value.message
    publish({**POLICY, "scope": {"tools": ["refund_order"]}}, number=2)
    with pytest.raises(ConflictError) as caught:
        retire_tool(actor=FACTORY, now=world.clock(), name="refund_order")
    assert "“House rules”" in caught.value.message
    assert get_tool(name="refund_order").enabled


def test_a_granted_call_of_another_version_is_voided(world: World) -> None:
    call = world.propose("refund_order", LARGE)
    world.approve(call)
    assert call.state == CallState.READY
    put(world, {**LOW, "arguments": {**REFUND["arguments"], "required": ["order_id", "amount"]}})
    assert world.execute(call) == CallState.VOIDED
    why = (
        "The tool was changed since this was decided: version 2 is in force "
        "(risk lowered from high to medium; argument amount, now required "
        "from number, optional to number, required)."
    )
    request = ApprovalRequest.objects.get(public_id=call.approval_id_text)
    assert (call.state_reason, request.ended_reason) == (why, why)
    assert request.state == ApprovalState.VOIDED
    assert payload("tool_call.voided")["reason"] == why
    assert world.store.writes == []


def test_a_read_of_another_version_is_voided_too(world: World) -> None:
    call = world.propose("get_order")
    put(world, {**READ_ORDER, "operation": {"path": "/other"}})
    assert world.execute(call) == CallState.VOIDED
    assert "version 2 is in force (how it is called)" in call.state_reason
    assert world.store.requests == []


def test_going_back_to_a_version_revives_what_was_decided_on_it(world: World) -> None:
    call = world.propose("refund_order", LARGE)
    world.approve(call)
    put(world, LOW)
    put(world, REFUND)
    assert world.execute(call) == CallState.SUCCEEDED
    assert versions("refund_order")[-1] == (3, "published")


def test_pending_approvals_of_another_version_end_at_once(
    committed: World, rung: list[Any]
) -> None:
    call = committed.propose("refund_order", LARGE)
    other = committed.propose("note_order")
    rung.clear()
    put(committed, {**REFUND, "risk": "critical"})
    assert rung == [(REAFFIRM_TASK,)]
    assert reaffirm_pending(now=committed.clock.tick(5)) == Reaffirmed(voided=1)
    call.refresh_from_db()
    other.refresh_from_db()
    request = ApprovalRequest.objects.get(public_id=call.approval_id_text)
    assert (call.state, request.state) == (CallState.VOIDED, ApprovalState.VOIDED)
    assert "risk raised from high to critical" in request.ended_reason
    assert call.state_reason == request.ended_reason
    assert other.state == CallState.READY
    assert committed.settled == [(call.pk, CallState.VOIDED)]
    assert reaffirm_pending(now=committed.clock()) == Reaffirmed()


def test_pending_approvals_of_a_retired_tool_end(committed: World) -> None:
    call = committed.propose("refund_order", LARGE)
    retire_tool(actor=FACTORY, now=committed.clock(), name="refund_order")
    swept = sweep(now=committed.clock.tick(5), read_clock=committed.clock)
    assert swept.reaffirmed == 1
    call.refresh_from_db()
    assert (call.state, call.state_reason) == (
        CallState.VOIDED,
        "The tool was taken out of force since this was decided.",
    )


def test_what_waits_for_a_verification_ends_when_it_comes(committed: World) -> None:
    medium = {**NOTE, "name": "note_medium", "risk": "medium"}
    make_tool(medium)
    call = committed.propose("note_medium")
    assert call.state == CallState.AWAITING_VERIFICATION
    put(committed, {**medium, "title": "Note it"})
    assert resume_verified(case=committed.case, now=committed.clock()) == 1
    call.refresh_from_db()
    assert call.state == CallState.VOIDED
    assert (
        "version 2 is in force (title from Note something on an order to Note it)"
        in call.state_reason
    )


def test_what_may_have_happened_ends_as_it_was_begun(committed: World) -> None:
    """The connection and check of the version that sent it are the ones that look for it."""
    make_connection("elsewhere")
    tool = {**NOTE, "name": "note_seen", "lookup": True}
    make_tool(tool)
    call = committed.propose("note_seen")
    committed.store.after.append(cut())
    committed.store.lookup_fails = True
    execute_call(call_id=call.pk, read_clock=committed.clock)
    call.refresh_from_db()
    assert call.state in (CallState.READY, CallState.UNKNOWN)
    put(committed, {**tool, "connection": "elsewhere", "lookup": False})
    seen = call_by_pk(call.pk)
    assert seen.tool.connection.key == "elsewhere"
    assert spec_of_call(seen).connection == "store"
    committed.store.lookup_fails = False
    if call.state == CallState.READY:
        committed.clock.tick(400)
        # The store asserts that it alone is called.
        assert execute_call(call_id=call.pk, read_clock=committed.clock) == CallState.SUCCEEDED
    else:
        person = make_person(
            "", roles=[Role.SUPERVISOR], grants={committed.queue: ALL_GRANTS}
        ).as_actor()
        reconcile_call(
            actor=person,
            now=committed.clock(),
            call_id=call.public_id,
            happened=True,
            reason="Seen.",
        )
    assert committed.store.effects == {call.effect_key: 1}


def test_a_row_read_before_publishing_gives_its_own_version(world: World) -> None:
    """The document comes later than the row; it is that of the row's digest all the same."""
    document = {**REFUND, "title": "Read late"}
    put(world, document)
    read_early = get_tool(name="refund_order")
    put(world, {**document, "risk": "low"})
    assert spec_of(read_early).risk == "high"
    assert spec_of(get_tool(name="refund_order")).risk == "low"


def test_what_was_altered_in_the_database_is_no_tool(world: World) -> None:
    del world
    ToolDefinition.objects.filter(name="refund_order").update(digest="0" * 64)
    with pytest.raises(InvalidInputError) as caught:
        spec_of(get_tool(name="refund_order"))
    assert caught.value.error_code == "tool.altered"


def test_calls_and_publishing_race(committed: World) -> None:
    """Each call is of one version whole, and none runs on a version it was not decided on."""
    texts = [{**NOTE, "title": f"Note {n}", "max_attempts": n + 1} for n in range(6)]
    digests = {}
    for number, text in enumerate(texts):
        before = committed.propose("note_order", {"order_id": "#W1", "amount": number})
        ended = race(
            [
                lambda text=text: put(committed, text),
                lambda n=number: committed.propose(
                    "note_order", {"order_id": "#W1", "amount": 100 + n}
                ),
                lambda pk=before.pk: execute_call(call_id=pk, read_clock=committed.clock),
            ]
        )
        assert set(ended) == {"ok"}
        digests = {one.digest: one for one in ToolVersion.objects.filter(tool=before.tool)}
        for call in ToolCall.objects.select_related("tool__connection"):
            version = digests[call.tool_digest]
            spec = spec_of_call(call)
            assert (spec.title, spec.max_attempts) == (
                version.document["title"],
                version.document.get("max_attempts", 5),
            )
        before.refresh_from_db()
        assert before.state in (CallState.SUCCEEDED, CallState.VOIDED)
    assert versions("note_order")[-1] == (7, "published")
    tool = get_tool(name="note_order")
    for call in ToolCall.objects.filter(state=CallState.READY):
        state = execute_call(call_id=call.pk, read_clock=committed.clock)
        same = call.tool_digest == tool.digest
        assert state == (CallState.SUCCEEDED if same else CallState.VOIDED)
    done = ToolCall.objects.filter(state=CallState.SUCCEEDED).count()
    assert len(committed.store.effects) == done


def test_two_versions_published_at_once_follow_each_other(committed: World) -> None:
    texts = [{**NOTE, "title": f"Note {n}"} for n in range(4)]
    ended = race([lambda text=text: put(committed, text) for text in texts])
    assert ended == {"ok": 4}
    assert [state for _number, state in versions("note_order")] == ["retired"] * 4 + ["published"]
