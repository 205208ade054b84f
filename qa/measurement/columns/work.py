"""After-contact work of the wrap-ups that ended in a period, over columns; pure."""

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qa.estimates.types import Interval
from qa.measurement.columns.clocks import Clock
from qa.measurement.columns.codes import DRAFTS, code_of
from qa.measurement.columns.cutting import Found, Groups, Marks, groups, sift, within
from qa.measurement.columns.types import Facts, Works, pick
from qa.measurement.formulas.shares import Share
from qa.measurement.measured import Line, Measured, Period, lines, pair, percent
from qa.measurement.metrics.common import Figure
from qa.measurement.metrics.work import NOT_APPLICABLE
from qa.measurement.types import Metric, MetricSpec
from qa.sampling.planning import z_of

_CAP: Final = 30
_CONFIDENCE: Final = 0.95


def work(spec: MetricSpec, facts: Facts, period: Period, clock: Clock) -> Found:
    """Return after-contact work over the wrap-ups that ended in a period."""
    del clock
    ended = pick(facts.works, within(facts.works.wrapped_at, period))
    kept, left = sift(ended.left_out, spec)
    own = pick(ended, kept)
    applies = ~np.isnan(own.seconds)
    if not bool(np.all(applies)):
        left[NOT_APPLICABLE] = int(np.count_nonzero(~applies))
    told = dict(sorted(left.items()))
    some = pick(own, applies)
    cap = (spec.settings.cap_minutes or _CAP) * 60.0
    minutes = np.minimum(some.seconds, cap) / 60
    which, count = _renumbered(some.contact, once=False)
    # Hardly any contact has two wrap-ups; where none has, no group needs to be looked at for it.
    once = count == len(which)
    mean = _mean(which, count, minutes, told)
    figure = mean
    if spec.formula is Metric.AFTER_CONTACT_WORK_SHARE:
        handle = _sum(some.handle_seconds)
        share = min(1.0, 60 * _sum(minutes) / handle) if handle > 0 else None
        figure = Figure(share, None, mean.n, left_out=told)
    beside: dict[str, float | None] = {
        "timed_out": percent(_share(some.timed_out)),
        "capped": percent(_share(some.seconds > cap)),
        "back_office_minutes": _sum(own.back_office_seconds) / 60,
    }
    figure = Figure(figure.value, figure.interval, figure.n, left_out=told, beside=beside)
    cuts = {
        str(one): _cut(spec, groups(some.of, facts.mixes, one), which, minutes, once=once)
        for one in spec.breakdowns
    }
    return Measured(
        figure, breakdowns=cuts, counts={"drafts": _drafts(some, which, minutes, once=once)}
    ), Marks(own.case, own.of, np.ones(len(own.case), dtype=np.bool_))


def _cut(
    spec: MetricSpec, cells: Groups, which: Any, minutes: Any, *, once: bool
) -> tuple[Line, ...]:
    told = {}
    for name, places in cells.parts():
        of = _mean(*_renumbered(which[places], once=once), minutes[places], {})
        told[name] = (of.n, of.value, *pair(of.interval))
    return lines(told, spec.minimum_cases)


def _drafts(some: Works, which: Any, minutes: Any, *, once: bool) -> dict[str, float]:
    found = {}
    for name in DRAFTS:
        mask = some.draft == code_of(name, DRAFTS)
        if bool(np.any(mask)):
            value = _mean(*_renumbered(which[mask], once=once), minutes[mask], {}).value
            if value is not None:
                found[name] = value
    return found


def _renumbered(contacts: Any, *, once: bool) -> tuple[NDArray[np.intp], int]:
    """Return contacts as numbers from 0 on, and how many there are."""
    if once:
        return np.arange(len(contacts)), len(contacts)
    known, which = np.unique(contacts, return_inverse=True)
    return which, len(known)


def _sum(numbers: NDArray[Any]) -> float:
    """Return a sum without rounding, so that the order of the rows does not matter."""
    return math.fsum(numbers.tolist())


def _mean(
    which: NDArray[np.intp], count: int, minutes: NDArray[np.float64], left: Mapping[str, int]
) -> Figure:
    """Return the mean for each contact, those that needed none as zero."""
    if not count:
        return Figure(None, None, 0, left_out=left)
    each = np.bincount(which, weights=minutes, minlength=count)
    mean = _sum(each) / count
    interval = None
    if count > 1:
        spread = _sum((each - mean) ** 2) / (count - 1)
        half = z_of(_CONFIDENCE) * math.sqrt(spread / count)
        interval = Interval(max(0.0, mean - half), mean + half)
    return Figure(mean, interval, count, left_out=left)


def _share(flags: NDArray[np.bool_]) -> float | None:
    return Share(int(np.count_nonzero(flags)), len(flags)).value
