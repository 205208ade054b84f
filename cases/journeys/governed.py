"""Cue sheets as one kind of document under review."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from cases.journeys.describing import describe_changes
from cases.journeys.models import (
    CueSheet,
    CueSheetGroupGrant,
    CueSheetUserGrant,
    CueSheetVersion,
)
from cases.journeys.parsing import parse_cue_sheet
from cases.journeys.services import find_errors, publish_cue_sheet, retire_cue_sheet
from cases.journeys.types import DoesKind
from governance.access.registry import DocumentGrants
from governance.access.types import GOVERN_CUE_SHEET, Capability, Role
from governance.policies.registry import present_risks
from governance.reviews.registry import Beginning, DocumentKind
from governance.reviews.rules import default_quorum, highest
from governance.reviews.types import RiskLevel
from governance.reviews.version_rows import VersionRows
from orchestra.core.actors import Actor

Json = Any
Document = Mapping[str, Json]

REVIEWERS: Final = frozenset(
    {Role.COMPLIANCE_OFFICER, Role.POLICY_OWNER, Role.SUPERVISOR, Role.QA_LEAD}
)


def _risk(document: Document) -> RiskLevel:
    """Return the highest risk of the tools it calls; critical where one is not known."""
    risks = present_risks()
    tools = {
        name
        for step in parse_cue_sheet(document=document).steps
        if step.does is DoesKind.TOOL
        for name in (step.target, *step.any_of)
    }
    return highest(risks.get(tool, RiskLevel.CRITICAL) for tool in tools)


def _publish(actor: Actor, now: datetime, document: Document) -> int:
    return publish_cue_sheet(actor=actor, now=now, document=document).number


def _retire(actor: Actor, now: datetime, key: str) -> int:
    return retire_cue_sheet(actor=actor, now=now, key=key).number


def _blank(begun: Beginning) -> Document:
    return {
        "key": begun.key,
        "title": begun.title,
        "intents": [],
        "pattern": "ai_first",
        "queue": "",
        "completion": {"says": "", "all_done": []},
        "steps": [],
    }


CUE_SHEET_KIND: Final = DocumentKind(
    title=_("cue sheet"),
    drafting=Capability.CUE_SHEET_EDIT,
    quorum=default_quorum(REVIEWERS),
    validate=find_errors,
    describe=describe_changes,
    # Cue sheets write to the centre's own stream, as their versions do.
    rows=VersionRows(
        documents=CueSheet.objects.all, versions=CueSheetVersion.objects.all, link="cue_sheet"
    ),
    risk=_risk,
    publish=_publish,
    retire=_retire,
    blank=_blank,
    page="cue_sheet",
    editor="change_cue_sheet",
    consequence=_("Journeys that run stay on the version they began with; new ones begin with it."),
)
CUE_SHEET_GRANTS: Final = DocumentGrants(
    documents=CueSheet,
    by_person=CueSheetUserGrant,
    by_role=CueSheetGroupGrant,
    permission=GOVERN_CUE_SHEET,
)
