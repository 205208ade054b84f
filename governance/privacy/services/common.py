"""What every act on legal holds begins with: who may, the words given, and the entry."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from governance.access.models import User
from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger import services as ledger
from governance.ledger.entries import SYSTEM_STREAM
from governance.ledger.types import EntryDraft, Json
from governance.privacy import rules
from orchestra.core.actors import Actor
from orchestra.core.canonical import check_text
from orchestra.core.errors import FieldError, InvalidInputError, NotPermittedError

#: Taken by whoever erases and by whoever places a hold, so that neither overtakes the other.
TURN = "privacy"


def require_manager(actor: Actor) -> None:
    """Refuse whoever may not place or lift legal holds.

    Raises:
        NotPermittedError: The actor lacks the capability, or is no person.
    """
    require(authority=authority_of(actor), capability=Capability.LEDGER_VERIFY)


def require_another(actor: Actor, asked_by_id: int) -> None:
    """Refuse a person who would decide what they asked for themselves.

    Raises:
        NotPermittedError: They asked for it.
    """
    if actor.pk is None or not rules.may_decide(asked_by=asked_by_id, person=actor.pk):
        raise NotPermittedError(
            _("You asked for this, so another person decides. Nothing was changed."),
            code="privacy.two_people",
        )


def person_of(actor: Actor) -> User:
    """Return the row of the person who acts."""
    return User.objects.get(public_id=actor.id)


def read_texts(**texts: tuple[str, int]) -> dict[str, str]:
    """Return texts without blanks around them, all of which are needed.

    Args:
        texts: Field to what was typed and the most characters it may have.

    Raises:
        InvalidInputError: One is empty, too long, or holds a character that cannot be stored;
            every such field is named.
    """
    found, errors = {}, []
    for name, (text, most) in texts.items():
        check_text(text, name)
        found[name] = text.strip()
        if not found[name]:
            errors.append(FieldError(name, "required", _NEEDED[name]()))
        elif len(found[name]) > most:
            message = _("At most %(most)d characters.") % {"most": most}
            errors.append(FieldError(name, "length", message))
    if errors:
        raise InvalidInputError(_("Nothing was changed."), code="privacy.invalid", errors=errors)
    return found


_NEEDED = {
    "reason": lambda: _("Say why; the reason goes on record."),
    "reference": lambda: _("Give the reference of the matter, such as a ticket."),
}


def record(
    *,
    actor: Actor,
    now: datetime,
    kind: str,
    payload: Mapping[str, Json],
    subject: tuple[str, str],
    stream: str = SYSTEM_STREAM,
) -> None:
    """Append one entry about a legal hold."""
    ledger.append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=stream,
            kind=kind,
            payload=payload,
            subject_kind=subject[0],
            subject_id=subject[1],
        ),
    )
