"""Any order of proposing, voting, faults, dead workers, sweeps: never two effects, none lost."""

from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from cases.tools import registry
from cases.tools.models import ToolCall, ToolDefinition
from cases.tools.selectors import spec_of
from cases.tools.services import cancel_call, execute_call, sweep
from cases.tools.services.claiming import Claim, claim_call
from cases.tools.services.outcome import write_outcome
from cases.tools.services.sending import Report, send
from cases.tools.types import CallState
from governance.approvals.types import VoteChoice
from orchestra.core.errors import ConflictError, UpstreamError
from orchestra.core.registry import Registry
from tests.cases.tools.conftest import World, make_world
from tests.factories.tools import NOTE, cut, make_case, make_tool, unreachable

_numbers = count(1)
KEYLESS = {**NOTE, "name": "note_keyless", "honours_idempotency_key": False}
FAULTS: dict[str, Any] = {
    "unreachable": unreachable,
    "cut": cut,
    "error": lambda: UpstreamError("no", may_retry=False),
}


class CallsMachine(RuleBasedStateMachine):
    """The services over a store that counts effects per key."""

    calls = Bundle("calls")
    claims = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        for name in ("adapters", "proposed", "settled", "handed_off"):
            setattr(registry, name, Registry(name))
        self.world: World = make_world()
        # Limits count per customer; examples must not use up each other's.
        self.world.case = make_case(self.world.queue, customer_ref=f"customer-{next(_numbers)}")
        if not ToolDefinition.objects.filter(name="note_keyless").exists():
            make_tool(KEYLESS)
        self.ended: dict[int, str] = {}

    @rule(
        target=calls,
        tool=st.sampled_from(["note_order", "note_keyless", "refund_order", "get_order"]),
        amount=st.sampled_from([1, 2, 900]),
    )
    def propose(self, tool: str, amount: int) -> int:
        return self.world.propose(tool, {"order_id": "#W1", "amount": amount}).pk

    @rule(call=calls, choice=st.sampled_from(VoteChoice))
    def vote(self, call: int, choice: VoteChoice) -> None:
        row = ToolCall.objects.get(pk=call)
        if row.state == CallState.AWAITING_APPROVAL:
            self.world.vote(row, choice)

    @rule(call=calls)
    def execute(self, call: int) -> None:
        execute_call(call_id=call, read_clock=self.world.clock)

    @rule(call=calls)
    def cancel(self, call: int) -> None:
        row = ToolCall.objects.get(pk=call)
        try:
            cancel_call(actor=self.world.agent, now=self.world.clock(), call_id=row.public_id)
        except ConflictError:
            assert row.state not in (CallState.AWAITING_APPROVAL,)

    @rule(kind=st.sampled_from(sorted(FAULTS)), after=st.booleans())
    def fault(self, kind: str, *, after: bool) -> None:
        # An error that says nothing happened never follows an effect; a system that does so lies.
        if kind == "cut" and after:
            self.world.store.after.append(FAULTS[kind]())
        else:
            self.world.store.before.append(FAULTS[kind]())

    @rule()
    def answer_will_be_lost(self) -> None:
        self.world.store.after.append(cut())

    @rule(status=st.sampled_from(["delivered", "delivered", "lost"]))
    def order_changes(self, status: str) -> None:
        self.world.store.orders["#W1"]["status"] = status

    @rule(target=claims, call=calls)
    def worker_claims(self, call: int) -> Any:
        row = ToolCall.objects.select_related("tool__connection", "case", "decision").get(pk=call)
        spec = spec_of(row.tool)
        claim = claim_call(call=row, spec=spec, reads=None, now=self.world.clock())
        return (claim, None) if claim else multiple()

    @rule(target=claims, held=consumes(claims))
    def worker_sends(self, held: tuple[Claim, Report | None]) -> Any:
        return (held[0], send(call=held[0].call, spec=held[0].spec))

    @rule(held=consumes(claims))
    def worker_writes(self, held: tuple[Claim, Report | None]) -> None:
        if held[1] is not None:
            write_outcome(claim=held[0], report=held[1], now=self.world.clock())

    @rule(held=consumes(claims))
    def worker_dies(self, held: Any) -> None:
        del held

    @rule(seconds=st.sampled_from([0.0, 0.5, 2.0, 400.0]))
    def sweep(self, seconds: float) -> None:
        sweep(now=self.world.clock.tick(seconds), read_clock=self.world.clock)

    @invariant()
    def never_two_effects_under_one_key(self) -> None:
        assert all(count == 1 for count in self.world.store.effects.values())

    @invariant()
    def an_end_stays(self) -> None:
        for pk, state in self._rows():
            if CallState(state).is_terminal:
                assert self.ended.setdefault(pk, state) == state

    @invariant()
    def an_effect_belongs_to_a_call_that_owns_up_to_it(self) -> None:
        done = self.world.store.effects
        for call in ToolCall.objects.filter(case=self.world.case):
            if done[call.effect_key]:
                assert call.state in {"succeeded", "executing", "unknown", "ready"}, call.state
            elif call.tool.effect == "write":
                assert call.state != "succeeded"

    def teardown(self) -> None:
        """Whatever happened, sweeping brings every call to an end, or to a person."""
        self.world.store.before.clear()
        self.world.store.after.clear()
        for _ in range(12):
            sweep(now=self.world.clock.tick(4000), read_clock=self.world.clock)
        for _, state in self._rows():
            assert CallState(state).is_terminal or state == "unknown", state
        self.an_effect_belongs_to_a_call_that_owns_up_to_it()
        self.never_two_effects_under_one_key()

    def _rows(self) -> list[tuple[int, str]]:
        rows = ToolCall.objects.filter(case=self.world.case)
        return [(pk, str(state)) for pk, state in rows.values_list("pk", "state")]


@pytest.mark.usefixtures("fresh_registries", "rung", "db")
def test_no_order_of_events_doubles_or_loses_an_effect() -> None:
    run_state_machine_as_test(
        CallsMachine,
        settings=settings(
            max_examples=60,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            # Shrinking over a database takes minutes; the steps are printed as they are.
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
