"""Processes of this machine: gone with whoever started them, and one demonstration at a time."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestra.management.processes import LEASH, Processes, free_port, is_port_free, only_one

ROOT = Path(__file__).parents[3]
LONGEST_SECONDS = 30.0
STARTER = """
import sys
from pathlib import Path
from orchestra.management.processes import Processes
processes = Processes(log_dir=Path(sys.argv[1]))
processes.start("sleeper", ["-c", sys.argv[2]])
print("started", flush=True)
sys.stdin.read()
"""
SLEEPER = """
import os, time
from pathlib import Path
Path({file!r}).write_text(str(os.getpid()))
time.sleep(300)
"""

#: The leash, told to stop while its program is being started.
TOLD_EARLY = """
import os, runpy, signal, subprocess, sys
start = subprocess.Popen
def slow(*arguments, **options):
    child = start(*arguments, **options)
    print(child.pid, flush=True)
    os.kill(os.getpid(), signal.SIGTERM)
    return child
subprocess.Popen = slow
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""

pytestmark = pytest.mark.processes


def eventually(holds: Callable[[], bool]) -> bool:
    ends = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < ends:
        if holds():
            return True
        time.sleep(0.02)
    return False


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def pid_in(file: Path) -> int:
    assert eventually(lambda: file.exists() and file.read_text() != "")
    return int(file.read_text())


def test_a_killed_starter_leaves_no_orphans(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(tmp_path), SLEEPER.format(file=str(file))],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    sleeper = pid_in(file)
    assert is_running(sleeper)

    starter.send_signal(signal.SIGKILL)
    starter.wait()

    assert eventually(lambda: not is_running(sleeper))


def test_stopping_stops_what_the_leash_holds(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    with Processes(log_dir=tmp_path) as processes:
        processes.start("sleeper", ["-c", SLEEPER.format(file=str(file))])
        sleeper = pid_in(file)
        processes.check_alive()
    assert not is_running(sleeper)


def test_told_to_stop_while_it_starts_it_stops_what_it_started() -> None:
    program = [sys.executable, "-c", "import time; time.sleep(300)"]
    leash = subprocess.Popen(
        [sys.executable, "-c", TOLD_EARLY, str(LEASH), *program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert leash.stdout is not None
    sleeper = int(leash.stdout.readline())
    leash.wait(timeout=LONGEST_SECONDS)
    try:
        assert not is_running(sleeper)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(sleeper, signal.SIGKILL)


def test_a_child_that_ends_is_told_with_its_words(tmp_path: Path) -> None:
    with Processes(log_dir=tmp_path) as processes:
        processes.start("speaker", ["-c", "raise SystemExit('out of chalk')"])
        assert eventually(lambda: processes.children["speaker"].poll() is not None)
        with pytest.raises(RuntimeError, match="out of chalk"):
            processes.check_alive()


def test_a_port_that_somebody_listens_on_is_not_free() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        assert not is_port_free(server.getsockname()[1])
    assert is_port_free(free_port())


def test_a_lock_has_one_holder(tmp_path: Path) -> None:
    file = tmp_path / "var" / "demo.lock"
    with only_one(file) as first:
        assert first
        with only_one(file) as second:
            assert not second
    with only_one(file) as again:
        assert again
