"""Put a metric's definition into force, or take it out of force."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from governance.policies.reading import nearest
from orchestra.core.actors import Actor
from orchestra.core.errors import FieldError, InvalidInputError
from qa.documents.services import publish_document, retire_document
from qa.measurement.models import MetricVersion
from qa.measurement.parsing import parse_metric
from qa.measurement.selectors import SHELF, journey_keys
from qa.measurement.types import MetricSpec

Json = Any


def publish_metric(*, actor: Actor, now: datetime, document: Mapping[str, Json]) -> MetricVersion:
    """Put a definition into force and retire the version before.

    The document that is in force already is left as it is.

    Raises:
        InvalidInputError: The document has errors; all of them are named.
        NotPermittedError: An AI agent publishes.
    """
    errors = find_errors(document)
    if errors:
        raise InvalidInputError(
            f"The metric definition has {len(errors)} errors; correct them and try again.",
            code="metric_definition.invalid",
            errors=errors,
        )
    version: MetricVersion = publish_document(actor=actor, now=now, shelf=SHELF, document=document)
    return version


def retire_metric(*, actor: Actor, now: datetime, key: str) -> MetricVersion:
    """Take the version in force out of force, with none in its place.

    Raises:
        ConflictError: No version is in force.
        NotPermittedError: An AI agent retires it.
    """
    version: MetricVersion = retire_document(actor=actor, now=now, shelf=SHELF, key=key)
    return version


def find_errors(document: Mapping[str, Json]) -> tuple[FieldError, ...]:
    """Return everything that stops a document from being put into force."""
    try:
        spec = parse_metric(document=document)
    except InvalidInputError as error:
        return error.errors
    return tuple(_find_unknown(spec))


def _find_unknown(spec: MetricSpec) -> Iterator[FieldError]:
    if not any(goal.journey for goal in spec.goals):
        return
    known = journey_keys()
    for index, goal in enumerate(spec.goals):
        if goal.journey and goal.journey not in known:
            message = f"there is no cue sheet {goal.journey}{nearest(goal.journey, known)}"
            yield FieldError(f"targets[{index}].journey", "unknown_journey", message)
