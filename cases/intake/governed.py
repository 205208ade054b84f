"""Versions of the classifier as one kind of document under review."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from cases.intake.documents import describe_changes
from cases.intake.selectors import ROWS
from cases.intake.services import find_errors, publish_classifier, retire_classifier
from governance.access.types import Capability, Role
from governance.reviews.registry import DocumentKind
from governance.reviews.rules import default_quorum
from governance.reviews.types import RiskLevel
from orchestra.core.actors import Actor

Json = Any
Document = Mapping[str, Json]

REVIEWERS: Final = frozenset(
    {Role.COMPLIANCE_OFFICER, Role.POLICY_OWNER, Role.SUPERVISOR, Role.QA_LEAD}
)


def _risk(document: Document) -> RiskLevel:
    """Return medium: a wrong need costs a detour; flags, policies and approvals are not its."""
    del document
    return RiskLevel.MEDIUM


def _publish(actor: Actor, now: datetime, document: Document) -> int:
    return publish_classifier(actor=actor, now=now, document=document).number


def _retire(actor: Actor, now: datetime, key: str) -> int:
    return retire_classifier(actor=actor, now=now, key=key).number


CLASSIFIER_KIND: Final = DocumentKind(
    title=_("intake classifier"),
    drafting=Capability.CUE_SHEET_EDIT,
    quorum=default_quorum(REVIEWERS),
    validate=find_errors,
    describe=describe_changes,
    rows=ROWS,
    risk=_risk,
    publish=_publish,
    retire=_retire,
    consequence=_(
        "Messages that arrive from then on are read by it; what was read keeps the name of the "
        "version that read it. Flags are found by rules whichever version is in force."
    ),
)
