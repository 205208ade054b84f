"""Targets as one kind of document under review."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from governance.access.types import Capability, Role
from governance.reviews.registry import Beginning, DocumentKind
from governance.reviews.rules import default_quorum
from governance.reviews.types import RiskLevel
from orchestra.core.actors import Actor
from qa.documents.selectors import rows_of
from qa.targets.selectors import SHELF
from qa.targets.sentences import describe_changes
from qa.targets.services import publish_target, retire_target

Json = Any
Document = Mapping[str, Json]

REVIEWERS: Final = frozenset(
    {Role.QA_LEAD, Role.SUPERVISOR, Role.COMPLIANCE_OFFICER, Role.POLICY_OWNER}
)


def _risk(document: Document) -> RiskLevel:
    """Return medium for every target: it changes whom a number wakes, not what is allowed."""
    del document
    return RiskLevel.MEDIUM


def _publish(actor: Actor, now: datetime, document: Document) -> int:
    return publish_target(actor=actor, now=now, document=document).number


def _retire(actor: Actor, now: datetime, key: str) -> int:
    return retire_target(actor=actor, now=now, key=key).number


def _blank(begun: Beginning) -> Document:
    return {
        "key": begun.key,
        "title": begun.title,
        "why": "",
        "metric": "",
        "journey": "",
        "at_most": 0,
        "owner": "",
    }


OUTCOME_TARGET_KIND: Final = DocumentKind(
    title=_("target"),
    drafting=Capability.METRIC_EDIT,
    quorum=default_quorum(REVIEWERS),
    validate=SHELF.find_errors,
    describe=describe_changes,
    rows=rows_of(SHELF),
    risk=_risk,
    publish=_publish,
    retire=_retire,
    blank=_blank,
    page="outcome_target",
)
