"""Told to stop in the middle of something: the web server answers it, the worker ends it.

What is held up is an answer of the system of record, so each process is told while it works.
"""

import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from celery import Celery

from cases.memory.models import Case
from cases.tools.adapters.retail.journal import JournaledStore
from cases.tools.adapters.retail.service import RetailServer
from cases.tools.models import Connection, ToolAttempt, ToolCall
from cases.tools.selectors import get_tool
from cases.tools.services import Proposal, propose
from cases.tools.services.entering import EXECUTE_TASK
from cases.tools.types import CallState
from governance.access.selectors import authority_of
from orchestra.core import clock
from orchestra.management.processes import free_port
from tests.cases.tools.crash_stage import ROOT, database_url
from tests.flows.conftest import World, retail  # noqa: F401  the fixture is used by name
from tests.flows.helpers import open_case
from tests.worker_stage import MARKS, Stage, celery, scheduler, stage  # noqa: F401  as above

SOON = 60.0
WHO = {"first_name": "Yusuf", "last_name": "Rossi", "zip": "19122"}

pytestmark = MARKS


class HeldServer(RetailServer):
    """A store that makes no answer until it may."""

    def __init__(self, store: JournaledStore) -> None:
        self.asked = 0
        self.came, self.may_answer = threading.Event(), threading.Event()
        super().__init__(host="127.0.0.1", port=0, store=store)

    def begin_answer(self) -> None:
        """Say that somebody asks, and hold the answer up."""
        super().begin_answer()
        self.asked += 1
        self.came.set()
        assert self.may_answer.wait(SOON)


@pytest.fixture
def held(retail: World) -> Iterator[HeldServer]:  # noqa: F811
    """The retail world's store, over HTTP, with its answers held up."""
    server = HeldServer(retail.store)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    Connection.objects.filter(key="store").update(
        kind="http", base_url=f"{server.address}/", settings={}
    )
    yield server
    server.may_answer.set()
    server.stop()
    thread.join()


@contextmanager
def web(folder: Path) -> "Iterator[tuple[subprocess.Popen[bytes], str]]":
    """The web server as an installation runs it, once it answers."""
    port = free_port()
    with (folder / "web.log").open("wb") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
                *(
                    "--port",
                    str(port),
                    "--workers-kill-timeout",
                    "30",
                    "orchestra.wsgi:application",
                ),
            ],
            cwd=ROOT,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "orchestra.settings.test",
                "DATABASE_URL": database_url(),
                "GRANIAN_BLOCKING_THREADS": "4",
                "PYTEST_XDIST_WORKER": "",
            },
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def answers(address: str) -> bool:
    """Whether the web server is up."""
    try:
        return httpx.get(f"{address}/healthz", timeout=5).is_success
    except httpx.TransportError:
        return False


def test_a_request_under_way_is_answered_before_the_web_server_ends(
    tmp_path: Path,
    retail: World,  # noqa: F811
    held: HeldServer,
) -> None:
    case = open_case(retail)
    waiting = Stage(port=0, folder=tmp_path, server=None, worker=None)  # type: ignore[arg-type]  only to wait
    with web(tmp_path) as (process, address), ThreadPoolExecutor(1) as pool:
        waiting.waits_for(lambda: answers(address))
        asked = pool.submit(
            httpx.post,
            f"{address}/api/v1/cases/{case}/tool-calls/",
            json={"tool": "find_user_id_by_name_zip", "arguments": WHO, "confidence": 0.99},
            headers={
                "Authorization": f"Bearer {retail.api.token}",
                "Idempotency-Key": str(uuid.uuid4()),
            },
            timeout=SOON,
        )
        assert held.came.wait(SOON), asked.exception(0) if asked.done() else waiting.said()
        process.send_signal(signal.SIGTERM)
        # It takes nothing new from then on, and is still there for what it answers.
        waiting.waits_for(lambda: not answers(address))
        assert process.poll() is None
        held.may_answer.set()
        answer = asked.result(SOON)
        assert (answer.status_code, answer.json()["state"]) == (201, "succeeded"), answer.text
        assert process.wait(SOON) == 0
    call = ToolCall.objects.get()
    assert (call.state, call.attempt, held.asked) == (CallState.SUCCEEDED, 1, 1)


@pytest.fixture
def call(stage: Stage, retail: World, held: HeldServer) -> ToolCall:  # noqa: F811
    """A call that the stage's worker makes at this moment."""
    propose(
        authority=authority_of(retail.people["supervisor"].as_actor()),
        now=clock.now(),
        proposal=Proposal(
            case=Case.objects.get(public_id=open_case(retail)),
            tool=get_tool(name="calculate"),
            arguments={"expression": "6 * 7"},
        ),
    )
    made = ToolCall.objects.get()
    with Celery("scheduler", broker=stage.url, set_as_current=False) as app:
        app.send_task(EXECUTE_TASK, args=[made.pk], retry=False)
    assert held.came.wait(SOON), stage.said()
    return made


def test_a_worker_told_to_stop_ends_the_call_it_makes(
    stage: Stage,  # noqa: F811
    held: HeldServer,
    call: ToolCall,
) -> None:
    stage.worker.send_signal(signal.SIGTERM)
    stage.waits_for(lambda: "Warm shutdown" in stage.said())
    assert stage.worker.poll() is None
    held.may_answer.set()
    assert stage.worker.wait(SOON) == 0, stage.said()
    call.refresh_from_db()
    assert (call.state, call.attempt, held.asked) == (CallState.SUCCEEDED, 1, 1)


def test_what_a_worker_cannot_end_in_time_another_takes_up(
    tmp_path: Path,
    stage: Stage,  # noqa: F811
    held: HeldServer,
    call: ToolCall,
) -> None:
    stage.worker.send_signal(signal.SIGTERM)
    stage.waits_for(lambda: "Warm shutdown" in stage.said())
    # Whoever runs it loses patience.
    stage.worker.kill()
    stage.worker.wait()
    held.may_answer.set()
    other = tmp_path / "other"
    other.mkdir()
    words = ("worker", "-P", "threads", "-c", "2", "--without-gossip", "--without-mingle")
    with (
        celery(other, stage.port, *words),
        celery(other, stage.port, "beat", "-s", str(other / "beat")),
    ):
        done = ToolCall.objects.filter(pk=call.pk, state=CallState.SUCCEEDED)
        stage.waits_for(done.exists)
    assert ToolAttempt.objects.filter(call=call).count() == held.asked == 2
    assert ToolCall.objects.count() == 1
