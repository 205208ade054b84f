"""Stops: nothing under one is proposed, claimed or sent, and what waits is not lost by it."""

from typing import Any

import pytest

from cases import wiring
from cases.tools.models import ToolCall
from cases.tools.selectors import get_tool
from cases.tools.services import StepContext, execute_due, propose, sweep
from cases.tools.services import executing as executing_module
from cases.tools.services.preparing import Proposal
from cases.tools.types import CallState
from governance.access.selectors import authority_of
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from governance.policies.models import DecisionRecord
from governance.switches import registry, services
from governance.switches.models import Stop
from governance.switches.types import StopScope
from orchestra.core.errors import ConflictError
from orchestra.core.registry import Registry
from tests.cases.tools.conftest import World
from tests.factories.access import make_person

pytestmark = pytest.mark.django_db

SHEET = "returns"
IN_SHEET = StepContext(step_id="s-1", step_key="note", cue_sheet=SHEET, version=1)


@pytest.fixture(autouse=True)
def targets(monkeypatch: pytest.MonkeyPatch) -> None:
    """What can be stopped, with a cue sheet that needs no rows."""
    known = Registry[registry.TargetSource]("target")
    known.register(StopScope.TOOL, wiring._TOOLS_TO_STOP)
    sheet = registry.TargetSource(
        find=lambda key: registry.Target(key, key) if key == SHEET else None, choices=tuple
    )
    known.register(StopScope.CUE_SHEET, sheet)
    monkeypatch.setattr(registry, "targets", known)
    monkeypatch.setattr(registry, "lifted", Registry("listener"))


def stop(world: World, scope: StopScope) -> Stop:
    key = {
        StopScope.AGENT: world.agent.id,
        StopScope.TOOL: "note_order",
        StopScope.CUE_SHEET: SHEET,
        StopScope.EVERYTHING: "",
    }[scope]
    return services.stop(
        actor=world.supervisor.as_actor(),
        now=world.clock(),
        scope=scope,
        key=key,
        reason="Refunds were paid twice.",
    )


def lift(world: World, row: Stop) -> None:
    people = [world.supervisor.as_actor()]
    if row.scope == StopScope.EVERYTHING:
        people.append(make_person(roles=[Role.ADMINISTRATOR]).as_actor())
    for actor in people:
        services.lift(actor=actor, now=world.clock(), stop_id=row.public_id, reason="Fixed.")


@pytest.mark.parametrize("scope", list(StopScope))
def test_under_a_stop_nothing_is_proposed_read_or_decided(world: World, scope: StopScope) -> None:
    row = stop(world, scope)
    entries = LedgerEntry.objects.count()
    with pytest.raises(ConflictError) as refused:
        world.propose(step=IN_SHEET)
    assert refused.value.error_code == f"stop.{scope}"
    assert refused.value.data["stop"] == str(row.public_id)
    assert "Refunds were paid twice" in refused.value.message
    assert (ToolCall.objects.count(), DecisionRecord.objects.count()) == (0, 0)
    assert world.store.requests == []
    assert LedgerEntry.objects.count() == entries


def test_a_stop_stops_only_what_it_names(world: World) -> None:
    stop(world, StopScope.TOOL)
    stop(world, StopScope.CUE_SHEET)
    other = world.propose("get_order")
    assert world.execute(other) is CallState.SUCCEEDED
    with pytest.raises(ConflictError):
        world.propose("get_order", step=IN_SHEET)


def test_an_agent_under_a_stop_does_not_read_either(world: World) -> None:
    stop(world, StopScope.AGENT)
    with pytest.raises(ConflictError):
        world.propose("get_order")
    person = world.propose(
        "get_order", actor=world.supervisor.as_actor(), confidence=None, margin=None
    )
    assert world.execute(person) is CallState.SUCCEEDED


@pytest.mark.parametrize("scope", list(StopScope))
def test_what_is_ready_is_held_and_runs_once_the_stop_is_lifted(
    world: World, scope: StopScope
) -> None:
    call = world.propose(step=IN_SHEET)
    asked = len(world.store.requests)
    row = stop(world, scope)

    assert world.execute(call) is CallState.READY
    assert execute_due(now=world.clock(), read_clock=world.clock) == 0
    sweep(now=world.clock.tick(60), read_clock=world.clock)

    call.refresh_from_db()
    assert (call.state, call.attempt) == (CallState.READY, 0)
    assert len(world.store.requests) == asked
    lift(world, row)
    assert execute_due(now=world.clock(), read_clock=world.clock) == 1
    call.refresh_from_db()
    assert (call.state, call.attempt) == (CallState.SUCCEEDED, 1)
    assert world.store.effects[call.effect_key] == 1


def test_a_stop_between_the_look_and_the_claim_is_seen_by_the_claim(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = world.propose()
    real = executing_module.run_reads

    def stopping_reads(**wanted: Any) -> Any:
        stop(world, StopScope.TOOL)
        return real(**wanted)

    monkeypatch.setattr(executing_module, "run_reads", stopping_reads)
    assert world.execute(call) is CallState.READY
    assert (call.attempt, world.store.writes) == (0, [])


def test_a_stop_between_claim_and_sending_puts_the_call_back_unsent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = world.propose()
    real = executing_module.claim_call

    def claim_and_stop(**wanted: Any) -> Any:
        claim = real(**wanted)
        stop(world, StopScope.EVERYTHING)
        return claim

    monkeypatch.setattr(executing_module, "claim_call", claim_and_stop)
    assert world.execute(call) is CallState.READY
    assert world.store.writes == []
    attempt = call.attempts.get()
    assert (attempt.outcome, attempt.number) == ("error", 1)
    assert "Refunds were paid twice" in attempt.detail

    monkeypatch.setattr(executing_module, "claim_call", real)
    lift(world, Stop.objects.get())
    assert world.execute(call) is CallState.SUCCEEDED
    assert (call.attempt, world.store.effects[call.effect_key]) == (2, 1)


def test_an_approval_waits_through_a_stop_and_its_deadline_still_counts(world: World) -> None:
    call = world.propose("refund_order", {"order_id": "#W1", "amount": 800})
    row = stop(world, StopScope.EVERYTHING)
    assert call.state == CallState.AWAITING_APPROVAL
    world.approve(call)
    assert world.execute(call) is CallState.READY
    world.clock.tick(11 * 60)
    assert world.execute(call) is CallState.READY

    lift(world, row)

    assert world.execute(call) is CallState.VOIDED
    assert world.store.writes == []


def test_what_was_sent_before_a_stop_is_brought_to_its_end(world: World) -> None:
    call = world.propose()
    world.store.during = lambda: stop(world, StopScope.EVERYTHING) and None
    assert world.execute(call) is CallState.SUCCEEDED
    assert world.store.effects[call.effect_key] == 1


def test_a_proposal_that_repeats_an_open_one_is_still_answered(world: World) -> None:
    call = world.propose("refund_order", {"order_id": "#W1", "amount": 800})
    stop(world, StopScope.AGENT)
    again = propose(
        authority=authority_of(world.agent),
        now=world.clock(),
        proposal=Proposal(
            case=world.case,
            tool=get_tool(name="refund_order"),
            arguments={"order_id": "#W1", "amount": 800},
            confidence=0.93,
            margin=0.41,
        ),
    )
    assert again.pk == call.pk
