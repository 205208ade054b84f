"""Put a target into force, or take it out of force."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from orchestra.core.actors import Actor
from qa.documents.services import publish_document, retire_document
from qa.targets.models import OutcomeTargetVersion
from qa.targets.selectors import SHELF

Json = Any


def publish_target(
    *, actor: Actor, now: datetime, document: Mapping[str, Json]
) -> OutcomeTargetVersion:
    """Put a target into force; see ``publish_document``."""
    version: OutcomeTargetVersion = publish_document(
        actor=actor, now=now, shelf=SHELF, document=document
    )
    return version


def retire_target(*, actor: Actor, now: datetime, key: str) -> OutcomeTargetVersion:
    """Take the version in force out of force; see ``retire_document``."""
    version: OutcomeTargetVersion = retire_document(actor=actor, now=now, shelf=SHELF, key=key)
    return version
