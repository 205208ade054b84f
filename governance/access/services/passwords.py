"""A person's own password."""

from datetime import datetime

from django.utils.translation import gettext as _

from governance.access import entries
from governance.access.models import User
from governance.access.services.guard import require_self
from governance.access.services.sessions import end_sessions
from governance.ledger import services as ledger
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor


def change_password(*, actor: Actor, now: datetime, person: User, password: str, keep: str) -> int:
    """Give oneself another password, and end every other sign-in.

    Args:
        actor: The person themselves; the face has checked the old password.
        now: When.
        person: Whose password it is.
        password: The new one; the face has checked that it is good enough.
        keep: Key of the session that asks.

    Returns:
        How many other sign-ins ended.

    Raises:
        NotPermittedError: Not the person.
    """
    require_self(actor, person)
    with ledger.one_act():
        person.set_password(password)
        person.save(update_fields=["password"])
        ledger.append_entry(
            actor=actor,
            now=now,
            draft=EntryDraft(
                stream=f"user:{person.public_id}",
                kind=entries.PASSWORD_CHANGED,
                payload={"person": person.label},
                subject_kind="user",
                subject_id=str(person.public_id),
            ),
        )
        return end_sessions(
            actor=actor, now=now, person=person, keep=keep, reason=_("password changed")
        )
