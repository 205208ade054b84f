"""Put a sampling plan into force, or take it out of force."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from governance.policies.reading import nearest
from orchestra.core.actors import Actor
from orchestra.core.errors import FieldError, InvalidInputError
from qa.documents.services import publish_document, retire_document
from qa.population.types import Dimension
from qa.sampling import registry
from qa.sampling.models import SamplingPlanVersion
from qa.sampling.parsing import parse_plan
from qa.sampling.selectors import SHELF, queue_keys
from qa.sampling.types import PlanSpec

Json = Any


def publish_plan(
    *, actor: Actor, now: datetime, document: Mapping[str, Json]
) -> SamplingPlanVersion:
    """Put a sampling plan into force and retire the version before; drawn samples keep theirs.

    The document that is in force already is left as it is.

    Raises:
        InvalidInputError: The document has errors; all of them are named.
        NotPermittedError: An AI agent publishes.
    """
    errors = find_errors(document)
    if errors:
        raise InvalidInputError(
            f"The sampling plan has {len(errors)} errors; correct them and try again.",
            code="sampling_plan.invalid",
            errors=errors,
        )
    version: SamplingPlanVersion = publish_document(
        actor=actor, now=now, shelf=SHELF, document=document
    )
    return version


def retire_plan(*, actor: Actor, now: datetime, key: str) -> SamplingPlanVersion:
    """Take the version in force out of force, with none in its place.

    Raises:
        ConflictError: No version is in force.
        NotPermittedError: An AI agent retires it.
    """
    version: SamplingPlanVersion = retire_document(actor=actor, now=now, shelf=SHELF, key=key)
    return version


def find_errors(document: Mapping[str, Json]) -> tuple[FieldError, ...]:
    """Return everything that stops a document from being put into force."""
    try:
        plan = parse_plan(document=document)
    except InvalidInputError as error:
        return error.errors
    return tuple(_find_unknown(plan))


def _find_unknown(plan: PlanSpec) -> Iterator[FieldError]:
    scorecard, known = plan.reviewing.scorecard, registry.present_scorecards()
    if scorecard not in known:
        message = f"no scorecard {scorecard} is in force{nearest(scorecard, known)}"
        yield FieldError("reviewing.scorecard", "unknown_scorecard", message)
    if not any(one.by is Dimension.QUEUE for one in plan.frame):
        return
    queues = queue_keys()
    for index, one in enumerate(plan.frame):
        if one.by is Dimension.QUEUE:
            for at, value in enumerate(one.values):
                if value not in queues:
                    path = f"frame[{index}].{'is_not' if one.is_not else 'is'}[{at}]"
                    message = f"there is no queue {value}{nearest(value, queues)}"
                    yield FieldError(path, "unknown_queue", message)
