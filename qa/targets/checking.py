"""What of a target does not fit: its metric, the side it lies on, or its journey."""

from collections.abc import Iterator
from typing import Final

from governance.policies.reading import nearest
from orchestra.core.errors import FieldError
from qa.measurement.contrasts import ADDS_UP
from qa.measurement.selectors import journey_keys, list_in_force
from qa.measurement.selectors import spec_of as metric_of
from qa.measurement.types import Direction, Metric, MetricSpec, Statistic
from qa.targets.types import TargetSpec

#: Metrics that have a number for each journey.
BY_JOURNEY: Final = ADDS_UP | {Metric.TIME_TO_RESOLUTION, Metric.AFTER_CONTACT_WORK}


def find_wrong(spec: TargetSpec) -> Iterator[FieldError]:
    """Yield what stops a target that can be read from being put into force."""
    metrics = {one.key: one for one in map(metric_of, list_in_force())}
    metric = metrics.get(spec.metric)
    if metric is None:
        message = f"no metric {spec.metric} is in force{nearest(spec.metric, metrics)}"
        yield FieldError("metric", "unknown_metric", message)
        return
    yield from _find_ill_fitting(spec, metric)
    yield from _find_unknown(spec)


def _find_ill_fitting(spec: TargetSpec, metric: MetricSpec) -> Iterator[FieldError]:
    right, wrong = ("at_most", "at_least")
    if metric.better is Direction.HIGHER:
        right, wrong = wrong, right
    if spec.at_most != (right == "at_most"):
        message = f"{metric.better} is better for this metric, so a target says {right}"
        yield FieldError(wrong, "direction", message)
    known = [one for one in metric.statistics if one is not Statistic.RESTRICTED_MEAN]
    is_right = spec.statistic in known if known else spec.statistic is None
    if not is_right:
        which = ", ".join(known) or "none"
        yield FieldError("statistic", "choice", f"must be one of this metric's: {which}")
    if spec.journey and (metric.formula not in BY_JOURNEY or spec.statistic is Statistic.P90):
        message = "has no number of its own for each journey; leave the journey out"
        yield FieldError("journey", "not_by_journey", message)


def _find_unknown(spec: TargetSpec) -> Iterator[FieldError]:
    if not spec.journey:
        return
    known = journey_keys()
    if spec.journey not in known:
        message = f"there is no cue sheet {spec.journey}{nearest(spec.journey, known)}"
        yield FieldError("journey", "unknown_journey", message)
