"""Policies as one kind of document under review."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from governance.access.registry import DocumentGrants
from governance.access.types import GOVERN_POLICY, Capability, Role
from governance.policies import registry
from governance.policies.describing import describe_changes
from governance.policies.examining import find_errors
from governance.policies.models import (
    Policy,
    PolicyGroupGrant,
    PolicyUserGrant,
    PolicyVersion,
)
from governance.policies.selectors import has_eligible_voter, has_records
from governance.policies.services import publish_version, retire_policy
from governance.reviews.registry import Beginning, DocumentKind
from governance.reviews.rules import default_quorum, highest
from governance.reviews.types import RiskLevel
from governance.reviews.version_rows import VersionRows
from orchestra.core.actors import Actor
from orchestra.core.errors import FieldError

Json = Any
Document = Mapping[str, Json]

REVIEWERS: Final = frozenset(
    {Role.COMPLIANCE_OFFICER, Role.POLICY_OWNER, Role.SUPERVISOR, Role.QA_LEAD}
)


def _validate(document: Document) -> tuple[FieldError, ...]:
    return find_errors(document=document, has_eligible=has_eligible_voter)


def _risk(document: Document) -> RiskLevel:
    """Return the highest risk of the tools in scope; critical where that is not known."""
    tools = (document.get("scope") or {}).get("tools") or []
    if not tools:
        return RiskLevel.CRITICAL
    risks = registry.present_risks()
    return highest(risks.get(tool, RiskLevel.CRITICAL) for tool in tools)


def _publish(actor: Actor, now: datetime, document: Document) -> int:
    version = publish_version(
        actor=actor,
        now=now,
        policy_key=document["key"],
        title=document["title"],
        document=document,
        has_eligible=has_eligible_voter,
    )
    return version.number


def _retire(actor: Actor, now: datetime, key: str) -> int:
    return retire_policy(actor=actor, now=now, policy_key=key).number


def _blank(begun: Beginning) -> Document:
    scope: Document = {"tools": []}
    return {"key": begun.key, "title": begun.title, "scope": scope, "rules": []}


POLICY_KIND: Final = DocumentKind(
    title=_("policy"),
    drafting=Capability.POLICY_EDIT,
    quorum=default_quorum(REVIEWERS),
    validate=_validate,
    describe=describe_changes,
    rows=VersionRows(
        documents=Policy.objects.all,
        versions=PolicyVersion.objects.all,
        link="policy",
        stream_kind="policy",
    ),
    risk=_risk,
    publish=_publish,
    retire=_retire,
    can_rehearse=has_records,
    blank=_blank,
    page="policy",
    consequence=_(
        "At that moment every waiting approval is decided again. Only those whose verdict, rule "
        "or number of votes changed are voided; their requesters are told why."
    ),
)
POLICY_GRANTS: Final = DocumentGrants(
    documents=Policy,
    by_person=PolicyUserGrant,
    by_role=PolicyGroupGrant,
    permission=GOVERN_POLICY,
)
