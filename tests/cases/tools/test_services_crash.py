"""kill -9 of a real process at every crash point; the store counts effects per key."""

import signal
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cases.tools.adapters.base import Endpoint
from cases.tools.adapters.simulated import forget_stores, store_of
from cases.tools.models import ToolCall, ToolDefinition
from cases.tools.services import sweep
from cases.tools.types import CallState
from governance.ledger.models import LedgerEntry
from governance.policies.models import DecisionRecord
from orchestra.core import clock
from tests.cases.tools import crash_stage
from tests.cases.tools.conftest import POLICY, publish
from tests.cases.tools.crash_stage import CANCEL, READ, make_endpoint, pending_order
from tests.factories.access import make_agent, make_person, make_queue
from tests.factories.tools import make_case, make_tool

POINTS = [
    "before-intent-commit",
    "after-commit-before-doorbell",
    "after-take-before-claim",
    "after-claim-before-send",
    "during-send",
    "during-send:2",
    "during-send:3",
    "after-effect-before-reply:3",
    "after-effect-before-reply:4",
    "after-reply-before-outcome-commit",
    "after-commit-before-ack",
]
#: The first thing sent is the read of the facts, before anything is written.
BEFORE_THE_INTENT = {"before-intent-commit", "during-send"}

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def endpoint(tmp_path: Path, fresh_registries: None) -> Iterator[Endpoint]:
    del fresh_registries
    yield make_endpoint(tmp_path)
    forget_stores()


@pytest.fixture
def arguments(endpoint: Endpoint) -> list[str]:
    """Case, agent and order that the process is started with."""
    del endpoint
    for document in (READ, CANCEL):
        make_tool(document)
    publish(POLICY)
    queue = make_queue()
    agent = make_agent("", owner=make_person(""), queues=[queue])
    return [str(make_case(queue).public_id), str(agent.public_id), pending_order()]


def run(arguments: list[str], point: str) -> subprocess.CompletedProcess[str]:
    return crash_stage.run("worker_process", arguments, point)


def sweep_to_the_end(start: datetime) -> None:
    """Sweep as the beat would, an hour later each time."""
    for number in range(1, 6):
        later = start + timedelta(minutes=2 * number)
        sweep(now=later, read_clock=lambda: later)  # noqa: B023  used within the iteration


@pytest.mark.parametrize("point", POINTS)
def test_killed_anywhere_nothing_is_doubled_lost_or_stuck(
    endpoint: Endpoint, arguments: list[str], point: str
) -> None:
    killed = run(arguments, point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr

    if point in BEFORE_THE_INTENT:
        # The caller got no answer and nothing stands, so the caller asks again.
        assert ToolCall.objects.count() == 0
        assert (DecisionRecord.objects.count(), LedgerEntry.objects.count()) == (0, 0)
        again = run(arguments, "")
        assert again.stdout.strip() == CallState.SUCCEEDED, again.stderr
    sweep_to_the_end(clock.now())

    call = ToolCall.objects.get()
    store = store_of(endpoint)
    assert (call.state, call.confirmed) == (CallState.SUCCEEDED, True), call.state_reason
    assert store.effects(call.effect_key) == 1
    assert store.total_effects() == 1
    kinds = list(LedgerEntry.objects.order_by("seq").values_list("kind", flat=True))
    assert kinds.count("tool_call.proposed") == 1
    assert kinds.count("tool_call.succeeded") == 1
    assert kinds.count("execution.claimed") == call.attempt == call.attempts.count()
    assert ToolDefinition.objects.count() == 2


def test_without_a_crash_point_the_process_ends_well(
    endpoint: Endpoint, arguments: list[str]
) -> None:
    done = run(arguments, "")

    assert (done.returncode, done.stdout.strip()) == (0, "succeeded"), done.stderr
    assert store_of(endpoint).total_effects() == 1


def test_killed_again_and_again(endpoint: Endpoint, arguments: list[str]) -> None:
    """Each of several attempts dies after its effect; the key keeps it one effect."""
    assert run(arguments, "after-effect-before-reply:3").returncode == -signal.SIGKILL
    for _ in range(3):
        later = clock.now() + timedelta(minutes=10)
        sweep_leases_only(later)
        assert run(arguments, "during-send:2").returncode in (0, -signal.SIGKILL)
    sweep_to_the_end(clock.now() + timedelta(minutes=30))

    call = ToolCall.objects.get()
    assert call.state in (CallState.SUCCEEDED, CallState.UNKNOWN)
    assert store_of(endpoint).effects(call.effect_key) == 1


def sweep_leases_only(now: datetime) -> None:
    """Expire leases, but leave the attempts that follow to another process."""
    sweep(now=now, batch=100, read_clock=lambda: now - timedelta(days=1))
