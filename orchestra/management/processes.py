"""Starts and stops the processes of an installation on this machine."""

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

STOP_SECONDS = 10.0
START_SECONDS = 120.0
HIGHEST_PORT = 65_535
LEASH = Path(__file__).with_name("leash.py")


def free_port() -> int:
    """Return a port on the loopback address that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_port_free(port: int) -> bool:
    """Return whether a server could listen on a port of the loopback address now."""
    with socket.socket() as probe:
        # As servers do, so that what a server left behind a moment ago does not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextlib.contextmanager
def only_one(file: Path) -> Iterator[bool]:
    """Hold a file's lock, which ends with this process; yield whether nobody else holds it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


#: Sixteen for ordinary requests, the others for live streams.
WEB_THREADS = 48


@dataclass(slots=True)
class Processes:
    """Child processes, each in its own session, stopped together and gone with this one.

    Attributes:
        log_dir: Folder that takes one log file a process.
        env: Environment added to this process's own.
    """

    log_dir: Path
    env: Mapping[str, str] = field(default_factory=dict)
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __enter__(self) -> Self:
        """Make the log folder."""
        self.log_dir.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop what still runs."""
        self.stop()

    def start(
        self, name: str, arguments: Sequence[str], *, python: str = sys.executable, **env: str
    ) -> None:
        """Start ``python -m …`` under a name, with what its environment has more than ours."""
        with (self.log_dir / f"{name}.log").open("ab") as log:
            self.children[name] = subprocess.Popen(  # noqa: S603  our own modules, no shell
                [sys.executable, "-I", str(LEASH), python, *arguments],
                env={**os.environ, **self.env, **env},
                stdout=log,
                stderr=subprocess.STDOUT,
                # The other end closes with this process, however that ends.
                stdin=subprocess.PIPE,
                start_new_session=True,
            )

    def start_web(self, port: int) -> None:
        """Serve the site and the API on a loopback port."""
        self.start(
            "web",
            [
                *("-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
                *("--port", str(port), "--workers", "1", "--workers-kill-timeout", "3"),
                *("--no-ws", "--log-level", "warning", "orchestra.wsgi:application"),
            ],
            GRANIAN_BLOCKING_THREADS=str(WEB_THREADS),
        )

    def start_worker(self) -> None:
        """Run a worker with four threads, which share one heap of memory.

        With a heap a thread, as the C library has it, each would keep what its largest task took.
        """
        self.start(
            "worker",
            [
                *("-m", "celery", "-A", "orchestra", "worker", "-P", "threads", "-c", "4"),
                *("-l", "WARNING", "--without-gossip", "--without-mingle"),
            ],
            MALLOC_ARENA_MAX="1",
        )

    def restart_worker(self) -> None:
        """End a worker that takes no work, whatever it is doing, and start another."""
        child = self.children.pop("worker")
        for number in (signal.SIGCONT, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, number)
        child.wait()
        if child.stdin is not None:
            child.stdin.close()
        self.start_worker()

    def start_scheduler(self, schedule_file: Path) -> None:
        """Run the scheduler."""
        schedule_file.parent.mkdir(parents=True, exist_ok=True)
        self.start(
            "scheduler",
            ["-m", "celery", "-A", "orchestra", "beat", "-l", "WARNING", "-s", str(schedule_file)],
        )

    def start_store(
        self, port: int, journal: Path, data: Path | None = None, system: str = "retail"
    ) -> None:
        """Run a system of record: ``retail`` or ``provider``."""
        extra = ["--data", str(data)] if data else []
        self.start(
            "store" if system == "retail" else system,
            # By itself, since it needs nothing of ours and is there in an instant then.
            [
                *("-m", f"cases.tools.adapters.{system}"),
                *("--port", str(port), "--journal", str(journal), *extra),
            ],
        )

    def wait_until_answers(self, url: str) -> None:
        """Return once a URL answers 200.

        Raises:
            RuntimeError: A child ended, or nothing answered in time.
        """
        ends = time.monotonic() + START_SECONDS
        while time.monotonic() < ends:
            self.check_alive()
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(url, timeout=2).status_code == httpx.codes.OK:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"{url} did not answer within {START_SECONDS:.0f} seconds")

    def check_alive(self) -> None:
        """Raise RuntimeError if a child has ended, with the end of its log."""
        for name, child in self.children.items():
            if child.poll() is not None:
                tail = (self.log_dir / f"{name}.log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"the {name} process ended with {child.returncode}:\n{tail}")

    def stop(self) -> None:
        """Ask every child to stop, then insist."""
        for child in self.children.values():
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        ends = time.monotonic() + STOP_SECONDS
        for child in self.children.values():
            try:
                child.wait(timeout=max(0.1, ends - time.monotonic()))
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
                child.wait()
            if child.stdin is not None:
                child.stdin.close()
        self.children.clear()
