"""The classifier and the table of priorities as kinds of documents under review."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from cases.intake.documents import describe_changes
from cases.intake.priorities import SHIPPED, write_table
from cases.intake.priorities import describe_changes as describe_tables
from cases.intake.selectors import ROWS, TABLE_ROWS
from cases.intake.services import (
    find_errors,
    find_table_errors,
    publish_classifier,
    publish_table,
    retire_classifier,
    retire_table,
)
from governance.access.types import Capability, Role
from governance.reviews.registry import Beginning, DocumentKind
from governance.reviews.rules import default_quorum
from governance.reviews.types import RiskLevel
from orchestra.core.actors import Actor

Json = Any
Document = Mapping[str, Json]

REVIEWERS: Final = frozenset(
    {Role.COMPLIANCE_OFFICER, Role.POLICY_OWNER, Role.SUPERVISOR, Role.QA_LEAD}
)


def _risk(document: Document) -> RiskLevel:
    """Return medium: a wrong need or order costs a detour; flags and approvals are not theirs."""
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


def _publish_table(actor: Actor, now: datetime, document: Document) -> int:
    return publish_table(actor=actor, now=now, document=document).number


def _retire_table(actor: Actor, now: datetime, key: str) -> int:
    return retire_table(actor=actor, now=now, key=key).number


def _blank_table(beginning: Beginning) -> Document:
    del beginning
    return write_table(SHIPPED)


TABLE_OF_PRIORITIES: Final = DocumentKind(
    title=_("table of priorities"),
    drafting=Capability.CUE_SHEET_EDIT,
    quorum=default_quorum(REVIEWERS),
    validate=find_table_errors,
    describe=describe_tables,
    rows=TABLE_ROWS,
    # It orders work, and neither permits nor forbids any.
    risk=_risk,
    publish=_publish_table,
    retire=_retire_table,
    blank=_blank_table,
    consequence=_(
        "Cases whose impact or urgency is set or read from then on get their priority from it. "
        "The others keep theirs until then."
    ),
)
