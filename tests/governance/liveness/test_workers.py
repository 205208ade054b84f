"""A real worker on a Redis of this test's own: stopped, cut off, and without its broker."""

import os
import signal
import time
from collections.abc import Callable

import pytest
import redis

from cases.memory.models import Case
from cases.tools.models import ToolCall
from cases.tools.selectors import get_tool
from cases.tools.services import Proposal, propose
from cases.tools.types import CallState
from governance.access.selectors import authority_of
from orchestra.core import clock
from tests.flows.conftest import World, retail  # noqa: F401  the fixture is used by name
from tests.flows.helpers import open_case
from tests.worker_stage import (  # noqa: F401  fixtures are used by name
    BACK_WITHIN_SECONDS,
    MARKS,
    Stage,
    scheduler,
    stage,
    start_server,
)

FULL = os.environ.get("ORCHESTRA_PROOF") == "broker"
GONE_SECONDS = 60.0 if FULL else 3.0

pytestmark = MARKS


def test_a_stopped_worker_is_deaf_until_it_goes_on(stage: Stage) -> None:  # noqa: F811
    stage.worker.send_signal(signal.SIGSTOP)
    stage.ring()
    sent = time.monotonic()
    stage.waits_for(lambda: time.monotonic() - sent > 1)
    assert stage.worker.poll() is None
    assert not stage.heard()

    stage.worker.send_signal(signal.SIGCONT)

    stage.waits_for(stage.heard)


def test_a_worker_whose_connection_is_killed_hears_again(stage: Stage) -> None:  # noqa: F811
    redis.Redis(port=stage.port).execute_command(
        "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"
    )
    stage.ring()
    stage.waits_for(stage.heard)


def test_a_broker_that_was_gone_is_worked_for_again(
    stage: Stage,  # noqa: F811
    record_property: Callable[[str, object], None],
) -> None:
    stage.server.kill()
    stage.server.wait()
    began = time.monotonic()
    stage.waits_for(lambda: time.monotonic() - began >= GONE_SECONDS, GONE_SECONDS + 5)
    stage.server = start_server(stage.port)

    stage.ring()

    waited = stage.waits_for(stage.heard)
    record_property("gone_seconds", int(GONE_SECONDS))
    record_property("back_milliseconds", int(waited * 1000))
    assert waited <= BACK_WITHIN_SECONDS


@pytest.mark.usefixtures("scheduler")
def test_calls_that_came_meanwhile_run_once_it_is_back(
    stage: Stage,  # noqa: F811
    retail: World,  # noqa: F811
    record_property: Callable[[str, object], None],
) -> None:
    """Their messages are lost; the rows say what is due, and the scheduler lives on."""
    case = Case.objects.get(public_id=open_case(retail))
    stage.server.kill()
    stage.server.wait()
    began = time.monotonic()
    for number in range(5):
        propose(
            authority=authority_of(retail.people["supervisor"].as_actor()),
            now=clock.now(),
            proposal=Proposal(
                case=case,
                tool=get_tool(name="calculate"),
                arguments={"expression": f"{number} + 1"},
            ),
        )
    calls = ToolCall.objects.filter(case=case)
    stage.waits_for(lambda: time.monotonic() - began >= GONE_SECONDS, GONE_SECONDS + 5)
    states = set(calls.values_list("state", flat=True))

    stage.server = start_server(stage.port)

    done = calls.filter(state=CallState.SUCCEEDED, attempt=1)
    waited = stage.waits_for(lambda: done.count() == 5)
    record_property("calls_due_meanwhile", done.count())
    record_property("calls_done_milliseconds", int(waited * 1000))
    assert states == {CallState.READY}
    assert waited <= BACK_WITHIN_SECONDS
