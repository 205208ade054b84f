"""Lock-outs on record, and a person let back in before theirs is over."""

from datetime import datetime

from axes.models import AccessAttempt
from django.core.cache import cache
from django.utils.translation import gettext as _

from governance.access import entries
from governance.access.models import User
from governance.access.services.guard import require_another, require_manager, require_reason
from governance.ledger import services as ledger
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor, system
from orchestra.core.errors import ConflictError

SIGN_IN = system("sign-in")


def record_lock_out(*, now: datetime, person: User, tries: int, address: str) -> None:
    """Record that a person was locked out; who tried is not known."""
    with ledger.one_act():
        _record(SIGN_IN, now, person, entries.LOCKED_OUT, tries=tries, address=address)


def unlock(*, actor: Actor, now: datetime, person: User, reason: str) -> None:
    """Let another person try again at once.

    Raises:
        NotPermittedError: The actor may not manage access, or is the person.
        InvalidInputError: No reason.
        ConflictError: No wrong try is counted.
    """
    require_manager(actor)
    require_another(actor, person)
    why = require_reason(reason)
    with ledger.one_act():
        count, _rows = AccessAttempt.objects.filter(username=person.username).delete()
        if not count:
            raise ConflictError(_("This person is not locked out."))
        _record(actor, now, person, entries.UNLOCKED, reason=why)
    cache.delete(f"locked-out:{person.pk}")


def _record(actor: Actor, now: datetime, person: User, kind: str, **more: object) -> None:
    ledger.append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=f"user:{person.public_id}",
            kind=kind,
            payload={"person": person.label, **more},
            subject_kind="user",
            subject_id=str(person.public_id),
        ),
    )
