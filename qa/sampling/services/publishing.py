"""Put a sampling plan into force, or take it out of force."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from orchestra.core.actors import Actor
from qa.documents.services import publish_document, retire_document
from qa.sampling.models import SamplingPlanVersion
from qa.sampling.selectors import SHELF

Json = Any


def publish_plan(
    *, actor: Actor, now: datetime, document: Mapping[str, Json]
) -> SamplingPlanVersion:
    """Put a plan into force; drawn samples keep theirs. See ``publish_document``."""
    version: SamplingPlanVersion = publish_document(
        actor=actor, now=now, shelf=SHELF, document=document
    )
    return version


def retire_plan(*, actor: Actor, now: datetime, key: str) -> SamplingPlanVersion:
    """Take the version in force out of force; see ``retire_document``."""
    version: SamplingPlanVersion = retire_document(actor=actor, now=now, shelf=SHELF, key=key)
    return version
