"""Scorecards as one kind of document under review."""

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
from qa.scorecards.describing import describe_changes
from qa.scorecards.parsing import parse_scorecard
from qa.scorecards.selectors import SHELF
from qa.scorecards.services import publish_scorecard, retire_scorecard
from qa.scorecards.types import Subject

Json = Any
Document = Mapping[str, Json]

REVIEWERS: Final = frozenset(
    {Role.QA_LEAD, Role.SUPERVISOR, Role.COMPLIANCE_OFFICER, Role.POLICY_OWNER}
)


def _risk(document: Document) -> RiskLevel:
    """Return high where people are judged: a score follows them; medium for AI alone."""
    judged = parse_scorecard(document=document).applies_to
    return RiskLevel.MEDIUM if set(judged) == {Subject.AI} else RiskLevel.HIGH


def _publish(actor: Actor, now: datetime, document: Document) -> int:
    return publish_scorecard(actor=actor, now=now, document=document).number


def _retire(actor: Actor, now: datetime, key: str) -> int:
    return retire_scorecard(actor=actor, now=now, key=key).number


def _blank(begun: Beginning) -> Document:
    return {
        "key": begun.key,
        "title": begun.title,
        "purpose": "",
        "applies_to": [],
        "scoring": {"pass_percent": 80, "fail_below_percent": 50, "decimals": 1},
        "sections": [],
    }


SCORECARD_KIND: Final = DocumentKind(
    title=_("scorecard"),
    drafting=Capability.SCORECARD_EDIT,
    quorum=default_quorum(REVIEWERS),
    validate=SHELF.find_errors,
    describe=describe_changes,
    rows=rows_of(SHELF),
    risk=_risk,
    publish=_publish,
    retire=_retire,
    blank=_blank,
    page="scorecard",
)
