"""End sign-ins: one, all of a person, or the oldest beyond the limit."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from governance.access import entries
from governance.access.models import PersonSession, User
from governance.access.services.guard import require_manager
from governance.ledger import services as ledger
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError
from orchestra.core.locking import lock_one


def end_sessions(
    *, actor: Actor, now: datetime, person: User, keep: str = "", reason: str = ""
) -> int:
    """End every sign-in of a person; whoever holds one is a stranger at the next request.

    Args:
        actor: The person themselves, or who manages access.
        now: When.
        person: Whose sign-ins end.
        keep: Key of the one session that stays, such as the one that asks.
        reason: Why, for the record.

    Returns:
        How many ended; none leaves no entry.

    Raises:
        NotPermittedError: Neither the person nor a manager of access.
    """
    _require_own_or_manager(actor, person)
    with ledger.one_act():
        # Deleting needs no lock on the person, whom a voter refers to while holding a case.
        rows = PersonSession.objects.filter(person=person).exclude(session_key=keep)
        return _end(actor, now, person, rows.values_list("session_key", flat=True), reason)


def end_session(*, actor: Actor, now: datetime, person: User, key: str) -> None:
    """End one sign-in of a person.

    Raises:
        NotPermittedError: Neither the person nor a manager of access.
        ConflictError: It is over already, or not theirs.
    """
    _require_own_or_manager(actor, person)
    with ledger.one_act():
        rows = PersonSession.objects.filter(person=person, session_key=key)
        if not _end(
            actor, now, person, rows.values_list("session_key", flat=True), _("one of them")
        ):
            raise ConflictError(_("This sign-in is over already."))


def limit_sessions(*, actor: Actor, now: datetime, person: User, keep: str) -> int:
    """End the oldest sign-ins of a person beyond the limit; called as a new one begins.

    Args:
        actor: The person.
        now: When.
        person: Whose sign-ins are counted.
        keep: Key of the new one, which always stays.

    Returns:
        How many ended.
    """
    most = int(settings.ORCHESTRA["SESSIONS_PER_PERSON"])
    with ledger.one_act():
        lock_one(User.objects.filter(pk=person.pk))
        live = PersonSession.objects.filter(person=person, expire_date__gt=now)
        others = live.exclude(session_key=keep).order_by("-began_at", "-used_at")
        keys = list(others.values_list("session_key", flat=True))[most - 1 :]
        reason = _("more than %(most)d at a time") % {"most": most}
        return _end(actor, now, person, keys, reason)


def forget_sessions(*, now: datetime) -> int:
    """Delete the rows of sessions that ended by themselves.

    Returns:
        How many.
    """
    count, _rows = PersonSession.objects.filter(expire_date__lte=now).delete()
    return count


def _end(actor: Actor, now: datetime, person: User, keys: Iterable[str], reason: str) -> int:
    count, _rows = PersonSession.objects.filter(session_key__in=list(keys)).delete()
    if count:
        ledger.append_entry(
            actor=actor,
            now=now,
            draft=EntryDraft(
                stream=f"user:{person.public_id}",
                kind=entries.SESSIONS_ENDED,
                payload={"person": person.label, "count": count, "reason": reason or _("all")},
                subject_kind="user",
                subject_id=str(person.public_id),
            ),
        )
    return count


def _require_own_or_manager(actor: Actor, person: User) -> None:
    if actor.id != str(person.public_id):
        require_manager(actor)
