"""Publish a version of a policy in place of the one in force."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from governance.policies import entries, registry
from governance.policies.catalogue import Catalogue
from governance.policies.checking.checks import HasEligible
from governance.policies.examining import (
    errors_among,
    examine_table,
    find_promises_broken_without,
    read_document,
)
from governance.policies.loading import DOCUMENT_KIND
from governance.policies.models import Policy, PolicyVersion
from governance.policies.types import PolicyTable
from governance.reviews.rules import PUBLISHING, document_digest
from governance.reviews.services.versions import (
    lock_document,
    next_place,
    put_in_force,
    take_out_of_force,
)
from orchestra.core.actors import Actor
from orchestra.core.errors import FieldError, InvalidInputError, NotPermittedError
from orchestra.core.locking import lock, take_turn

Json = Any


@one_act()
def publish_version(
    *,
    actor: Actor,
    now: datetime,
    policy_key: str,
    title: str,
    document: Mapping[str, Json],
    has_eligible: HasEligible | None = None,
    catalogue: Catalogue | None = None,
) -> PolicyVersion:
    """Put a version of a policy in force and retire the one before, at one moment.

    The document that is in force already is left as it is. Whether the actor may publish is
    the caller's question; an AI agent never may.

    Args:
        actor: Who publishes.
        now: When, UTC.
        policy_key: Key of the policy; made where there is none.
        title: Title of the policy.
        document: The decision table as a document.
        has_eligible: Says whether anybody may give an approval, such as
            ``selectors.has_eligible_voter``; None where queues and people come later.
        catalogue: Facts and tools that may be named; None for all that are registered.

    Raises:
        InvalidInputError: The document is wrong, with every error at once.
        NotPermittedError: An AI agent publishes.
    """
    if actor.is_agent:
        raise NotPermittedError(_("An AI agent publishes no policy."), code="policy.agent")
    take_turn(PUBLISHING)
    digest = document_digest(kind=DOCUMENT_KIND, document=document)
    policy = lock_document(Policy, actor=actor, key=policy_key, title=title)
    place = next_place(policy.versions.all())
    if (same := place.same(digest)) is not None:
        return same
    table = read_document(
        document=document, version=place.number, digest=digest, catalogue=catalogue
    )
    _check(table, policy_key, has_eligible, catalogue)
    new = PolicyVersion(policy=policy, document=dict(document), digest=digest)
    version = put_in_force(place, new, actor=actor, now=now)
    _append(actor, now, version, entries.POLICY_PUBLISHED)
    _tell(version, actor, now)
    return version


@one_act()
def retire_policy(*, actor: Actor, now: datetime, policy_key: str) -> PolicyVersion:
    """Take the version in force of a policy out of force, with none in its place.

    Whether the actor may is the caller's question; an AI agent never may.

    Raises:
        NotPermittedError: An AI agent retires it.
        ConflictError: No version is in force.
        InvalidInputError: What another policy demands would no longer hold.
    """
    if actor.is_agent:
        raise NotPermittedError(_("An AI agent retires no policy."), code="policy.agent")
    take_turn(PUBLISHING)
    lock(Policy.objects.filter(key=policy_key))
    versions = PolicyVersion.objects.filter(policy__key=policy_key).select_related("policy")
    version = take_out_of_force(versions, actor=actor, now=now, code="policy.not_in_force")
    broken = find_promises_broken_without(policy_key=policy_key)
    if broken:
        raise InvalidInputError(
            _("Another policy leans on it; see the errors."), code="policy.leant_on", errors=broken
        )
    _append(actor, now, version, entries.POLICY_RETIRED)
    _tell(version, actor, now)
    return version


def _tell(version: PolicyVersion, actor: Actor, now: datetime) -> None:
    for name in registry.published:
        registry.published.get(name)(version, actor, now)


def _check(
    table: PolicyTable,
    policy_key: str,
    has_eligible: HasEligible | None,
    catalogue: Catalogue | None,
) -> None:
    found = examine_table(table=table, has_eligible=has_eligible, catalogue=catalogue)
    errors = list(errors_among(found))
    if table.key != policy_key:
        message = _("the document is that of %(key)s, not of %(policy)s")
        message %= {"key": table.key, "policy": policy_key}
        errors.insert(0, FieldError("key", "other_policy", message))
    if errors:
        raise InvalidInputError(
            _("The policy cannot be published; see the errors."),
            code="policy.invalid",
            errors=errors,
        )


def _append(actor: Actor, now: datetime, version: PolicyVersion, kind: str) -> None:
    draft = EntryDraft(
        stream=f"policy:{version.policy.public_id}",
        kind=kind,
        payload={
            "policy": version.policy.key,
            "title": version.policy.title,
            "number": version.number,
            "digest": version.digest,
        },
        subject_kind="policy_version",
        subject_id=str(version.public_id),
        policy=version.digest,
    )
    append_entry(actor=actor, now=now, draft=draft)
