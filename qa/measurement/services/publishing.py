"""Put a metric's definition into force, or take it out of force."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from orchestra.core.actors import Actor
from qa.documents.services import publish_document, retire_document
from qa.measurement.models import MetricVersion
from qa.measurement.selectors import SHELF

Json = Any


def publish_metric(*, actor: Actor, now: datetime, document: Mapping[str, Json]) -> MetricVersion:
    """Put a definition into force; see ``publish_document``."""
    version: MetricVersion = publish_document(actor=actor, now=now, shelf=SHELF, document=document)
    return version


def retire_metric(*, actor: Actor, now: datetime, key: str) -> MetricVersion:
    """Take the version in force out of force; see ``retire_document``."""
    version: MetricVersion = retire_document(actor=actor, now=now, shelf=SHELF, key=key)
    return version
