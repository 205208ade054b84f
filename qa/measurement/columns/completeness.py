"""Audit completeness of the cases closed in a period, over columns; pure."""

import numpy as np

from qa.measurement.columns.clocks import Clock
from qa.measurement.columns.cutting import Found, Marks, groups, sift, within
from qa.measurement.columns.types import Facts, pick
from qa.measurement.formulas.shares import Share
from qa.measurement.measured import Measured, Period
from qa.measurement.metrics.common import Figure, as_figure
from qa.measurement.metrics.completeness import NOTHING_REQUIRED
from qa.measurement.types import Breakdown, Metric, MetricSpec

_STRICT = ("high", "critical")


def completeness(spec: MetricSpec, facts: Facts, period: Period, clock: Clock) -> Found:
    """Return whether the cases closed in a period can be told from their records alone."""
    del clock
    closed = pick(facts.cases, within(facts.cases.closed_at, period))
    kept, left = sift(closed.left_out, spec)
    own = pick(closed, kept)
    judged = own.required > 0
    known = judged | (own.retired > 0)
    unconfigured = int(np.count_nonzero(~known))
    if unconfigured:
        left[NOTHING_REQUIRED] = unconfigured
    left = dict(sorted(left.items()))
    complete = own.counted == own.required
    if spec.formula is Metric.AUDIT_COMPLETENESS_FACTS:
        counted, required = own.counted[judged].sum(), own.required[judged].sum()
        figure = as_figure(Share(int(counted), int(required)), left)
    else:
        hits = int(np.count_nonzero(complete & judged))
        figure = as_figure(Share(hits, int(np.count_nonzero(judged))), left)
    risks = groups(own.of, facts.mixes, Breakdown.RISK)
    strict = judged & np.isin(risks.which, [risks.names.index(one) for one in _strict(risks.names)])
    beside: dict[str, float | None] = {
        "late": int(own.late[judged].sum()),
        "retention_over": int(own.retired.sum()),
        "unconfigured": unconfigured,
        "strict": int(np.count_nonzero(strict)),
        "strict_incomplete": int(np.count_nonzero(strict & ~complete)),
    }
    gaps = pick(facts.gaps, np.isin(facts.gaps.case, own.id[judged]))
    records, which = np.unique(gaps.record, return_inverse=True)
    counts = np.bincount(which, weights=gaps.count, minlength=len(records))
    missing = {facts.words[int(key)]: float(n) for key, n in zip(records, counts, strict=True)}
    return Measured(
        Figure(figure.value, figure.interval, figure.n, figure.hits, figure.left_out, 0, beside),
        counts={"missing": dict(sorted(missing.items()))},
    ), Marks(own.id[known], own.of[known], complete[known])


def _strict(names: tuple[str, ...]) -> list[str]:
    return [name for name in names if name in _STRICT]
