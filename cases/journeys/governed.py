"""Cue sheets as one kind of document under review."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from cases.journeys.describing import describe_changes
from cases.journeys.models import CueSheet, CueSheetVersion
from cases.journeys.parsing import parse_cue_sheet
from cases.journeys.services import find_errors, publish_cue_sheet, retire_cue_sheet
from cases.journeys.types import DoesKind
from governance.access.types import Capability, Role
from governance.ledger.entries import SYSTEM_STREAM
from governance.policies.registry import present_risks
from governance.reviews.registry import DocumentKind
from governance.reviews.rules import default_quorum, highest
from governance.reviews.types import DocumentState, RiskLevel
from orchestra.core.actors import Actor
from orchestra.core.locking import lock

Json = Any
Document = Mapping[str, Json]

REVIEWERS: Final = frozenset(
    {Role.COMPLIANCE_OFFICER, Role.POLICY_OWNER, Role.SUPERVISOR, Role.QA_LEAD}
)


def _present(key: str) -> tuple[int, Document] | None:
    return (
        CueSheetVersion.objects.filter(cue_sheet__key=key, state=DocumentState.PUBLISHED)
        .values_list("number", "document")
        .first()
    )


def _version(key: str, number: int) -> Document | None:
    versions = CueSheetVersion.objects.filter(cue_sheet__key=key, number=number)
    return versions.values_list("document", flat=True).first()


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


def _lock(key: str) -> None:
    lock(CueSheet.objects.filter(key=key))


def _publish(actor: Actor, now: datetime, document: Document) -> int:
    return publish_cue_sheet(actor=actor, now=now, document=document).number


def _retire(actor: Actor, now: datetime, key: str) -> int:
    return retire_cue_sheet(actor=actor, now=now, key=key).number


def _stream(key: str) -> str:
    del key
    # Cue sheets write to the centre's own stream, as their versions do.
    return SYSTEM_STREAM


CUE_SHEET_KIND: Final = DocumentKind(
    title=_("cue sheet"),
    drafting=Capability.CUE_SHEET_EDIT,
    quorum=default_quorum(REVIEWERS),
    validate=find_errors,
    describe=describe_changes,
    present=_present,
    version=_version,
    risk=_risk,
    lock=_lock,
    publish=_publish,
    retire=_retire,
    stream=_stream,
)
