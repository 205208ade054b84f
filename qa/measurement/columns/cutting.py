"""Columns cut by a dimension: counts, shares and strata; pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa.measurement.columns.codes import LEFT_OUT, moment
from qa.measurement.columns.types import Facts
from qa.measurement.formulas.shares import Share
from qa.measurement.measured import Line, Measured, Period, pair, percent
from qa.measurement.metrics.breakdowns import MIX, cells_of, mix_of, value_of
from qa.measurement.rows import Dimensions
from qa.measurement.types import Breakdown, MetricSpec

Flags = NDArray[np.bool_]
Keys = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Marks:
    """What stands behind a number: of which case each thing is, and whether it is a hit."""

    case: Keys
    of: Keys
    hit: Flags


Found = tuple[Measured, Marks]


@dataclass(frozen=True, slots=True)
class Groups:
    """The rows of a column of dimensions as groups of one dimension.

    Attributes:
        names: Values of the dimension.
        which: For each row the place of its value.
    """

    names: tuple[str, ...]
    which: NDArray[np.intp]

    def counts(self, chosen: Flags | None = None) -> NDArray[np.intp]:
        """Return how many rows each group has, or how many of the chosen ones."""
        which = self.which if chosen is None else self.which[chosen]
        return np.bincount(which, minlength=len(self.names))

    def parts(self) -> Iterator[tuple[str, NDArray[np.intp]]]:
        """Yield each group with the places of its rows, in their order."""
        small: Any = self.which.astype(np.int16) if len(self.names) < 2**15 else self.which
        order = np.argsort(small, kind="stable")
        counts = self.counts()
        for name, count, end in zip(self.names, counts, np.cumsum(counts), strict=True):
            if count:
                yield name, order[end - count : end]


def groups(
    of: Keys, mixes: Mapping[int, Dimensions], by: Breakdown | tuple[Breakdown, ...]
) -> Groups:
    """Return rows by one dimension, or by several at once with their values joined."""
    keys = np.array(sorted(mixes), dtype=np.int64)
    told = [_told(mixes[int(key)], by) for key in keys]
    names = tuple(sorted(set(told)))
    number = {name: place for place, name in enumerate(names)}
    of_mix = np.array([number[name] for name in told], dtype=np.intp)
    if not len(keys):
        return Groups((), np.zeros(0, dtype=np.intp))
    return Groups(names, of_mix[np.searchsorted(keys, of)])


def _told(of: Dimensions, by: Breakdown | tuple[Breakdown, ...]) -> str:
    return " / ".join(mix_of(of)) if isinstance(by, tuple) else value_of(of, by)


def sift(left_out: NDArray[np.int16], spec: MetricSpec) -> tuple[Flags, dict[str, int]]:
    """Return which rows count, and how many of the others for each reason."""
    counts = np.bincount(left_out, minlength=len(LEFT_OUT) + 1)
    leaves = np.zeros(len(LEFT_OUT) + 1, dtype=np.bool_)
    left = {}
    for code, reason in enumerate(LEFT_OUT, start=1):
        if reason in spec.left_out:
            leaves[code] = True
            if counts[code]:
                left[str(reason)] = int(counts[code])
    return ~leaves[left_out], left


def within(at: NDArray[np.int64], period: Period) -> Flags:
    """Return which moments belong to a period."""
    begin, end = moment(period.begin), moment(period.end)
    return (begin <= at) & (at < end) & (at <= moment(period.now))


def cut(spec: MetricSpec, marks: Marks, facts: Facts) -> dict[str, tuple[Line, ...]]:
    """Return the shares by each dimension that a definition names."""
    return {str(one): _cut_by(one, spec, marks, facts) for one in spec.breakdowns}


def strata(marks: Marks, facts: Facts, minimum: int) -> dict[str, tuple[int, int]]:
    """Return hits and totals by stratum, where there are enough in all to tell any of them."""
    if len(marks.case) < minimum:
        return {}
    shares = _shares(groups(marks.of, facts.mixes, MIX), marks)
    return {name: (one.hits, one.total) for name, one in sorted(shares.items())}


def _cut_by(by: Breakdown, spec: MetricSpec, marks: Marks, facts: Facts) -> tuple[Line, ...]:
    shares = _shares(groups(marks.of, facts.mixes, by), marks)
    return tuple(
        Line(cell.key, cell.n, percent(cell.share), *pair(cell.interval, 100))
        for cell in cells_of(shares, minimum=spec.minimum_cases)
    )


def _shares(cells: Groups, marks: Marks) -> dict[str, Share]:
    totals, hits = cells.counts(), cells.counts(marks.hit)
    return {
        name: Share(int(hit), int(total))
        for name, hit, total in zip(cells.names, hits, totals, strict=True)
        if total
    }
