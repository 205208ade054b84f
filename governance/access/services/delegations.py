"""Let somebody act in one's place for a time, and end it early."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from governance.access import delegation as rule
from governance.access import entries, models
from governance.access.delegated import as_delegation
from governance.access.rules import may
from governance.access.selectors import authorities_of, authority_of
from governance.access.types import Capability, Delegation, Role
from governance.ledger import services as ledger
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor
from orchestra.core.clock import rfc3339
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from orchestra.core.history import save_as
from orchestra.core.locking import compare_and_set, lock


@ledger.one_act()
def delegate(
    *,
    actor: Actor,
    now: datetime,
    delegate_id: UUID,
    covers: Role | Capability,
    until_at: datetime,
    reason: str,
    begins_at: datetime | None = None,
) -> models.Delegation:
    """Let another person act in the actor's place for a time; it widens nothing.

    Args:
        actor: Who hands over; always a person, and only their own.
        now: When, UTC.
        delegate_id: Public id of the other.
        covers: A whole role of the actor's, or one capability.
        until_at: When it ends by itself.
        reason: Why; kept in the ledger.
        begins_at: From when; None for now.

    Raises:
        NotPermittedError: An AI agent or the system hands over.
        InvalidInputError: The actor does not hold it, the other may not do it, or the time or
            the reason is missing; all at once.
        ConflictError: The same stands already in that time.
    """
    if not actor.is_human:
        raise NotPermittedError(_("Only people hand over."), code="delegation.not_a_person")
    # The two rows are the lock: of two that give the same at once, the second sees the first.
    people = lock(models.User.objects.filter(public_id__in=[actor.id, delegate_id]))
    by_id = {str(person.public_id): person for person in people}
    giver, other = by_id.get(actor.id), by_id.get(str(delegate_id))
    if giver is None or other is None:
        raise NotFoundError(_("There is no such person."))
    wanted = Delegation(
        giver_id=actor.id,
        giver_label=giver.label,
        delegate_id=str(delegate_id),
        covers=covers,
        begins_at=max(now, begins_at or now),
        until_at=until_at,
    )
    authorities = authorities_of([actor.id, str(delegate_id)])
    errors = rule.check_delegation(
        giver=authority_of(actor),
        delegate=authorities[str(delegate_id)],
        wanted=wanted,
        reason=reason,
        now=now,
    )
    if errors:
        message = _("Nothing was handed over; see the errors.")
        raise InvalidInputError(message, code="delegation.invalid", errors=list(errors))
    present = models.Delegation.objects.select_related("giver", "delegate").filter(giver=giver)
    if rule.has_overlap([as_delegation(one) for one in present], wanted):
        raise ConflictError(
            _("You handed the same to this person already in that time."),
            code="delegation.overlap",
        )
    made = models.Delegation(
        giver=giver,
        giver_key=actor.id,
        delegate=other,
        covers=str(covers),
        reason=reason.strip()[:500],
        begins_at=wanted.begins_at,
        until_at=until_at,
        created_at=now,
    )
    save_as(made, actor=actor, reason="given")
    _record(made, actor, now, entries.DELEGATION_GIVEN)
    return made


@ledger.one_act()
def end_delegation(*, actor: Actor, now: datetime, delegation_id: UUID) -> models.Delegation:
    """End a delegation before its time: its giver, its delegate, or who manages access.

    Raises:
        NotFoundError: There is none, or the actor may not know of it.
        ConflictError: It is over already.
    """
    rows = lock(
        models.Delegation.objects.select_related("giver", "delegate").filter(
            public_id=delegation_id
        )
    )
    if not rows or not _may_end(actor, rows[0]):
        raise NotFoundError(_("There is no such delegation."))
    given = rows[0]
    if given.ended_at is not None or given.until_at <= now:
        raise ConflictError(_("It is over already."), code="delegation.over")
    _end(given, actor, now)
    return given


def end_all_of(*, actor: Actor, now: datetime, person: models.User) -> int:
    """End all that a person handed over or was handed, inside the running transaction.

    Returns:
        How many there were.
    """
    rows = lock(
        models.Delegation.objects.select_related("giver", "delegate").filter(
            Q(giver=person) | Q(delegate=person), ended_at=None, until_at__gt=now
        )
    )
    for given in rows:
        _end(given, actor, now)
    return len(rows)


def _end(given: models.Delegation, actor: Actor, now: datetime) -> None:
    compare_and_set(
        given, expected={"ended_at": None}, changes={"ended_at": now}, actor=actor, reason="ended"
    )
    _record(given, actor, now, entries.DELEGATION_ENDED)


def _may_end(actor: Actor, given: models.Delegation) -> bool:
    if actor.is_human and actor.pk in {given.giver_id, given.delegate_id}:
        return True
    return may(authority_of(actor), Capability.ACCESS_MANAGE)


def _record(given: models.Delegation, actor: Actor, now: datetime, kind: str) -> None:
    ledger.append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=f"user:{given.giver_key}",
            kind=kind,
            payload={
                "giver": given.giver.label,
                "delegate": given.delegate.label,
                "delegate_id": str(given.delegate.public_id),
                "covers": given.covers,
                "reason": given.reason,
                "begins_at": rfc3339(given.begins_at),
                "until_at": rfc3339(given.until_at),
            },
            subject_kind="delegation",
            subject_id=str(given.public_id),
        ),
    )
