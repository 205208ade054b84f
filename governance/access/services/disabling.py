"""Stop everything a person may do, at once, and let them in again."""

from datetime import datetime

from django.utils.translation import gettext as _

from governance.access import entries
from governance.access.models import AgentIdentity, User
from governance.access.registry import tell_lost
from governance.access.services import guard
from governance.access.services.credentials import revoke_all
from governance.access.services.delegations import end_all_of
from governance.access.services.rows import REASON_LENGTH
from governance.access.services.sessions import end_sessions
from governance.access.types import Lost, LostBy
from governance.ledger import services as ledger
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor
from orchestra.core.errors import FieldError, InvalidInputError
from orchestra.core.locking import compare_and_set


def disable_person(*, actor: Actor, now: datetime, person: User, reason: str) -> User:
    """Disable a person's access; again changes nothing.

    From here on no sign-in of theirs is answered, the tokens of AI agents that act for them
    are revoked, what was handed over to them or by them ends, and the rooms above stop what
    stood on their authority: claims, votes, grants that were not used yet. Their roles and
    grants stay, so that enabling gives back what they held.

    Args:
        actor: Who disables; needs ``access.manage``.
        now: The moment of the act.
        person: Who stops.
        reason: Why; kept with the person and in the ledger.

    Raises:
        NotPermittedError: The actor may not manage access.
        InvalidInputError: No reason is given.
        ConflictError: Nobody would be left who manages access.
    """
    guard.require_manager(actor)
    _check_reason(reason)
    with ledger.one_act():
        row = User.objects.get(pk=person.pk)
        if not row.is_active:
            return row
        guard.require_managers_left(row)
        # The person before any request of theirs, as whoever votes does: a vote is either whole
        # before this and looked at below, or is refused after it.
        _set(row, actor, is_active=False, at=now, by=actor.label, reason=reason)
        tokens = sum(
            revoke_all(actor=actor, now=now, agent=agent)
            for agent in AgentIdentity.objects.filter(acts_for=row).order_by("pk")
        )
        delegations = end_all_of(actor=actor, now=now, person=row)
        _record(
            actor,
            now,
            row,
            entries.PERSON_DISABLED,
            reason=reason.strip(),
            tokens=tokens,
            delegations=delegations,
        )
        people = frozenset({str(row.public_id)})
        what = Lost(by=LostBy.DISABLED, people=people, label=row.label, reason=reason.strip())
        tell_lost(actor=actor, now=now, what=what)
        # Refused already, since the person is disabled; this keeps them from coming to life
        # again with the person.
        end_sessions(actor=actor, now=now, person=row, reason=reason.strip())
    return row


def enable_person(*, actor: Actor, now: datetime, person: User, reason: str) -> User:
    """Let a disabled person in again, with the roles and grants they hold; again changes nothing.

    What stopped stays stopped: revoked tokens, ended delegations and discounted votes.

    Args:
        actor: Who enables; needs ``access.manage``, and is never the person.
        now: The moment of the act.
        person: Who comes back.
        reason: Why; kept in the ledger.

    Raises:
        NotPermittedError: The actor may not manage access, or is the person.
        InvalidInputError: No reason is given.
    """
    guard.require_manager(actor)
    guard.require_another(actor, person)
    _check_reason(reason)
    with ledger.one_act():
        row = User.objects.get(pk=person.pk)
        if not row.is_active:
            _set(row, actor, is_active=True, at=None, by="", reason="")
            _record(actor, now, row, entries.PERSON_ENABLED, reason=reason.strip())
    return row


def _check_reason(reason: str) -> None:
    if not reason.strip():
        message = _("Say why.")
        errors = [FieldError("reason", "required", message)]
        raise InvalidInputError(_("Nothing was changed."), errors=errors)


def _set(
    row: User, actor: Actor, *, is_active: bool, at: datetime | None, by: str, reason: str
) -> None:
    compare_and_set(
        row,
        expected={"is_active": not is_active},
        changes={
            "is_active": is_active,
            "disabled_at": at,
            "disabled_by": by[:200],
            "disabled_reason": reason.strip()[:REASON_LENGTH],
        },
        actor=actor,
    )


def _record(actor: Actor, now: datetime, row: User, kind: str, **payload: object) -> None:
    ledger.append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=f"user:{row.public_id}",
            kind=kind,
            payload={"person": row.label, **payload},
            subject_kind="user",
            subject_id=str(row.public_id),
        ),
    )
