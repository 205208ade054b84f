"""Holds an answer until something is true, for at most a stated time."""

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import connection
from django.utils import timezone, translation

from orchestra.core.lookout import FIRST_PAUSE, LONGEST_PAUSE, lookout

T = TypeVar("T")
LONGEST_WAIT_SECONDS = 25.0
#: What most answers do not outlast: so long whoever waits looks by itself, and briskly.
_BRISK_SECONDS = 0.3


def wait_for(read: Callable[[], T], *, until: Callable[[T], bool], seconds: float) -> T:
    """Read again and again until the value satisfies, or the time is over.

    Outside a transaction the database connection is closed after the first 0.3 s, which most
    answers do not outlast. From then on one thread reads for all who wait in this process.

    Args:
        read: Reads the value afresh; later in another thread, with the context of this one.
        until: Whether the value ends the wait.
        seconds: Longest wait; capped at 25.

    Returns:
        The last value read, whether it satisfies or not.
    """
    begun = time.monotonic()
    ends = begun + min(max(seconds, 0.0), LONGEST_WAIT_SECONDS)
    pause = FIRST_PAUSE
    while True:
        value = read()
        now = time.monotonic()
        if until(value) or now >= ends:
            return value
        if now - begun >= _BRISK_SECONDS:
            if not connection.in_atomic_block:
                break
            pause = min(pause * 1.5, LONGEST_PAUSE)
        time.sleep(min(pause, ends - now))

    language, zone = translation.get_language(), timezone.get_current_timezone()

    def look() -> bool:
        nonlocal value
        # Of the thread, so that the copy of a context does not bring them.
        with translation.override(language), timezone.override(zone):
            value = read()
            return until(value)

    connection.close()
    lookout.wait(look, ends=ends)
    return value
