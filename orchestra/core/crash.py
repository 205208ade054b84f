"""Named places where a fault test may kill the process or do worse; nothing in production."""

import os
import signal
from collections import Counter
from collections.abc import Callable

from django.conf import settings

VARIABLE = "ORCHESTRA_CRASH"

_passed: Counter[str] = Counter()
_planted: dict[str, tuple[int, Callable[[], None]]] = {}


def plant(name: str, act: Callable[[], None], *, turn: int = 1) -> None:
    """Let a fault happen at a place of this process, once; where the setting allows it.

    Args:
        name: Name of the place.
        act: What happens there; what it raises is raised there.
        turn: At which pass, from now on.
    """
    _passed[name] = 0
    _planted[name] = (turn, act)


def crash_point(name: str) -> None:
    """Kill this process here, as ``kill -9`` would, if a fault test asked for it.

    The environment variable ``ORCHESTRA_CRASH`` holds ``name`` or ``name:n`` for the n-th pass;
    it is looked at only where the setting ``CRASH_POINTS`` is on, which production never sets.

    Args:
        name: Stable name of the place, such as ``after-claim-before-send``.
    """
    wanted = os.environ.get(VARIABLE)
    if not (wanted or _planted) or not settings.ORCHESTRA["CRASH_POINTS"]:
        return
    point, _, turn = (wanted or "").partition(":")
    planted = _planted.get(name)
    if point != name and planted is None:
        return
    _passed[name] += 1
    if point == name and _passed[name] == int(turn or 1):
        os.kill(os.getpid(), signal.SIGKILL)
    if planted is not None and _passed[name] == planted[0]:
        del _planted[name]
        planted[1]()
