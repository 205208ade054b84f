"""A real worker on a Redis of this test's own: stopped, cut off, and without its broker."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis
from celery import Celery

from governance.liveness.models import WorkerSign
from orchestra.management.processes import free_port
from tests.cases.tools.crash_stage import ROOT, database_url

FULL = os.environ.get("ORCHESTRA_PROOF") == "broker"
GONE_SECONDS = 60.0 if FULL else 3.0
#: Source: work is done at the latest so long after the broker is back.
BACK_WITHIN_SECONDS = 75.0
SERVER = shutil.which("redis-server") or "redis-server"
SIGN = "governance.liveness.sign"

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        shutil.which("redis-server") is None
        and os.environ.get("ORCHESTRA_REQUIRE_SERVICES") != "1",
        reason="there is no redis-server on this machine",
    ),
]


@dataclass
class Stage:
    """A broker, a worker, and who sends it signs."""

    port: int
    folder: Path
    server: "subprocess.Popen[bytes]"
    worker: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def ring(self) -> None:
        """Send a sign, as the scheduler would."""
        with Celery("scheduler", broker=self.url) as app:
            app.send_task(SIGN, retry=False)

    def heard(self, number: int = 1) -> bool:
        """Whether a sign was taken after the rows were cleared away."""
        return WorkerSign.objects.count() >= number

    def waits_for(self, is_so: Callable[[], bool], seconds: float = BACK_WITHIN_SECONDS) -> float:
        """Wait until something is so, and return how long it took."""
        began = time.monotonic()
        while not is_so():
            waited = time.monotonic() - began
            assert waited < seconds, (self.folder / "worker.log").read_text()[-2000:]
            time.sleep(0.05)
        return time.monotonic() - began


def start_server(port: int) -> "subprocess.Popen[bytes]":
    server = subprocess.Popen(
        [SERVER, "--port", str(port), "--bind", "127.0.0.1", "--save", ""],
        stdout=subprocess.DEVNULL,
    )
    client = redis.Redis(port=port)
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        try:
            client.ping()
        except redis.RedisError:
            time.sleep(0.05)
        else:
            return server
    raise AssertionError("redis-server does not answer")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    port = free_port()
    server = start_server(port)
    log = (tmp_path / "worker.log").open("wb")
    worker = subprocess.Popen(
        [
            *(sys.executable, "-m", "celery", "-A", "orchestra", "worker", "-P", "threads"),
            *("-c", "2", "-l", "WARNING", "--without-gossip", "--without-mingle"),
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "orchestra.settings.test",
            "DATABASE_URL": database_url(),
            "REDIS_URL": f"redis://127.0.0.1:{port}/0",
            "PYTEST_XDIST_WORKER": "",
        },
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    made = Stage(port=port, folder=tmp_path, server=server, worker=worker)
    try:
        made.ring()
        made.waits_for(made.heard)
        WorkerSign.objects.all().delete()
        yield made
    finally:
        worker.send_signal(signal.SIGCONT)
        for process in (worker, made.server):
            process.kill()
            process.wait()
        log.close()


def test_a_stopped_worker_is_deaf_until_it_goes_on(stage: Stage) -> None:
    stage.worker.send_signal(signal.SIGSTOP)
    stage.ring()
    sent = time.monotonic()
    stage.waits_for(lambda: time.monotonic() - sent > 1)
    assert stage.worker.poll() is None
    assert not stage.heard()

    stage.worker.send_signal(signal.SIGCONT)

    stage.waits_for(stage.heard)


def test_a_worker_whose_connection_is_killed_hears_again(stage: Stage) -> None:
    redis.Redis(port=stage.port).execute_command(
        "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"
    )
    stage.ring()
    stage.waits_for(stage.heard)


def test_a_broker_that_was_gone_is_worked_for_again(
    stage: Stage, record_property: Callable[[str, object], None]
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
