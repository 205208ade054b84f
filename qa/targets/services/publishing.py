"""Put a target into force, or take it out of force."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from governance.policies.reading import nearest
from orchestra.core.actors import Actor
from orchestra.core.errors import FieldError, InvalidInputError
from qa.documents.services import publish_document, retire_document
from qa.measurement.selectors import journey_keys, list_in_force
from qa.measurement.selectors import spec_of as metric_of
from qa.measurement.types import Direction, MetricSpec, Statistic
from qa.targets.models import OutcomeTargetVersion
from qa.targets.parsing import parse_target
from qa.targets.selectors import BY_JOURNEY, SHELF
from qa.targets.types import TargetSpec

Json = Any


def publish_target(
    *, actor: Actor, now: datetime, document: Mapping[str, Json]
) -> OutcomeTargetVersion:
    """Put a target into force and retire the version before.

    The document that is in force already is left as it is.

    Raises:
        InvalidInputError: The document has errors; all of them are named.
        NotPermittedError: An AI agent publishes.
    """
    errors = find_errors(document)
    if errors:
        raise InvalidInputError(
            f"The target has {len(errors)} errors; correct them and try again.",
            code="outcome_target.invalid",
            errors=errors,
        )
    version: OutcomeTargetVersion = publish_document(
        actor=actor, now=now, shelf=SHELF, document=document
    )
    return version


def retire_target(*, actor: Actor, now: datetime, key: str) -> OutcomeTargetVersion:
    """Take the version in force out of force, with none in its place.

    Raises:
        ConflictError: No version is in force.
        NotPermittedError: An AI agent retires it.
    """
    version: OutcomeTargetVersion = retire_document(actor=actor, now=now, shelf=SHELF, key=key)
    return version


def find_errors(document: Mapping[str, Json]) -> tuple[FieldError, ...]:
    """Return everything that stops a document from being put into force."""
    try:
        spec = parse_target(document=document)
    except InvalidInputError as error:
        return error.errors
    metrics = {one.key: one for one in map(metric_of, list_in_force())}
    metric = metrics.get(spec.metric)
    if metric is None:
        message = f"no metric {spec.metric} is in force{nearest(spec.metric, metrics)}"
        return (FieldError("metric", "unknown_metric", message),)
    return (*_find_wrong(spec, metric), *_find_unknown(spec))


def _find_wrong(spec: TargetSpec, metric: MetricSpec) -> Iterator[FieldError]:
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
