"""Tools as one kind of document under review."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from cases.tools.checking import find_errors
from cases.tools.describing import describe_changes
from cases.tools.models import ToolDefinition, ToolVersion
from cases.tools.services import publish_tool, retire_tool
from governance.access.types import Capability, Role
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
    """Return the higher of the risk it declares and the one its tool last had.

    So lowering a risk takes the votes of the higher one, also after the tool was retired.
    """
    rows = ToolDefinition.objects.filter(name=str(document.get("name", "")))
    last = rows.values_list("risk", flat=True).first()
    declared = [document.get("risk"), *([] if last is None else [last])]
    # A risk that nobody declared counts as critical, as it does for every call.
    return highest(RiskLevel(str(risk)) if risk else RiskLevel.CRITICAL for risk in declared)


def _publish(actor: Actor, now: datetime, document: Document) -> int:
    return publish_tool(actor=actor, now=now, document=document).number


def _retire(actor: Actor, now: datetime, name: str) -> int:
    return retire_tool(actor=actor, now=now, name=name).number


def _blank(begun: Beginning) -> Document:
    nothing: Document = {"type": "object", "additionalProperties": False, "properties": {}}
    return {
        "name": begun.key,
        "title": begun.title,
        "description": "",
        "connection": "",
        "operation": {"method": "POST", "path": "/"},
        "effect": "write",
        # A tool that may write is risky until a person says otherwise.
        "risk": str(RiskLevel.HIGH),
        "arguments": nothing,
    }


TOOL_KIND: Final = DocumentKind(
    title=_("tool"),
    drafting=Capability.TOOL_EDIT,
    quorum=default_quorum(REVIEWERS),
    validate=find_errors,
    describe=describe_changes,
    # Tools write to the centre's own stream, as their versions do.
    rows=VersionRows(
        documents=ToolDefinition.objects.all,
        versions=ToolVersion.objects.all,
        link="tool",
        key_field="name",
    ),
    risk=_risk,
    publish=_publish,
    retire=_retire,
    blank=_blank,
    page="tool",
)
