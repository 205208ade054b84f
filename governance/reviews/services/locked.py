"""Lock a change request, move it on, and record it: shared by the services."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from governance.access.selectors import authority_of, require_on
from governance.access.types import Authority, Capability
from governance.ledger.services import append_entry
from governance.ledger.types import EntryDraft
from governance.reviews import rules
from governance.reviews.models import ChangeRequest
from governance.reviews.registry import documents
from governance.reviews.selectors import check_readable, kind_of, not_found, with_reviews
from governance.reviews.types import ChangePurpose, ChangeState, VoidCause
from orchestra.core.actors import Actor, system
from orchestra.core.errors import FieldError, InvalidInputError, NotPermittedError
from orchestra.core.locking import compare_and_set, lock

Json = Any
#: Planned publishing and lapsing are nobody's act.
REVIEWS = system("reviews")


def lock_change(*, actor: Actor, change_id: UUID) -> tuple[ChangeRequest, Authority]:
    """Lock a change request that an actor may see; what they hold is read after the lock.

    Raises:
        NotFoundError: There is none, or the actor may not know of it.
    """
    rows = lock(with_reviews(ChangeRequest.objects.filter(public_id=change_id)))
    authority = authority_of(actor)
    check_readable(authority)
    if not rows:
        raise not_found()
    return rows[0], authority


def lock_with_siblings(*, pk: int) -> tuple[ChangeRequest, list[ChangeRequest]]:
    """Lock a change and every other of its document that is open or in force, then the document.

    Two that would be published at the same moment follow each other.

    Raises:
        NotFoundError: There is no such change.
    """
    found = ChangeRequest.objects.filter(pk=pk).values_list("kind", "document_key").first()
    if found is None:
        raise not_found()
    kind, key = found
    rows = lock(
        with_reviews(
            ChangeRequest.objects.filter(
                Q(pk=pk) | Q(state__in=[*rules.OPEN, ChangeState.PUBLISHED]),
                kind=kind,
                document_key=key,
            )
        )
    )
    documents.get(kind).rows.lock(key)
    change = next(row for row in rows if row.pk == pk)
    return change, [row for row in rows if row.pk != pk]


def require_drafting(authority: Authority, *, kind: str, key: str) -> None:
    """Refuse whoever may not draft this document; an AI agent never may.

    Args:
        authority: What the actor holds.
        kind: Registered kind of document.
        key: The document's key; there may be none of it yet.

    Raises:
        NotPermittedError: The capability is missing, or is not granted on this document.
    """
    if authority.actor.is_agent:
        raise NotPermittedError(_("An AI agent changes no governed document."), code="change.agent")
    require_on(authority=authority, capability=documents.get(kind).drafting, kind=kind, key=key)


def require_publishing(authority: Authority, change: ChangeRequest) -> None:
    """Refuse whoever may not put this change in force.

    Raises:
        NotPermittedError: The capability is missing, or is not granted on this document.
    """
    require_on(
        authority=authority,
        capability=Capability.CHANGE_PUBLISH,
        kind=change.kind,
        key=change.document_key,
    )


def digest_of(change_kind: str, purpose: ChangePurpose, document: Json) -> str:
    """Return the digest of a draft.

    Raises:
        InvalidInputError: It is no mapping, or has no canonical form.
    """
    if not isinstance(document, Mapping):
        message = _("The document must be a mapping of names to values.")
        raise InvalidInputError(message, errors=[FieldError("", "type", message)])
    return rules.change_digest(kind=change_kind, purpose=purpose, document=document)


def move(
    change: ChangeRequest,
    *,
    actor: Actor,
    wanted: ChangeState,
    changes: Mapping[str, Any],
    reason: str,
) -> None:
    """Move a locked change on, only from the state and text it was read in.

    Raises:
        ConflictError: The workflow has no such step, or another writer was faster.
    """
    rules.check_move(label=change.label, present=ChangeState(change.state), wanted=wanted)
    compare_and_set(
        change,
        expected={"state": change.state, "digest": change.digest},
        changes={"state": wanted, **changes},
        actor=actor,
        reason=reason,
    )


def void_reviews(change: ChangeRequest, now: datetime, cause: VoidCause) -> int:
    """Take the votes on a change away, since they answered another text; return how many."""
    standing = change.reviews.filter(voided_at__isnull=True)
    voided = standing.update(voided_at=now, void_cause=cause)
    change.__dict__.pop("standing_reviews", None)
    return voided


def record(
    change: ChangeRequest,
    *,
    actor: Actor,
    now: datetime,
    kind: str,
    payload: Mapping[str, Json] | None = None,
) -> None:
    """Append one entry about a change to the stream of its document."""
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=kind_of(change).rows.stream(change.document_key),
            kind=kind,
            payload={
                "change": change.label,
                "title": change.title,
                "kind": change.kind,
                "document": change.document_key,
                "purpose": str(change.purpose),
                "digest": change.digest,
                "state": str(change.state),
                **(payload or {}),
            },
            subject_kind="change_request",
            subject_id=str(change.public_id),
        ),
    )
