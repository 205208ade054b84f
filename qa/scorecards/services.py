"""Put a scorecard into force, or take it out of force."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from orchestra.core.actors import Actor
from qa.documents.services import publish_document, retire_document
from qa.scorecards.models import ScorecardVersion
from qa.scorecards.selectors import SHELF

Json = Any


def publish_scorecard(
    *, actor: Actor, now: datetime, document: Mapping[str, Json]
) -> ScorecardVersion:
    """Put a scorecard into force; begun reviews keep theirs. See ``publish_document``."""
    version: ScorecardVersion = publish_document(
        actor=actor, now=now, shelf=SHELF, document=document
    )
    return version


def retire_scorecard(*, actor: Actor, now: datetime, key: str) -> ScorecardVersion:
    """Take the version in force out of force; see ``retire_document``."""
    version: ScorecardVersion = retire_document(actor=actor, now=now, shelf=SHELF, key=key)
    return version
