"""Two spans or two versions of one metric beside each other, with the test that fits; pure.

Shares by Newcombe's interval of the difference; returns, which are read off a curve, and means
by the interval of Zou and Donner, which is Newcombe's where both are shares; times by the
difference of their restricted means and by the log-rank test over the whole curve.
"""

from datetime import datetime

import numpy as np

from qa.measurement.columns.clocks import Clock, calendar_lengths
from qa.measurement.columns.curves import Numbers, in_order, log_rank, restricted_mean
from qa.measurement.columns.cutting import Flags, Marks, groups, within
from qa.measurement.columns.narrowing import Narrowed
from qa.measurement.columns.recontact import recontact
from qa.measurement.columns.times import durations, ends_of
from qa.measurement.columns.types import Facts
from qa.measurement.columns.work import work
from qa.measurement.contrasts import Basis, Cohort, Contrast, Parts, Side
from qa.measurement.formulas.shares import Share, newcombe
from qa.measurement.formulas.survival import difference_of
from qa.measurement.measured import Period, pair
from qa.measurement.measuring import marks_of
from qa.measurement.standing import Reading, change
from qa.measurement.types import Breakdown, Metric, MetricSpec


def contrast(
    *,
    spec: MetricSpec,
    first: tuple[Cohort, Facts],
    second: tuple[Cohort, Facts],
    now: datetime,
    clock: Clock = calendar_lengths,
) -> Contrast:
    """Return two cohorts of a metric beside each other; the metric is one of ``COMPARABLE``.

    Args:
        spec: The definition.
        first: Which, and the facts of all cases that may matter to it.
        second: The same.
        now: Up to when was looked, UTC.
        clock: How time passes, for times.
    """
    one, two = (_Looked(spec, cohort, facts, now, clock) for cohort, facts in (first, second))
    if spec.formula is Metric.TIME_TO_RESOLUTION:
        return _times(one, two)
    if spec.formula is Metric.RECONTACT_RATE:
        left, right = _returns(one), _returns(two)
    elif spec.formula is Metric.AFTER_CONTACT_WORK:
        left, right = _work(one), _work(two)
    else:
        left, right = _share(one), _share(two)
        return Contrast(left, right, Basis.NEWCOMBE, _newcombe(left, right))
    return Contrast(left, right, Basis.TWO_INTERVALS, change(right.reading, left.reading))


def shares_of(parts: Parts, by: Breakdown) -> dict[str, Share]:
    """Return the share of each part of one side, the small ones too; not to be shown as it is."""
    cells = groups(parts.marks.of, parts.mixes, by)
    totals, hits = cells.counts(), cells.counts(parts.marks.hit)
    return {
        name: Share(int(hit), int(total))
        for name, hit, total in zip(cells.names, hits, totals, strict=True)
        if total
    }


class _Looked:
    """One side while it is worked on."""

    def __init__(
        self, spec: MetricSpec, cohort: Cohort, facts: Facts, now: datetime, clock: Clock
    ) -> None:
        self.spec, self.facts, self.clock = spec, facts, clock
        self.period = Period(cohort.begin, cohort.end, now)
        self.own = Narrowed(facts, cohort.only)
        self.by_version = Breakdown.CUE_SHEET_VERSION in cohort.only

    def parts(self) -> Parts:
        """Return what stands behind the number."""
        marks = marks_of(spec=self.spec, cases=self.facts, period=self.period)
        kept = self.own.counts(marks.case, marks.of)
        return Parts(Marks(marks.case[kept], marks.of[kept], marks.hit[kept]), self.facts.mixes)

    def moved(self) -> int:
        """Return how many cases moved to another version of what is asked."""
        if not self.by_version:
            return 0
        cases = self.facts.cases
        inside = within(cases.opened_at, self.period)
        return int(np.count_nonzero(cases.migrated & inside & self.own.fits(cases.of)))


def _share(one: _Looked) -> Side:
    parts = one.parts()
    share = Share(int(np.count_nonzero(parts.marks.hit)), len(parts.marks.hit))
    low, high = pair(share.interval(), 100)
    value = None if share.value is None else 100 * share.value
    return Side(share.total, Reading(value, low, high), moved=one.moved(), parts=parts)


def _newcombe(first: Side, second: Side) -> Reading | None:
    one, two = (
        Share(int(np.count_nonzero(side.parts.marks.hit)) if side.parts else 0, side.n)
        for side in (first, second)
    )
    found = newcombe(two, one)
    if found is None or one.value is None or two.value is None:
        return None
    return Reading(100 * (two.value - one.value), 100 * found.low, 100 * found.high)


def _returns(one: _Looked) -> Side:
    episodes = one.facts.episodes
    only: Flags = one.own.counts(episodes.case, episodes.of)
    found, _marks = recontact(one.spec, one.facts, one.period, one.clock, only=only)
    figure = found.figure
    low, high = pair(figure.interval, 100)
    value = None if figure.value is None else 100 * figure.value
    return Side(
        figure.n,
        Reading(value, low, high),
        open=figure.open,
        moved=one.moved(),
        curve=found.curve,
        parts=one.parts(),
    )


def _work(one: _Looked) -> Side:
    figure = work(one.spec, one.own, one.period, one.clock)[0].figure
    return Side(figure.n, Reading(figure.value, *pair(figure.interval)), moved=one.moved())


def _times(first: _Looked, second: _Looked) -> Contrast:
    left, right = _time_side(first), _time_side(second)
    if not (left.n and right.n):
        return Contrast(left, right, Basis.RESTRICTED_MEAN, None)
    one, two = _timed(first), _timed(second)
    horizon = (first.spec.settings.horizon_days or 14) * 24.0
    before, after = (restricted_mean(*each, horizon=horizon) for each in (one, two))
    apart = difference_of(after, before)
    ranked = log_rank(two, one)
    return Contrast(
        left,
        right,
        Basis.RESTRICTED_MEAN,
        Reading(apart.value, apart.interval.low, apart.interval.high),
        means=(before.value, after.value),
        p_value=ranked.p_value if ranked else None,
    )


def _time_side(one: _Looked) -> Side:
    found, _marks = durations(one.spec, one.own, one.period, one.clock)
    beside = found.figure.beside
    return Side(
        found.figure.n,
        Reading(found.figure.value, beside["low"], beside["high"]),
        open=found.figure.open,
        moved=one.moved(),
        further=Reading(beside["p90"], beside["p90_low"], beside["p90_high"]),
        curve=found.curve,
    )


def _timed(one: _Looked) -> tuple[Numbers, Flags]:
    """Return the hours of each case in order, and whether it was resolved then."""
    _cases, _left, ended = ends_of(one.spec, one.own, one.period, one.clock)
    order = in_order(ended.times)
    return ended.times[order], ended.happened[order]
