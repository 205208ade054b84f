"""Begin to rehearse a draft, and stop."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.services import one_act
from governance.policies import entries, registry
from governance.policies.changes import Filters
from governance.policies.loading import DOCUMENT_KIND, versions_in_force
from governance.policies.models import Rehearsal
from governance.policies.parsing import parse_policy
from governance.policies.selectors import list_rehearsable
from governance.policies.services.rehearsing.shared import OPEN, REHEARSE_TASK, append
from governance.policies.tally import new_tally
from governance.policies.types import RehearsalState
from governance.reviews.models import ChangeRequest
from governance.reviews.rules import document_digest
from governance.reviews.selectors import digest_in_force
from governance.reviews.services import lock_to_rehearse
from governance.reviews.types import ChangePurpose
from orchestra.core.actors import Actor
from orchestra.core.clock import rfc3339
from orchestra.core.dispatch import enqueue
from orchestra.core.errors import (
    ConflictError,
    FieldError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from orchestra.core.locking import compare_and_set, lock_one

Json = Any


def start_rehearsal(
    *,
    actor: Actor,
    now: datetime,
    policy_key: str,
    document: Mapping[str, Json],
    since: datetime,
    until: datetime | None = None,
    filters: Filters | None = None,
) -> Rehearsal:
    """Begin to rehearse a draft over the decisions of a span; a worker runs it.

    Args:
        actor: Who asks; a person who may edit policies, or a part of the system.
        now: When, UTC.
        policy_key: Key of the policy; one that is not there yet is rehearsed beside the others.
        document: The draft.
        since: From this moment on.
        until: Before this moment; None for now.
        filters: Which decisions; None for all.

    Raises:
        InvalidInputError: The draft or the span is wrong, with every error at once.
        NotPermittedError: The actor may not edit policies.
    """
    _check_actor(actor)
    until = min(until or now, now)
    _check(document, policy_key, since, until)
    with one_act():
        return _begin(
            actor,
            now,
            Rehearsal(
                policy_key=policy_key,
                document=dict(document),
                document_digest=document_digest(kind=DOCUMENT_KIND, document=document),
                since_at=since,
                until_at=until,
                filters=asdict(filters or Filters()),
            ),
        )


@one_act()
def rehearse_change(
    *,
    actor: Actor,
    now: datetime,
    change_id: UUID,
    since: datetime,
    until: datetime | None = None,
    filters: Filters | None = None,
) -> Rehearsal:
    """Begin to rehearse the draft of a change request, which is bound to what comes out.

    Args:
        actor: Who asks; a person who may edit policies.
        now: When, UTC.
        change_id: Public id of a change of a policy.
        since: From this moment on.
        until: Before this moment; None for now.
        filters: Which decisions; None for all.

    Raises:
        NotFoundError: There is no such change of a policy, or the actor may not know of it.
        NotPermittedError: The actor may not edit policies.
        ConflictError: The change has ended, stands on a version no longer in force, or is
            being rehearsed.
        InvalidInputError: The draft or the span is wrong, or nothing was recorded in the span.
    """
    change = lock_policy_change(actor, change_id)
    if change.rehearsals.filter(state__in=OPEN, live=False).exists():
        raise ConflictError(_("It is being rehearsed already."), code="rehearsal.running")
    rehearsal = _begin(actor, now, rehearsal_of(change, since, min(until or now, now), filters))
    if not rehearsal.total:
        message = _("There is no recorded decision in this span. Choose a longer one.")
        problem = FieldError("since", "empty", message)
        raise InvalidInputError(message, code="rehearsal.empty", errors=[problem])
    return rehearsal


def _begin(actor: Actor, now: datetime, rehearsal: Rehearsal) -> Rehearsal:
    since, until = rehearsal.since_at, rehearsal.until_at
    rehearsal.base = {key: list(version) for key, version in versions_in_force().items()}
    rehearsal.total = list_rehearsable(since=since, until=until).count()
    rehearsal.tally = new_tally()
    rehearsal.by_kind, rehearsal.by_id, rehearsal.by_label = actor.kind, actor.id, actor.label
    rehearsal.created_at = now
    rehearsal.save(force_insert=True)
    more = {"total": rehearsal.total, "since": rfc3339(since), "until": rfc3339(until)}
    append(actor, now, rehearsal, entries.REHEARSAL_STARTED, more)
    enqueue(REHEARSE_TASK, rehearsal.pk)
    return rehearsal


def lock_policy_change(actor: Actor, change_id: UUID) -> ChangeRequest:
    """Lock the open change of a policy, on the version in force, that an actor may draft.

    Raises:
        NotFoundError: There is no such change of a policy, or the actor may not know of it.
        NotPermittedError: The actor may not edit policies.
        ConflictError: It has ended, or stands on a version no longer in force.
    """
    change = lock_to_rehearse(actor=actor, change_id=change_id)
    if change.kind != DOCUMENT_KIND:
        raise NotFoundError(_("Only the change of a policy is rehearsed."))
    _number, present = digest_in_force(change)
    if present != change.base_digest:
        raise ConflictError(
            _("Another version came into force since this was opened. Put it on that one first."),
            code="change.base_moved",
        )
    return change


@one_act()
def cancel_rehearsal(*, actor: Actor, now: datetime, rehearsal_pk: int) -> Rehearsal:
    """Stop a rehearsal; what it found so far is no result.

    Raises:
        ConflictError: It has ended.
        NotPermittedError: The actor may not edit policies.
    """
    _check_actor(actor)
    rehearsal = lock_one(Rehearsal.objects.filter(pk=rehearsal_pk, live=False))
    if rehearsal.state not in OPEN:
        raise ConflictError(_("The rehearsal has ended already."), code="rehearsal.ended")
    changes = {"state": RehearsalState.CANCELLED, "ended_at": now, "lease_until_at": None}
    compare_and_set(rehearsal, expected={"state": rehearsal.state}, changes=changes, actor=actor)
    append(actor, now, rehearsal, entries.REHEARSAL_CANCELLED, {"done": rehearsal.done})
    return rehearsal


def rehearsal_of(
    change: ChangeRequest, since: datetime, until: datetime, filters: Filters | None = None
) -> Rehearsal:
    """Return a rehearsal of a change as it stands, not stored yet.

    Raises:
        InvalidInputError: The draft or the span is wrong.
    """
    removes = change.purpose == ChangePurpose.RETIREMENT
    _check(None if removes else change.document, change.document_key, since, until)
    return Rehearsal(
        change=change,
        removes=removes,
        policy_key=change.document_key,
        document=change.document,
        document_digest=change.digest,
        since_at=since,
        until_at=until,
        filters=asdict(filters or Filters()),
    )


def _check_actor(actor: Actor) -> None:
    if actor.is_agent:
        raise NotPermittedError(_("An AI agent rehearses no policy."), code="policy.agent")
    if actor.is_human:
        require(authority=authority_of(actor), capability=Capability.POLICY_EDIT)


def _check(
    document: Mapping[str, Json] | None, policy_key: str, since: datetime, until: datetime
) -> None:
    errors = []
    if document is not None:
        catalogue = registry.present_catalogue()
        table = parse_policy(document=document, version=1, digest="", catalogue=catalogue)
        if table.key != policy_key:
            message = f"the document is that of {table.key}, not of {policy_key}"
            errors.append(FieldError("draft.key", "other_policy", message))
    if since >= until:
        errors.append(FieldError("since", "range", _("The span holds no time.")))
    if errors:
        raise InvalidInputError(
            _("The draft cannot be rehearsed; see the errors."),
            code="rehearsal.invalid",
            errors=errors,
        )
