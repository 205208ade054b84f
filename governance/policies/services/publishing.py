"""Publish a version of a policy in place of the one in force."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from governance.policies import entries, registry
from governance.policies.catalogue import Catalogue
from governance.policies.loading import DOCUMENT_KIND, read_table
from governance.policies.models import Policy, PolicyVersion
from governance.policies.parsing import parse_policy
from governance.policies.types import Outcome, PolicyTable
from governance.reviews.rules import document_digest
from governance.reviews.types import DocumentState
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError, NotPermittedError
from orchestra.core.history import save_as
from orchestra.core.locking import compare_and_set, lock, lock_one

Json = Any

#: Roles asked for and queues in scope to whether somebody may give the approval.
HasEligible = Callable[[Collection[str], Collection[str]], bool]


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
    digest = document_digest(kind=DOCUMENT_KIND, document=document)
    policy = _policy(actor, policy_key, title)
    last = policy.versions.order_by("-number").first()
    present = policy.versions.filter(state=DocumentState.PUBLISHED).first()
    if present is not None and present.digest == digest:
        return present
    number = (last.number if last else 0) + 1
    table = parse_policy(
        document=document,
        version=number,
        digest=digest,
        catalogue=catalogue or registry.present_catalogue(),
    )
    _check(table, policy_key, has_eligible)
    if present is not None:
        _retire(actor, now, present, f"Replaced by version {number}.")
    version = PolicyVersion(
        policy=policy,
        number=number,
        state=DocumentState.PUBLISHED,
        document=dict(document),
        digest=digest,
        author_id=actor.id,
        author_label=actor.label,
        created_at=now,
        published_at=now,
    )
    save_as(version, actor=actor, reason=f"Published as version {number}.")
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
    """
    if actor.is_agent:
        raise NotPermittedError(_("An AI agent retires no policy."), code="policy.agent")
    lock(Policy.objects.filter(key=policy_key))
    version = (
        PolicyVersion.objects.filter(policy__key=policy_key, state=DocumentState.PUBLISHED)
        .select_related("policy")
        .first()
    )
    if version is None:
        raise ConflictError(_("No version of it is in force."), code="policy.not_in_force")
    _retire(actor, now, version, "Taken out of force.")
    _append(actor, now, version, entries.POLICY_RETIRED)
    _tell(version, actor, now)
    return version


def _tell(version: PolicyVersion, actor: Actor, now: datetime) -> None:
    for name in registry.published:
        registry.published.get(name)(version, actor, now)


def _policy(actor: Actor, key: str, title: str) -> Policy:
    found = Policy.objects.filter(key=key)
    if not found.exists():
        save_as(Policy(key=key, title=title), actor=actor, reason="Made.")
    policy = lock_one(found)
    if policy.title != title:
        compare_and_set(
            policy, expected={"title": policy.title}, changes={"title": title}, actor=actor
        )
    return policy


def find_errors(
    *, document: Mapping[str, Json], has_eligible: HasEligible | None = None
) -> tuple[FieldError, ...]:
    """Return everything that stops a document from being published under its own key.

    Args:
        document: The decision table as a document.
        has_eligible: Says whether anybody may give an approval; None not to ask.
    """
    try:
        table = parse_policy(
            document=document, version=0, digest="", catalogue=registry.present_catalogue()
        )
    except InvalidInputError as error:
        return error.errors
    return tuple(_find(table, table.key, has_eligible))


def _find(
    table: PolicyTable, policy_key: str, has_eligible: HasEligible | None
) -> Iterator[FieldError]:
    if table.key != policy_key:
        message = f"the document is that of {table.key}, not of {policy_key}"
        yield FieldError("key", "other_policy", message)
    yield from _taken_limits(table, policy_key)
    if has_eligible is not None:
        yield from _without_voters(table, has_eligible)


def _check(table: PolicyTable, policy_key: str, has_eligible: HasEligible | None) -> None:
    errors = list(_find(table, policy_key, has_eligible))
    if errors:
        raise InvalidInputError(
            _("The policy cannot be published; see the errors."),
            code="policy.invalid",
            errors=errors,
        )


def _taken_limits(table: PolicyTable, policy_key: str) -> Iterator[FieldError]:
    """Yield the limits whose key another policy in force uses: totals would be mixed."""
    if not table.limits:
        return
    others = PolicyVersion.objects.filter(state=DocumentState.PUBLISHED).exclude(
        policy__key=policy_key
    )
    taken = {
        limit.key: other.key
        for version in others
        if (other := read_table(version)) is not None
        for limit in other.limits
    }
    for index, limit in enumerate(table.limits):
        if limit.key in taken:
            message = f"the policy {taken[limit.key]} already has a limit {limit.key}"
            yield FieldError(f"limits[{index}].key", "taken", message)


def _without_voters(table: PolicyTable, has_eligible: HasEligible) -> Iterator[FieldError]:
    """Yield what asks for an approval that nobody is eligible to give."""
    queues = table.scope.queues
    asked = [
        (f"rules[{index}]", rule.obligations.roles)
        for index, rule in enumerate(table.rules)
        if rule.outcome is Outcome.APPROVE
    ]
    asked += [
        (f"limits[{index}]", limit.obligations.roles)
        for index, limit in enumerate(table.limits)
        if limit.outcome is Outcome.APPROVE
    ]
    # A threshold stands for the approvals that the floor asks for above it.
    asked += [("thresholds", ())] if table.thresholds else []
    answers: dict[tuple[str, ...], bool] = {}
    for path, roles in asked:
        if roles not in answers:
            answers[roles] = has_eligible(roles, queues)
        if not answers[roles]:
            message = "asks for an approval that nobody is eligible to give"
            yield FieldError(path, "no_eligible_approver", message)


def _retire(actor: Actor, now: datetime, version: PolicyVersion, reason: str) -> None:
    compare_and_set(
        version,
        expected={"state": DocumentState.PUBLISHED},
        changes={"state": DocumentState.RETIRED, "retired_at": now},
        actor=actor,
        reason=reason,
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
