"""A number cut by one dimension, with the cells that must not be told; pure.

The mix-adjusted value is directly standardised on journey x risk x channel, with the weights of
both periods together, and stands beside the crude one.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from qa.estimates.types import Interval
from qa.measurement.formulas.shares import (
    Share,
    Standardised,
    pooled_weights,
    small_cells,
    standardise,
)
from qa.measurement.rows import Dimensions
from qa.measurement.types import Breakdown

Row = TypeVar("Row")

#: What a fair comparison holds still.
MIX: Final = (Breakdown.JOURNEY, Breakdown.RISK, Breakdown.CHANNEL)


@dataclass(frozen=True, slots=True)
class Cell:
    """One line of a breakdown.

    Attributes:
        key: Of the dimension; empty where it is not known.
        n: None where the cell is hidden, for itself or so that another cannot be had.
        share: None where it is hidden.
        interval: None where it is hidden.
    """

    key: str
    n: int | None
    share: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Against:
    """Two periods or versions beside each other, as they were and with the same mix."""

    first: Share
    second: Share
    first_same_mix: Standardised | None
    second_same_mix: Standardised | None


def value_of(of: Dimensions, breakdown: Breakdown) -> str:
    """Return the value of a dimension."""
    found: str = getattr(of, breakdown.value)
    return found


def mix_of(of: Dimensions) -> tuple[str, ...]:
    """Return the stratum of a row in the standard mix."""
    return tuple(value_of(of, one) for one in MIX)


def break_down(
    rows: Iterable[Row],
    *,
    key: Callable[[Row], str],
    hit: Callable[[Row], bool],
    minimum: int = 30,
) -> tuple[Cell, ...]:
    """Return the share of each cell, most rows first.

    A cell under the minimum is hidden whole: from its interval the share could be had again.
    Where one such cell stands alone beside a total that is shown, it is hidden with the
    smallest of the others, or it could be had by subtraction.
    """
    return cells_of(shares_by(rows, key=key, hit=hit), minimum=minimum)


def cells_of(shares: Mapping[str, Share], *, minimum: int = 30) -> tuple[Cell, ...]:
    """Return the cells of a breakdown as they may be told; see ``break_down``."""
    hidden = small_cells(((name, one.total) for name, one in shares.items()), minimum=minimum)
    ordered = sorted(shares.items(), key=lambda pair: (-pair[1].total, pair[0]))
    return tuple(_cell(name, share, hidden) for name, share in ordered)


def shares_by(
    rows: Iterable[Row], *, key: Callable[[Row], str], hit: Callable[[Row], bool]
) -> dict[str, Share]:
    """Return the share of each cell, the small ones too; not to be shown as it is."""
    hits: Counter[str] = Counter()
    totals: Counter[str] = Counter()
    for row in rows:
        name = key(row)
        totals[name] += 1
        hits[name] += hit(row)
    return {name: Share(hits[name], total) for name, total in totals.items()}


def against(
    first: Sequence[Row],
    second: Sequence[Row],
    *,
    stratum: Callable[[Row], Hashable],
    hit: Callable[[Row], bool],
) -> Against:
    """Return two sets of rows beside each other, crude and with the mix of both together."""
    one, two = _by_stratum(first, stratum, hit), _by_stratum(second, stratum, hit)
    weights = pooled_weights(
        {key: share.total for key, share in one.items()},
        {key: share.total for key, share in two.items()},
    )
    return Against(
        _together(one), _together(two), standardise(one, weights), standardise(two, weights)
    )


def _by_stratum(
    rows: Iterable[Row], stratum: Callable[[Row], Hashable], hit: Callable[[Row], bool]
) -> dict[Hashable, Share]:
    counts: dict[Hashable, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        own = counts[stratum(row)]
        own[0] += hit(row)
        own[1] += 1
    return {key: Share(hits, total) for key, (hits, total) in counts.items()}


def _together(shares: Mapping[Hashable, Share]) -> Share:
    return Share(
        sum(one.hits for one in shares.values()), sum(one.total for one in shares.values())
    )


def _cell(name: str, share: Share, hidden: frozenset[str]) -> Cell:
    if name not in hidden:
        return Cell(name, share.total, share.value, share.interval())
    return Cell(name, None, None, None)
