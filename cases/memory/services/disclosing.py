"""Record that a customer was told that they talk to an AI."""

from datetime import datetime

from django.utils.translation import gettext as _

from cases.memory import entries
from cases.memory.disclosures import list_texts, was_shown
from cases.memory.models import Case, Interaction, Message
from cases.memory.rules import carries, time_errors
from cases.memory.services.common import append, locked, refuse_errors
from cases.memory.services.messages import interaction_of
from cases.memory.types import CaseAct, Channel, DisclosureShown, DisclosureText, Speaker
from governance.access.types import Capability
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.clock import rfc3339
from orchestra.core.errors import FieldError, InvalidInputError


@one_act()
def record_disclosure(
    *,
    actor: Actor,
    now: datetime,
    case: Case,
    language: str = "",
    interaction: Interaction | None = None,
    at: datetime | None = None,
) -> DisclosureShown:
    """Record that the reviewed text in force was shown in a contact.

    Args:
        actor: Who showed it.
        now: When it is recorded.
        case: The case of the contact.
        language: Which text, where there are several; empty for the only one.
        interaction: The contact it was shown in; None for the latest one.
        at: When it was shown, which may be before it is recorded; None for now.

    Raises:
        InvalidInputError: There is no such contact, no such text is in force, or the time is none.
        ConflictError: The case is closed.
    """
    refuse_errors("", time_errors(at=at, now=now))
    row = locked(actor=actor, case=case, capability=Capability.CASE_WORK, act=CaseAct.TALK)
    contact = interaction_of(row, interaction)
    text = _text_in_force(Channel(contact.channel), language)
    return _append(actor=actor, now=now, interaction=contact, text=text, at=min(at or now, now))


def note_carried(*, actor: Actor, now: datetime, message: Message) -> None:
    """Record the disclosure that an AI's words carry, once a contact; the case is locked."""
    if message.speaker != Speaker.AI:
        return
    texts = list_texts(channel=Channel(message.interaction.channel))
    carried = next((one for one in texts if carries(said=message.text, text=one.text)), None)
    if carried is not None and not was_shown(interaction=message.interaction):
        _append(
            actor=actor,
            now=now,
            interaction=message.interaction,
            text=carried,
            at=message.at,
            message=str(message.public_id),
        )


def _text_in_force(channel: Channel, language: str) -> DisclosureText:
    texts = list_texts(channel=channel)
    found = [one for one in texts if language in ("", one.language)]
    if not found:
        message = (
            _("No reviewed text in %(language)s tells customers on %(channel)s of the AI.")
            % {"language": language, "channel": channel}
            if language
            else _("No reviewed text tells customers on %(channel)s that an AI speaks.")
            % {"channel": channel}
        )
        raise InvalidInputError(message, errors=[FieldError("language", "unknown", message)])
    if len(found) > 1 and not language:
        known = ", ".join(one.language for one in found)
        message = _("There are texts in several languages; name one: %(known)s.") % {"known": known}
        raise InvalidInputError(message, errors=[FieldError("language", "required", message)])
    return found[0]


def _append(
    *,
    actor: Actor,
    now: datetime,
    interaction: Interaction,
    text: DisclosureText,
    at: datetime,
    message: str = "",
) -> DisclosureShown:
    append(
        actor=actor,
        now=now,
        case=interaction.case,
        kind=entries.DISCLOSURE_SHOWN,
        payload={
            "article": text.article,
            "version": text.number,
            "version_digest": text.version_digest,
            "language": text.language,
            "text_digest": text.text_digest,
            "channel": str(interaction.channel),
            "shown_at": rfc3339(at),
            **({"message": message} if message else {}),
        },
        subject=("interaction", str(interaction.public_id)),
    )
    return DisclosureShown(
        interaction_id=str(interaction.public_id),
        shown_at=at,
        article=text.article,
        number=text.number,
        language=text.language,
        channel=str(interaction.channel),
        text_digest=text.text_digest,
    )
