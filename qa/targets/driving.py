"""What moved a number between two stretches of time: its parts, by value and by mix; pure.

A whole is the mean of its parts by their size, ``sum w_k m_k``. Its change is the sum over the
parts of ``mean(w_k) (m1_k - m0_k)``, how the part itself changed, and
``(w1_k - w0_k) (mean(m_k) - M)``, how its size did, with M the mean of both wholes.

Source: E. M. Kitagawa (1955), Components of a difference between two rates; C. E. Bonferroni
for looking at many parts at once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import fsum, sqrt

from qa.measurement.types import Breakdown
from qa.sampling.planning import z_of
from qa.targets.types import Driver, Effect, Part

Parts = Mapping[str, Part]


@dataclass(frozen=True, slots=True)
class _Moved:
    key: str
    effect: Effect
    points: float
    variance: float


def find_driver(
    cuts: Mapping[Breakdown, tuple[Parts, Parts]],
    *,
    worse_is_more: bool,
    minimum: int = 30,
    confidence: float = 0.95,
) -> Driver | None:
    """Return the part that made a number worse most, where its interval excludes no change.

    Args:
        cuts: Dimension to its parts before and now; parts that are not known are not there.
        worse_is_more: Whether a rise is for the worse.
        minimum: A part of fewer is never named.
        confidence: Of all intervals together.
    """
    found = [(by, before, now, list(_moves(before, now))) for by, (before, now) in cuts.items()]
    looked = sum(len(moves) for *_rest, moves in found)
    if not looked:
        return None
    wide = z_of(1 - (1 - confidence) / looked)
    sign = 1 if worse_is_more else -1
    best: Driver | None = None
    for by, before, now, moves in found:
        for one in moves:
            half = wide * sqrt(one.variance)
            named = min(_size(before, one.key), _size(now, one.key)) >= minimum
            if not named or sign * one.points <= half:
                continue
            if best is None or abs(one.points) > abs(best.points):
                change = _mean(now) - _mean(before)
                low, high = one.points - half, one.points + half
                best = Driver(by, one.key, one.effect, one.points, low, high, change)
    return best


def _moves(before: Parts, now: Parts) -> Iterator[_Moved]:
    both = sorted(set(before) & set(now))
    whole0, whole1 = _total(before), _total(now)
    if len(both) < 2 or not whole0 or not whole1:  # noqa: PLR2004  one part is the whole
        return
    middle = (_mean(before) + _mean(now)) / 2
    for key in both:
        old, new = before[key], now[key]
        share0, share1 = old.n / whole0, new.n / whole1
        weight = (share0 + share1) / 2
        yield _Moved(
            key,
            Effect.VALUE,
            weight * (new.value - old.value),
            weight**2 * (new.variance + old.variance),
        )
        apart = (old.value + new.value) / 2 - middle
        spread = share0 * (1 - share0) / whole0 + share1 * (1 - share1) / whole1
        yield _Moved(key, Effect.MIX, (share1 - share0) * apart, apart**2 * spread)


def _total(parts: Parts) -> int:
    return sum(one.n for one in parts.values())


def _mean(parts: Parts) -> float:
    return fsum(one.n * one.value for one in parts.values()) / max(1, _total(parts))


def _size(parts: Parts, key: str) -> int:
    return parts[key].n if key in parts else 0
