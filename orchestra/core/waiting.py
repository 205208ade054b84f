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


def wait_for(read: Callable[[], T], *, until: Callable[[T], bool], seconds: float) -> T:
    """Read again and again until the value satisfies, or the time is over.

    Outside a transaction the database connection is closed before every pause but the first,
    which most answers do not outlast, so that those who wait do not hold one each.

    Args:
        read: Reads the value afresh.
        until: Whether the value ends the wait.
        seconds: Longest wait; capped at 25.

    Returns:
        The last value read, whether it satisfies or not.
    """
    ends = time.monotonic() + min(max(seconds, 0.0), LONGEST_WAIT_SECONDS)
    pause = _FIRST_PAUSE
    while True:
        value = read()
        left = ends - time.monotonic()
        if until(value) or left <= 0:
            return value
        if pause > _FIRST_PAUSE and not connection.in_atomic_block:
            connection.close()
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, _LONGEST_PAUSE)
