"""Who is given a review, which are reviewed twice, and how long a screen was looked at; pure."""

import hashlib
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from qa.reviewing.types import Candidate, Choice, ReviewState, Unassigned

#: States in which a review is still somebody's to do.
OPEN: Final = frozenset({ReviewState.WAITING, ReviewState.TAKEN})
#: States in which its answers stand.
DONE: Final = frozenset({ReviewState.SUBMITTED, ReviewState.RELEASED})
_BYTES: Final = 8
_SCALE: Final = 1 << (8 * _BYTES)
_WHOLE: Final = 100


def _number(*parts: str) -> int:
    return int.from_bytes(hashlib.sha256("|".join(parts).encode()).digest()[:_BYTES], "big")


def choose(
    candidates: Iterable[Candidate],
    *,
    barred: Collection[str],
    at_most: int | None,
    seed: str,
    unit: str,
) -> Choice:
    """Return who is given the review of a unit: whoever has the fewest open ones.

    Ties are broken by ``SHA-256(seed "|" unit "|" person)``, so that anybody who knows the seed
    finds the same person, and nobody knows beforehand.

    Args:
        candidates: Everybody whose role may review it.
        barred: Public ids of people with a hand in it.
        at_most: Most reviews for one person in the period; None for no bound.
        seed: The period's seed.
        unit: What the draw hashes of the unit.
    """
    everybody = list(candidates)
    if not everybody:
        return Choice(why=Unassigned.NOBODY_HOLDS_ROLE)
    impartial = [one for one in everybody if one.person not in barred]
    if not impartial:
        return Choice(why=Unassigned.ALL_HAD_A_HAND)
    free = [one for one in impartial if at_most is None or one.given < at_most]
    if not free:
        return Choice(why=Unassigned.QUOTAS_USED)
    best = min(free, key=lambda one: (one.waiting, _number(seed, unit, one.person), one.person))
    return Choice(person=best.person)


def is_reviewed_twice(*, percent: int, seed: str, unit: str) -> bool:
    """Return whether a second person reviews a unit as well.

    Args:
        percent: Share of units that are, 0 to 100.
        seed: The period's seed.
        unit: What the draw hashes of the unit.
    """
    return _number(seed, "second", unit) * _WHOLE < percent * _SCALE


def seconds_counted(*, said: int, since: datetime, now: datetime) -> int:
    """Return how many seconds on a screen are believed: never more than went by.

    Args:
        said: What the screen measured since it saved last.
        since: When it saved last, or the review was taken.
        now: The moment.
    """
    return max(0, min(said, int((now - since).total_seconds())))
