"""Put a scorecard into force, or take it out of force."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from orchestra.core.actors import Actor
from orchestra.core.errors import FieldError, InvalidInputError
from qa.documents.services import publish_document, retire_document
from qa.scorecards.models import ScorecardVersion
from qa.scorecards.parsing import parse_scorecard
from qa.scorecards.selectors import SHELF

Json = Any


def publish_scorecard(
    *, actor: Actor, now: datetime, document: Mapping[str, Json]
) -> ScorecardVersion:
    """Put a scorecard into force and retire the version before; begun reviews keep theirs.

    The document that is in force already is left as it is.

    Raises:
        InvalidInputError: The document has errors; all of them are named.
        NotPermittedError: An AI agent publishes.
    """
    parse_scorecard(document=document)
    version: ScorecardVersion = publish_document(
        actor=actor, now=now, shelf=SHELF, document=document
    )
    return version


def retire_scorecard(*, actor: Actor, now: datetime, key: str) -> ScorecardVersion:
    """Take the version in force out of force, with none in its place.

    Raises:
        ConflictError: No version is in force.
        NotPermittedError: An AI agent retires it.
    """
    version: ScorecardVersion = retire_document(actor=actor, now=now, shelf=SHELF, key=key)
    return version


def find_errors(document: Mapping[str, Json]) -> tuple[FieldError, ...]:
    """Return everything that stops a document from being put into force."""
    try:
        parse_scorecard(document=document)
    except InvalidInputError as error:
        return error.errors
    return ()
