"""Several at once: one call of identical proposals, one effect of several workers."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

import pytest
from django.db import connections

from cases.tools.models import ToolCall
from cases.tools.services import execute_call, sweep
from cases.tools.types import CallState
from governance.policies.models import DecisionRecord, LimitUse
from orchestra.core.errors import OrchestraError
from tests.cases.tools.conftest import POLICY, World, make_world, publish
from tests.factories.access import make_supervisor

T = TypeVar("T")
WORKERS = 4
VOTERS = 12

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def crowd(fresh_registries: None, rung: list[Any]) -> World:
    del fresh_registries, rung
    return make_world()


def at_once(act: Callable[[int], T], threads: int = WORKERS) -> list[T]:
    """Run an act in several threads that start together, each on a connection of its own."""
    barrier = Barrier(threads)

    def one(number: int) -> T:
        try:
            barrier.wait(timeout=30)
            return act(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, range(threads)))


def test_identical_proposals_are_one_call(crowd: World) -> None:
    calls = at_once(lambda _: crowd.propose().pk)

    assert len(set(calls)) == 1
    assert ToolCall.objects.count() == DecisionRecord.objects.count() == 1
    assert crowd.kinds().count("tool_call.proposed") == 1


def test_workers_and_a_sweep_make_one_effect(crowd: World) -> None:
    call = crowd.propose()

    def work(number: int) -> None:
        if number:
            execute_call(call_id=call.pk, read_clock=crowd.clock)
        else:
            sweep(now=crowd.clock(), read_clock=crowd.clock)

    at_once(work)

    call.refresh_from_db()
    assert (call.state, call.attempt) == (CallState.SUCCEEDED, 1)
    assert len(crowd.store.writes) == 1
    assert crowd.kinds().count("execution.claimed") == 1


def test_a_limit_holds_when_all_ask_at_once(crowd: World) -> None:
    publish({**POLICY, "limits": [{**POLICY["limits"][0], "at_most": 1}]}, number=2)

    states = at_once(lambda n: crowd.propose(arguments={"order_id": "#W1", "amount": n}).state)

    assert sorted(states) == ["denied", "denied", "denied", "ready"]
    assert LimitUse.objects.filter(released_at=None).count() == 1


def test_many_vote_and_work_on_one_approval(crowd: World) -> None:
    """Each thread is a supervisor who votes and then a worker who executes: one execution."""
    call = crowd.propose("refund_order", {"order_id": "#W1", "amount": 900})
    assert call.state == CallState.AWAITING_APPROVAL
    voters = [make_supervisor(crowd.queue) for _ in range(VOTERS)]

    def vote_and_work(number: int) -> str:
        try:
            crowd.approve(ToolCall.objects.get(pk=call.pk), voter=voters[number])
        except OrchestraError as error:
            code = error.error_code
        else:
            code = "voted"
        execute_call(call_id=call.pk, read_clock=crowd.clock)
        return code

    outcomes = Counter(at_once(vote_and_work, threads=VOTERS))

    execute_call(call_id=call.pk, read_clock=crowd.clock)
    call.refresh_from_db()
    assert outcomes == {"voted": 1, "approval.ended": VOTERS - 1}
    assert (call.state, call.attempt) == (CallState.SUCCEEDED, 1)
    assert crowd.store.effects == {call.effect_key: 1}
    assert len(crowd.store.writes) == 1
    counted = Counter(crowd.kinds())
    for kind in ("approval.voted", "approval.granted", "approval.used", "execution.claimed"):
        assert counted[kind] == 1, kind
    assert counted["tool_call.succeeded"] == 1
