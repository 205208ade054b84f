"""Lock a request in the one order, end it, and record it: shared by the services."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from governance.access.models import User
from governance.access.selectors import (
    authority_of,
    authority_of_person,
    readable_queue_ids,
)
from governance.access.types import Authority, Capability
from governance.approvals import entries
from governance.approvals.models import ApprovalRequest
from governance.approvals.registry import handlers
from governance.approvals.selectors import lock_with_votes, with_votes
from governance.approvals.types import VIGILANCE, ApprovalState
from governance.ledger import services as ledger
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor, ActorKind, system
from orchestra.core.errors import ConflictError, NotFoundError
from orchestra.core.locking import compare_and_set, hold, lock
from orchestra.core.prepared import Prepared

#: Whoever voted stands in the votes; that they suffice, or that time ran out, is nobody's act.
APPROVALS = system("approvals")

_KINDS = {
    ApprovalState.GRANTED: entries.GRANTED,
    ApprovalState.REJECTED: entries.REJECTED,
    ApprovalState.EXPIRED: entries.EXPIRED,
    ApprovalState.VOIDED: entries.VOIDED,
    ApprovalState.USED: entries.USED,
}


def hold_voter(actor: Actor) -> User | None:
    """Let nobody be disabled while they vote, nor vote while they are being disabled.

    To be called before anything else is locked: whoever disables locks the person first too,
    and then the requests that the person has to do with.

    Returns:
        The person, as they stand until the transaction ends; None for whoever is nobody.
    """
    if actor.kind is ActorKind.HUMAN and actor.pk is not None:
        return next(iter(hold(User.objects.filter(pk=actor.pk))), None)
    return None


def _keys(**lookup: Any) -> "QuerySet[ApprovalRequest, tuple[int, str, str]]":
    rows = ApprovalRequest.objects.filter(**lookup)
    return rows.values_list("pk", "subject_kind", "case_public_id")


_OF_ID: Prepared[tuple[int, str, str]] = Prepared(lambda public_id: _keys(public_id=public_id))


def lock_request(**lookup: Any) -> ApprovalRequest:
    """Lock the case of a request, then the request, inside the running transaction.

    Raises:
        NotFoundError: There is no such request.
    """
    if lookup.keys() == {"public_id"}:
        found = _OF_ID.first(UUID(str(lookup["public_id"])))
    else:
        found = _keys(**lookup).first()
    if found is None:
        raise not_found()
    pk, subject_kind, case_public_id = found
    handlers.get(subject_kind).lock(case_public_id)
    return lock_with_votes(pk)


def lock_visible(
    *, actor: Actor, held: User | None = None, **lookup: Any
) -> tuple[ApprovalRequest, Authority]:
    """Lock a request that an actor may see; what they hold is read after the lock.

    Args:
        actor: Who looks.
        held: The same person, where ``hold_voter`` has locked their row.
        lookup: Which request.

    Raises:
        NotFoundError: There is none, or the actor may not know of it.
    """
    request = lock_request(**lookup)
    authority = authority_of(actor) if held is None else authority_of_person(held)
    queues = readable_queue_ids(authority, Capability.APPROVAL_READ)
    is_hidden = actor.kind is ActorKind.AGENT and request.subject_kind == VIGILANCE
    if is_hidden or (queues is not None and request.queue_id not in queues):
        raise not_found()
    return request, authority


def lock_all_visible(
    *, actor: Actor, public_ids: Collection[UUID]
) -> tuple[dict[UUID, ApprovalRequest], Authority]:
    """Lock several requests that an actor may see, all their cases before the first request.

    Raises:
        NotFoundError: One of them does not exist, or the actor may not know of it.
    """
    rows = ApprovalRequest.objects.filter(public_id__in=public_ids)
    found = rows.values_list("case_public_id", "subject_kind").distinct()
    # Always in one order, so that two who lock several never wait for each other.
    for case_public_id, subject_kind in sorted(found):
        handlers.get(subject_kind).lock(case_public_id)
    locked = {
        request.public_id: request for request in lock(with_votes(rows.select_related("queue")))
    }
    authority = authority_of(actor)
    queues = readable_queue_ids(authority, Capability.APPROVAL_READ)
    hidden = [one for one in locked.values() if queues is not None and one.queue_id not in queues]
    if hidden or set(public_ids) - set(locked):
        raise not_found()
    return locked, authority


def not_found() -> NotFoundError:
    """Return the one answer for what is not there and what may not be seen."""
    return NotFoundError(_("There is no such approval."), code="approval.not_found")


def check_state(request: ApprovalRequest, *states: ApprovalState) -> None:
    """Refuse an act on a request that has moved on.

    Raises:
        ConflictError: The request is in none of the states.
    """
    if request.state not in states:
        raise ConflictError(
            _("%(label)s is %(state)s; this is no longer possible.")
            % {"label": request.label, "state": request.state},
            code="approval.ended",
            data={"state": str(request.state)},
        )


def end_request(
    request: ApprovalRequest,
    *,
    actor: Actor,
    now: datetime,
    state: ApprovalState,
    changes: Mapping[str, Any],
    payload: Mapping[str, Any],
) -> None:
    """Move a locked request on, record it, and tell its subject in the same transaction."""
    compare_and_set(
        request,
        expected={"state": request.state},
        changes={"state": state, **changes},
        actor=actor,
    )
    record(request, actor=actor, now=now, kind=_KINDS[state], payload=payload)
    if state is not ApprovalState.USED:
        handlers.get(request.subject_kind).decided(request, now)


def record(
    request: ApprovalRequest,
    *,
    actor: Actor,
    now: datetime,
    kind: str,
    payload: Mapping[str, Any],
) -> None:
    """Append one entry about a request to the stream of its case."""
    ledger.append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=request.stream,
            kind=kind,
            payload={
                "approval": request.label,
                "title": request.title,
                "subject": {"kind": request.subject_kind, "id": request.subject_id},
                **payload,
            },
            subject_kind="approval",
            subject_id=str(request.public_id),
        ),
    )
