"""Holds an answer until something is true, for at most a stated time."""

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import connection

T = TypeVar("T")
LONGEST_WAIT_SECONDS = 25.0
#: Nothing asks the database more often than this.
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 0.25
#: What most answers do not outlast: so long the pauses stay short, and the connection is kept.
_BRISK_SECONDS = 0.3


def wait_for(read: Callable[[], T], *, until: Callable[[T], bool], seconds: float) -> T:
    """Read again and again until the value satisfies, or the time is over.

    Outside a transaction the database connection is closed before every pause after the first
    0.3 s, which most answers do not outlast, so that those who wait do not hold one each.

    Args:
        read: Reads the value afresh.
        until: Whether the value ends the wait.
        seconds: Longest wait; capped at 25.

    Returns:
        The last value read, whether it satisfies or not.
    """
    begun = time.monotonic()
    ends = begun + min(max(seconds, 0.0), LONGEST_WAIT_SECONDS)
    pause = _FIRST_PAUSE
    while True:
        value = read()
        now = time.monotonic()
        if until(value) or now >= ends:
            return value
        if now - begun >= _BRISK_SECONDS:
            pause = min(pause * 1.5, _LONGEST_PAUSE)
            if not connection.in_atomic_block:
                connection.close()
        time.sleep(min(pause, ends - now))
