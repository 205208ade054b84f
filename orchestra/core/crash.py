"""Named places where a fault test may kill the process; nothing in production."""

import os
import signal
from collections import Counter

from django.conf import settings

VARIABLE = "ORCHESTRA_CRASH"

_passed: Counter[str] = Counter()


def crash_point(name: str) -> None:
    """Kill this process here, as ``kill -9`` would, if a fault test asked for it.

    The environment variable ``ORCHESTRA_CRASH`` holds ``name`` or ``name:n`` for the n-th pass;
    it is looked at only where the setting ``CRASH_POINTS`` is on, which production never sets.

    Args:
        name: Stable name of the place, such as ``after-claim-before-send``.
    """
    wanted = os.environ.get(VARIABLE)
    if not wanted or not settings.ORCHESTRA["CRASH_POINTS"]:
        return
    point, _, turn = wanted.partition(":")
    if point != name:
        return
    _passed[name] += 1
    if _passed[name] == int(turn or 1):
        os.kill(os.getpid(), signal.SIGKILL)
