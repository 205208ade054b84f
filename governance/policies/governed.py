"""Policies as one kind of document under review."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from governance.access.types import Capability, Role
from governance.ledger.entries import SYSTEM_STREAM
from governance.policies import registry
from governance.policies.describing import describe_changes
from governance.policies.models import Policy, PolicyVersion
from governance.policies.selectors import has_eligible_voter
from governance.policies.services import find_errors, publish_version, retire_policy
from governance.reviews.registry import DocumentKind
from governance.reviews.rules import default_quorum, highest
from governance.reviews.types import DocumentState, RiskLevel
from orchestra.core.actors import Actor
from orchestra.core.errors import FieldError
from orchestra.core.locking import lock

Json = Any
Document = Mapping[str, Json]

REVIEWERS: Final = frozenset(
    {Role.COMPLIANCE_OFFICER, Role.POLICY_OWNER, Role.SUPERVISOR, Role.QA_LEAD}
)


def _validate(document: Document) -> tuple[FieldError, ...]:
    return find_errors(document=document, has_eligible=has_eligible_voter)


def _present(key: str) -> tuple[int, Document] | None:
    return (
        PolicyVersion.objects.filter(policy__key=key, state=DocumentState.PUBLISHED)
        .values_list("number", "document")
        .first()
    )


def _version(key: str, number: int) -> Document | None:
    versions = PolicyVersion.objects.filter(policy__key=key, number=number)
    return versions.values_list("document", flat=True).first()


def _risk(document: Document) -> RiskLevel:
    """Return the highest risk of the tools in scope; critical where that is not known."""
    tools = (document.get("scope") or {}).get("tools") or []
    if not tools:
        return RiskLevel.CRITICAL
    risks = registry.present_risks()
    return highest(risks.get(tool, RiskLevel.CRITICAL) for tool in tools)


def _lock(key: str) -> None:
    lock(Policy.objects.filter(key=key))


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


def _stream(key: str) -> str:
    found = Policy.objects.filter(key=key).values_list("public_id", flat=True).first()
    # A policy that nothing is in force of yet has no stream of its own.
    return f"policy:{found}" if found else SYSTEM_STREAM


POLICY_KIND: Final = DocumentKind(
    title=_("policy"),
    drafting=Capability.POLICY_EDIT,
    quorum=default_quorum(REVIEWERS),
    validate=_validate,
    describe=describe_changes,
    present=_present,
    version=_version,
    risk=_risk,
    lock=_lock,
    publish=_publish,
    retire=_retire,
    stream=_stream,
)
