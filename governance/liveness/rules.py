"""When silence is too long, and how a connection stands for all processes; pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from orchestra.core.breaker import CLOSED, OPEN, OPEN_SECONDS, TRIAL

#: A process that told nothing for so long is taken to be gone; what it told is kept no longer.
FORGOTTEN_AFTER: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the processes that carry calls out see one connection.

    Attributes:
        state: ``open`` while one leaves it alone, ``trial`` where the next call tries it,
            ``closed`` otherwise.
        processes: How many of them see it so; 0 where none told anything, as where all is well.
        failures: The most failures in a row that one of them counted; 0 where closed.
        until: When the last of them tries it again; None unless open.
    """

    state: str = CLOSED
    processes: int = 0
    failures: int = 0
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What one process told of one connection, and when."""

    state: str
    failures: int
    at: datetime


def silence_seconds(*, last: datetime | None, now: datetime) -> float:
    """Return how long no work was taken; 0 where none ever was, as before the first start.

    Args:
        last: When a sign of work was last taken.
        now: The moment of the question.
    """
    return max(0.0, (now - last).total_seconds()) if last else 0.0


def standing_of(told: Iterable[Told], *, now: datetime) -> Standing:
    """Return how a connection stands, the worst that a process sees.

    A breaker changes by calls alone: once its time is over, the next call is the trial.

    Args:
        told: What each process told last.
        now: The moment of the question.
    """
    rest = timedelta(seconds=OPEN_SECONDS)
    bad = [one for one in told if one.state != CLOSED and now - one.at < FORGOTTEN_AFTER]
    alone = [one for one in bad if one.state == OPEN and now - one.at < rest]
    if alone:
        until = max(one.at for one in alone) + rest
        return Standing(OPEN, len(alone), max(one.failures for one in alone), until)
    if bad:
        return Standing(TRIAL, len(bad), max(one.failures for one in bad))
    return Standing()
