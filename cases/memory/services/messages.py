"""Record a new contact on a case, and what was said in it."""

from datetime import datetime

from django.utils.translation import gettext as _

from cases.memory import entries
from cases.memory.courtesies import ends_quietly, says_nothing
from cases.memory.models import Case, Interaction, Message
from cases.memory.rules import may_speak, text_errors, time_errors
from cases.memory.services.common import (
    append,
    end_contacts,
    locked,
    refuse_bad_text,
    refuse_errors,
)
from cases.memory.services.lifecycle import reopen_locked
from cases.memory.types import OPEN_STATUSES, CaseAct, CaseStatus, Channel, Speaker
from governance.access.types import Capability
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.clock import rfc3339
from orchestra.core.errors import FieldError, InvalidInputError, NotPermittedError


@one_act()
def start_interaction(*, actor: Actor, now: datetime, case: Case, channel: Channel) -> Interaction:
    """Record a new contact of the customer on a channel.

    Raises:
        ConflictError: The case is closed.
    """
    row = locked(actor=actor, case=case, capability=Capability.CASE_WORK, act=CaseAct.TALK)
    interaction = write_interaction(case=row, channel=channel, now=now)
    append(
        actor=actor,
        now=now,
        case=row,
        kind=entries.INTERACTION_STARTED,
        payload={"channel": str(channel), "rejoined": False},
        subject=("interaction", str(interaction.public_id)),
    )
    return interaction


@one_act()
def add_message(
    *,
    actor: Actor,
    now: datetime,
    case: Case,
    speaker: Speaker,
    text: str,
    interaction: Interaction | None = None,
    at: datetime | None = None,
    draft_share: int | None = None,
) -> Message:
    """Record one utterance; a resolved case is open again where the customer asks for something.

    Args:
        actor: Who records it.
        now: When it is recorded.
        case: The case it belongs to.
        speaker: Who said it.
        text: What was said, 1 to 20,000 characters.
        interaction: The contact it was said in; None for the latest one.
        at: When it was said, which may be before it is recorded; None for now.
        draft_share: How much of it are the words of an AI's draft, in percent; None without.

    Raises:
        InvalidInputError: The text, the time or the interaction is not acceptable.
        NotPermittedError: An AI agent cannot record a person's words, nor the reverse.
        ConflictError: The case is closed.
    """
    refuse_bad_text(text=text)
    errors = text_errors(text) + time_errors(at=at, now=now)
    refuse_errors(_("The message cannot be recorded."), errors)
    if not may_speak(actor_kind=actor.kind, speaker=speaker):
        raise NotPermittedError(
            _("An AI agent does not record a person's words, nor a person an AI agent's."),
            code="not_permitted.speaker",
            data={"speaker": str(speaker)},
        )
    row = locked(actor=actor, case=case, capability=Capability.CASE_WORK, act=CaseAct.TALK)
    if speaker is Speaker.CUSTOMER and _comes_back(row, text):
        reopen_locked(
            actor=actor, now=now, case=row, reason="the customer came back", by_customer=True
        )
    return write_message(
        actor=actor,
        now=now,
        interaction=interaction_of(row, interaction),
        speaker=speaker,
        text=text,
        at=at or now,
        draft_share=draft_share,
    )


def _comes_back(case: Case, text: str) -> bool:
    """Whether words on a resolved case ask for something: no thanks, no yes, no automatic reply."""
    quiet = ends_quietly(text) or says_nothing(text)
    return case.status == CaseStatus.RESOLVED and not quiet


def write_interaction(
    *, case: Case, channel: Channel, now: datetime, ends_at_once: bool = False
) -> Interaction:
    """Write the contact of a locked case; the caller appends the entry.

    A customer is in one contact at a time on one matter: the one before ends with it.

    Args:
        case: The locked case.
        channel: Where the contact is.
        now: When.
        ends_at_once: Whether nothing follows, such as after thanks for what is resolved.
    """
    end_contacts(case=case, now=now)
    return Interaction.objects.create(
        case=case, channel=channel, started_at=now, ended_at=now if ends_at_once else None
    )


def write_message(
    *,
    actor: Actor,
    now: datetime,
    interaction: Interaction,
    speaker: Speaker,
    text: str,
    at: datetime,
    draft_share: int | None = None,
) -> Message:
    """Write a checked utterance of a locked case, with its entry.

    The entry's own time is when it was recorded; when it was said stands beside the words.
    """
    # A caller's clock that runs ahead must not date words after their own record.
    at = min(at, now)
    _go_on(interaction, speaker, at)
    message = Message.objects.create(
        case=interaction.case,
        interaction=interaction,
        speaker=speaker,
        author_kind=actor.kind,
        author_id=actor.id,
        author_label=actor.label,
        text=text,
        at=at,
    )
    append(
        actor=actor,
        now=now,
        case=interaction.case,
        kind=entries.MESSAGE_ADDED,
        payload={
            "speaker": str(speaker),
            "text": text,
            "said_at": rfc3339(at),
            "channel": str(interaction.channel),
            "interaction": str(interaction.public_id),
            **({} if draft_share is None else {"draft_share": draft_share}),
        },
        subject=("message", str(message.public_id)),
    )
    return message


def _go_on(interaction: Interaction, speaker: Speaker, at: datetime) -> None:
    """Let a contact go on in which the customer spoke after it had ended, on an open case."""
    is_over = interaction.ended_at is not None and interaction.ended_at < at
    if is_over and speaker is Speaker.CUSTOMER and interaction.case.status in OPEN_STATUSES:
        interaction.ended_at = None
        interaction.save(update_fields=["ended_at"])


def interaction_of(case: Case, given: Interaction | None) -> Interaction:
    """Return the contact of a locked case that is meant, the latest by default.

    Raises:
        InvalidInputError: The case has no such contact.
    """
    if given is None:
        found = Interaction.objects.filter(case=case).order_by("-pk").first()
    else:
        found = Interaction.objects.filter(case=case, pk=given.pk).first()
    if found is None:
        message = _("This case has no such interaction.")
        raise InvalidInputError(message, errors=[FieldError("interaction", "unknown", message)])
    found.case = case
    return found
