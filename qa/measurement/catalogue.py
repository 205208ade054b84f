"""The formulas that a definition may name, and what each fixes; pure.

Source: the six outcome metrics as the field defines them; how each is computed is said with
the formula itself.
"""

from collections.abc import Mapping
from types import MappingProxyType

from qa.measurement.types import Cohort, Direction, Formula, Measure, Metric, Statistic

_TIMES = (Statistic.MEDIAN, Statistic.P90, Statistic.RESTRICTED_MEAN)
_TRANSFERS = frozenset({"transfers", "return_minutes"})

FORMULAS: Mapping[Metric, Formula] = MappingProxyType(
    {
        Metric.RECONTACT_RATE: Formula(
            "recontact rate",
            Measure.PERCENT,
            Direction.LOWER,
            Cohort.RESOLVED,
            settings=frozenset({"window_days", "curve_days"}),
        ),
        Metric.FIRST_CONTACT_RESOLUTION: Formula(
            "first contact resolution",
            Measure.PERCENT,
            Direction.HIGHER,
            Cohort.OPENED,
            settings=frozenset({"window_days"}),
        ),
        Metric.TRANSFER_RATE: Formula(
            "transfer rate",
            Measure.PERCENT,
            Direction.LOWER,
            Cohort.HANDLED,
            settings=_TRANSFERS,
        ),
        Metric.TRANSFERS_PER_100: Formula(
            "transfers per 100 contacts",
            Measure.PER_100,
            Direction.LOWER,
            Cohort.HANDLED,
            settings=_TRANSFERS,
        ),
        Metric.ESCALATION_RATE: Formula(
            "AI-to-human escalation rate",
            Measure.PERCENT,
            Direction.LOWER,
            Cohort.HANDLED,
        ),
        Metric.TIME_TO_RESOLUTION: Formula(
            "time to resolution",
            Measure.HOURS,
            Direction.LOWER,
            Cohort.OPENED,
            statistics=_TIMES,
            settings=frozenset({"continues_within_hours", "horizon_days"}),
        ),
        Metric.AFTER_CONTACT_WORK: Formula(
            "after-contact work time",
            Measure.MINUTES,
            Direction.LOWER,
            Cohort.HANDLED,
            statistics=(Statistic.MEAN,),
            settings=frozenset({"cap_minutes"}),
        ),
        Metric.AFTER_CONTACT_WORK_SHARE: Formula(
            "after-contact work as a share of handle time",
            Measure.PERCENT,
            Direction.LOWER,
            Cohort.HANDLED,
            settings=frozenset({"cap_minutes"}),
        ),
        Metric.EXCEPTION_RATE_STEPS: Formula(
            "exception rate of steps",
            Measure.PERCENT,
            Direction.LOWER,
            Cohort.STARTED,
            settings=frozenset({"exceptions"}),
        ),
        Metric.EXCEPTION_RATE_CASES: Formula(
            "exception rate of cases",
            Measure.PERCENT,
            Direction.LOWER,
            Cohort.OPENED,
            settings=frozenset({"exceptions"}),
        ),
        Metric.RECOVERED_RATE: Formula(
            "share of exceptions recovered",
            Measure.PERCENT,
            Direction.HIGHER,
            Cohort.STARTED,
            settings=frozenset({"exceptions"}),
        ),
        Metric.AUDIT_COMPLETENESS_FACTS: Formula(
            "audit completeness of facts",
            Measure.PERCENT,
            Direction.HIGHER,
            Cohort.CLOSED,
            settings=frozenset({"evaluate_after_hours"}),
            audits=True,
        ),
        Metric.AUDIT_COMPLETENESS_CASES: Formula(
            "audit completeness of cases",
            Measure.PERCENT,
            Direction.HIGHER,
            Cohort.CLOSED,
            settings=frozenset({"evaluate_after_hours"}),
            audits=True,
        ),
    }
)
