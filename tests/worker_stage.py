"""A real worker and a real scheduler on a Redis of a test's own."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis
from celery import Celery

from governance.liveness.models import WorkerSign
from orchestra.core import dispatch
from orchestra.management.processes import free_port
from tests.cases.tools.crash_stage import ROOT, database_url

#: Source: work is done at the latest so long after the broker is back.
BACK_WITHIN_SECONDS = 75.0
SERVER = shutil.which("redis-server") or "redis-server"
SIGN = "governance.liveness.sign"

#: What a test on this stage is marked with.
MARKS = [
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
        with Celery("scheduler", broker=self.url, set_as_current=False) as app:
            app.send_task(SIGN, retry=False)

    def heard(self, number: int = 1) -> bool:
        """Whether a sign was taken after the rows were cleared away."""
        return WorkerSign.objects.count() >= number

    def said(self) -> str:
        """Return the end of what the processes wrote."""
        logs = sorted(self.folder.glob("*.log"))
        return "\n".join(f"{log.name}: {log.read_text()[-1500:]}" for log in logs)

    def waits_for(self, is_so: Callable[[], bool], seconds: float = BACK_WITHIN_SECONDS) -> float:
        """Wait until something is so, and return how long it took."""
        began = time.monotonic()
        while not is_so():
            waited = time.monotonic() - began
            assert waited < seconds, self.said()
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


@contextmanager
def celery(folder: Path, port: int, *words: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run one command of Celery on the test's database and its own Redis; kill it at the end."""
    with (folder / f"{words[0]}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "orchestra", *words, "-l", "WARNING"],
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
        try:
            yield process
        finally:
            # A stopped process dies of this too.
            process.kill()
            process.wait()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A broker and a worker that took its first sign; what it wrote of that is cleared away."""
    port = free_port()
    server = start_server(port)
    words = ("worker", "-P", "threads", "-c", "2", "--without-gossip", "--without-mingle")
    with celery(tmp_path, port, *words) as worker:
        made = Stage(port=port, folder=tmp_path, server=server, worker=worker)
        try:
            made.ring()
            made.waits_for(made.heard)
            WorkerSign.objects.all().delete()
            yield made
        finally:
            made.server.kill()
            made.server.wait()


@pytest.fixture
def scheduler(stage: Stage) -> Iterator[None]:
    """A scheduler that rings for what is due, as an installation's does."""
    with celery(stage.folder, stage.port, "beat", "-s", str(stage.folder / "beat")):
        yield


@pytest.fixture
def doorbells(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What this process rings for reaches the worker at once, as an installation's does."""
    with Celery("doorbells", broker=stage.url, set_as_current=False) as app:
        monkeypatch.setattr(dispatch, "current_app", app)
        yield
