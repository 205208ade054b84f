"""Runs one program until it ends, is told to stop, or whoever started it is gone.

Started as a file, without the packages around it: ``python leash.py PROGRAM ARGUMENT…``. Its
standard input is a pipe whose other end the starter holds and never writes to, so that the
end of the input means the starter's end, however it came: a ``kill -9`` leaves no orphans.
"""

import os
import signal
import subprocess
import sys
import threading
from types import FrameType

STOP_SECONDS = 8.0


def main(arguments: list[str]) -> int:
    """Run the program and return its exit code."""
    wanted: list[int] = []

    def forward(number: int, _frame: FrameType | None) -> None:
        wanted.append(number)
        if child is not None:
            child.send_signal(number)

    # Before there is a program: told to stop meanwhile, it would be left alone otherwise.
    child: subprocess.Popen[bytes] | None = None
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, forward)
    child = subprocess.Popen(arguments, stdin=subprocess.DEVNULL)  # noqa: S603  the starter's own
    for earlier in wanted:
        child.send_signal(earlier)
    threading.Thread(target=_follow, args=(child,), daemon=True).start()
    return child.wait()


def _follow(child: "subprocess.Popen[bytes]") -> None:
    """Stop the program, and all it started, once the starter is gone."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    child.terminate()
    try:
        child.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(os.getpgid(0), signal.SIGKILL)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
