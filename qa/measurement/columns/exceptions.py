"""Exception rates of a period, over columns; pure."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa.measurement.columns.clocks import Clock
from qa.measurement.columns.codes import EXCEPTIONS, code_of, moment
from qa.measurement.columns.cutting import Found, Marks, sift, within
from qa.measurement.columns.types import Facts, Steps, pick
from qa.measurement.formulas.shares import Share, rule_of_three
from qa.measurement.measured import Measured, Period, percent
from qa.measurement.metrics.common import Figure, as_figure
from qa.measurement.types import Metric, MetricSpec

Flags = NDArray[np.bool_]


def exceptions(spec: MetricSpec, facts: Facts, period: Period, clock: Clock) -> Found:
    """Return how often executions, or the cases opened in a period, leave the planned way."""
    del clock
    if spec.formula is Metric.EXCEPTION_RATE_CASES:
        return _of_cases(spec, facts, period)
    steps, left = _kept(spec, pick(facts.steps, within(facts.steps.started_at, period)))
    told = _Told(spec, steps, left)
    figure = told.recovered if spec.formula is Metric.RECOVERED_RATE else told.steps
    return told.measured(figure), Marks(steps.case, steps.of, told.roots)


def _of_cases(spec: MetricSpec, facts: Facts, period: Period) -> Found:
    opened = pick(facts.cases, within(facts.cases.opened_at, period))
    kept, left = sift(opened.left_out, spec)
    mine = np.isin(facts.steps.case, opened.id) & (facts.steps.started_at <= moment(period.now))
    steps, left_steps = _kept(spec, pick(facts.steps, mine))
    told = _Told(spec, steps, left_steps)
    own = pick(opened, kept)
    hit = np.isin(own.id, steps.case[told.failed])
    figure = _rare(
        as_figure(Share(int(np.count_nonzero(hit)), len(own.id)), dict(sorted(left.items())))
    )
    return told.measured(figure), Marks(own.id, own.of, hit)


class _Told:
    """What executions come to."""

    def __init__(self, spec: MetricSpec, steps: Steps, left: dict[str, int]) -> None:
        counted = np.zeros(len(EXCEPTIONS) + 1, dtype=np.bool_)
        counted[[code_of(kind, EXCEPTIONS) for kind in spec.settings.exceptions]] = True
        wanted = counted[steps.exception]
        self.failed: Flags = wanted & ~steps.recovered
        self.roots: Flags = self.failed & ~steps.consequence
        root, again = _count(self.roots), _count(wanted & steps.recovered)
        self.steps = _rare(as_figure(Share(root, len(steps.case)), left))
        self.recovered = as_figure(Share(again, again + root), left)
        self.consequences = _count(self.failed) - root
        by_kind = np.bincount(steps.exception[self.roots], minlength=len(counted))
        self.by_kind = {
            str(kind): float(by_kind[code_of(kind, EXCEPTIONS)])
            for kind in sorted(EXCEPTIONS)
            if by_kind[code_of(kind, EXCEPTIONS)]
        }

    def measured(self, figure: Figure) -> Measured:
        """Return a figure of them with the others beside it."""
        beside = {
            **figure.beside,
            "steps": self.steps.n,
            "steps_with": self.steps.hits,
            "recovered": percent(self.recovered.value),
            "consequences": self.consequences,
        }
        return Measured(replace(figure, beside=beside), counts={"by_kind": self.by_kind})


def _kept(spec: MetricSpec, steps: Steps) -> tuple[Steps, dict[str, int]]:
    """Return the executions that count, each once, and how many were left out."""
    kept, _left = sift(steps.left_out, spec)
    outside = pick(steps, ~kept)
    _keys, once = np.unique(outside.step, return_index=True)
    _all, left = sift(outside.left_out[once], spec)
    return _one_for_each_key(pick(steps, kept)), left


def _one_for_each_key(steps: Steps) -> Steps:
    """Return one execution for each key, in order; see ``metrics.exceptions``.

    Only the keys that come again are looked at one by one: hardly any does.
    """
    order = np.lexsort((steps.started_at, steps.step))
    key = steps.step[order]
    first = np.append(True, key[1:] != key[:-1]) if len(key) else np.zeros(0, dtype=np.bool_)
    starts = np.flatnonzero(first)
    if len(starts) == len(key):
        return steps
    recovered = steps.recovered.copy()
    chosen = order[starts]
    lengths = np.diff(np.append(starts, len(key)))
    for place in np.flatnonzero(lengths > 1):
        tries = order[starts[place] : starts[place] + lengths[place]]
        chosen[place], recovered[chosen[place]] = _join(steps, tries)
    return pick(replace(steps, recovered=recovered), np.sort(chosen))


def _join(steps: Steps, tries: Any) -> tuple[int, bool]:
    """Return which of several tries tells, and whether it was recovered."""
    told, recovered = int(tries[0]), bool(steps.recovered[tries[0]])
    for one in tries[1:]:
        if steps.exception[one]:
            told, recovered = int(one), bool(steps.recovered[one])
        elif steps.exception[told]:
            recovered = True
    return told, recovered


def _rare(figure: Figure) -> Figure:
    if figure.hits or not figure.n:
        return figure
    return replace(figure, beside={**figure.beside, "at_most": rule_of_three(total=figure.n)})


def _count(flags: Flags) -> int:
    return int(np.count_nonzero(flags))
