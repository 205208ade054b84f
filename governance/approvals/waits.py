"""How long requests waited for their decision, and whether a set of people can give one."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

HOURS = 24
MEDIAN, P90 = Fraction(1, 2), Fraction(9, 10)


@dataclass(frozen=True, slots=True)
class Wait:
    """One decided request.

    Attributes:
        queue_id: Primary key of its queue.
        hour: Hour of the day at which it was asked for, 0 to 23, on the reader's clock.
        seconds: From asking to the decision.
    """

    queue_id: int
    hour: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Spread:
    """How long some requests waited.

    Attributes:
        count: How many.
        median: Seconds; half of them waited no longer. None where there are none.
        p90: Seconds; nine of ten waited no longer.
    """

    count: int
    median: float | None
    p90: float | None


def quantile(values: Iterable[float], share: Fraction) -> float | None:
    """Return the smallest of some values that at least a share of them does not exceed.

    This is the nearest-rank quantile: always one of the values, never between two.

    Args:
        values: In any order.
        share: Above 0, at most 1.

    Source: Hyndman and Fan, Sample Quantiles in Statistical Packages (1996), definition 1.
    """
    ordered = sorted(values)
    if not ordered:
        return None
    rank = -(-share.numerator * len(ordered) // share.denominator)
    return ordered[rank - 1]


def spread(waits: Iterable[Wait]) -> Spread:
    """Return how long some requests waited."""
    seconds = [wait.seconds for wait in waits]
    return Spread(len(seconds), quantile(seconds, MEDIAN), quantile(seconds, P90))


def by_hour(waits: Iterable[Wait]) -> Sequence[Spread]:
    """Return how long requests waited by the hour they were asked for, 24 spreads."""
    found: list[list[Wait]] = [[] for _hour in range(HOURS)]
    for wait in waits:
        found[wait.hour].append(wait)
    return [spread(each) for each in found]


def by_queue(waits: Iterable[Wait]) -> Mapping[int, Spread]:
    """Return how long requests waited by queue, of those that had any."""
    found: dict[int, list[Wait]] = {}
    for wait in waits:
        found.setdefault(wait.queue_id, []).append(wait)
    return {queue_id: spread(each) for queue_id, each in found.items()}


def can_give(
    people: Sequence[Collection[str]],
    *,
    roles: Collection[str],
    votes: int,
    distinct_roles: bool,
) -> bool:
    """Return whether people can give an approval: enough of them, each from another role if asked.

    Args:
        people: The voting roles of each person who may vote on the queue.
        roles: Roles asked for; empty for any role that votes.
        votes: Approving votes it takes; less than one counts as one.
        distinct_roles: Whether each vote must come from another role.
    """
    able = [set(held) & set(roles) if roles else set(held) for held in people]
    able = [held for held in able if held]
    if not distinct_roles:
        return len(able) >= max(1, votes)
    return _matched(able) >= max(1, votes)


def _matched(able: Sequence[Collection[str]]) -> int:
    """Return how many people can each stand for a role of their own: a largest matching."""
    holder: dict[str, int] = {}

    def seat(person: int, tried: set[str]) -> bool:
        for role in able[person]:
            if role in tried:
                continue
            tried.add(role)
            if role not in holder or seat(holder[role], tried):
                holder[role] = person
                return True
        return False

    return sum(seat(person, set()) for person in range(len(able)))
