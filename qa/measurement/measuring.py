"""One metric of one period, by its definition, over the tables of facts; pure."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final
from uuid import UUID

from qa.measurement.columns.clocks import Clock, calendar_lengths
from qa.measurement.columns.completeness import completeness
from qa.measurement.columns.cutting import Found, Marks, cut, strata
from qa.measurement.columns.exceptions import exceptions
from qa.measurement.columns.recontact import first_contact, recontact
from qa.measurement.columns.times import durations
from qa.measurement.columns.transfers import transfers
from qa.measurement.columns.types import Facts
from qa.measurement.columns.work import work
from qa.measurement.measured import Behind, Measured, Period, in_percent
from qa.measurement.types import Measure, Metric, MetricSpec

_Formula = Callable[[MetricSpec, Facts, Period, Clock], Found]
_FORMULAS: Final[Mapping[Metric, _Formula]] = {
    Metric.RECONTACT_RATE: recontact,
    Metric.FIRST_CONTACT_RESOLUTION: first_contact,
    Metric.TRANSFER_RATE: transfers,
    Metric.TRANSFERS_PER_100: transfers,
    Metric.ESCALATION_RATE: transfers,
    Metric.TIME_TO_RESOLUTION: durations,
    Metric.AFTER_CONTACT_WORK: work,
    Metric.AFTER_CONTACT_WORK_SHARE: work,
    Metric.EXCEPTION_RATE_STEPS: exceptions,
    Metric.EXCEPTION_RATE_CASES: exceptions,
    Metric.RECOVERED_RATE: exceptions,
    Metric.AUDIT_COMPLETENESS_FACTS: completeness,
    Metric.AUDIT_COMPLETENESS_CASES: completeness,
}


def measure(
    *, spec: MetricSpec, cases: Facts, period: Period, clock: Clock = calendar_lengths
) -> Measured:
    """Return a metric over a period as its definition says.

    Args:
        spec: The definition.
        cases: The facts of all that may matter; what does not belong to the period is passed over.
        period: Which.
        clock: How time passes, for times.
    """
    found, marks = _FORMULAS[spec.formula](spec, cases, period, clock)
    if spec.measure is Measure.PERCENT:
        found = replace(found, figure=in_percent(found.figure))
    if len(marks.case) and not found.breakdowns:
        found = replace(
            found,
            breakdowns=cut(spec, marks, cases),
            strata=strata(marks, cases, spec.minimum_cases),
        )
    return found


def list_behind(*, spec: MetricSpec, cases: Facts, period: Period) -> list[Behind]:
    """Return everything behind a number, hits first."""
    marks = marks_of(spec=spec, cases=cases, period=period)
    names = {
        int(key): str(UUID(bytes=name.tobytes()))
        for key, name in zip(cases.cases.id, cases.cases.name, strict=True)
    }
    behind = [
        Behind(names[int(case)], cases.mixes[int(of)], bool(hit))
        for case, of, hit in zip(marks.case, marks.of, marks.hit, strict=True)
    ]
    return sorted(behind, key=lambda one: (not one.hit, one.case))


def marks_of(*, spec: MetricSpec, cases: Facts, period: Period) -> Marks:
    """Return what stands behind a number, as columns."""
    return _FORMULAS[spec.formula](spec, cases, period, calendar_lengths)[1]
