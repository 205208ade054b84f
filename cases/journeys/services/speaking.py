"""Words, contacts and evidence on a case."""

from datetime import datetime
from uuid import UUID

from cases.handoff.drafting import share_kept
from cases.intake import services as intake
from cases.journeys.registry import HEARD_TASK
from cases.journeys.runner import CONDUCTOR
from cases.journeys.services.heeding import heed
from cases.memory import services as memory
from cases.memory.models import Case, Evidence, Interaction, Message
from cases.memory.selectors import lock_case
from cases.memory.services import FileContent
from cases.memory.types import Channel, DisclosureShown, EvidenceDraft, Speaker, Trust
from cases.tools import services as tools
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.dispatch import enqueue
from orchestra.core.errors import FieldError, InvalidInputError


@one_act()
def add_message(
    *,
    actor: Actor,
    now: datetime,
    case: Case,
    speaker: Speaker,
    text: str,
    interaction_id: UUID | None = None,
    at: datetime | None = None,
    draft: str = "",
) -> Message:
    """Record one utterance; no step ends by it, since only its owner can say that it is done.

    A customer's later words are looked at for risks and for another need, and void the
    approvals that do not show them; an AI's words that carry
    the reviewed disclosure are its record. Of a draft that a person was given it is recorded
    how much they kept.

    Raises:
        InvalidInputError: The text, the time or the interaction is not acceptable.
        NotPermittedError: The actor may not record such words.
        ConflictError: The case is closed.
    """
    message = memory.add_message(
        actor=actor,
        now=now,
        case=case,
        speaker=speaker,
        text=text,
        interaction=_interaction(case, interaction_id),
        at=at,
        draft_share=share_kept(draft=draft, sent=text),
    )
    memory.note_carried(actor=actor, now=now, message=message)
    if speaker is Speaker.CUSTOMER:
        row = lock_case(case.public_id)
        is_unknown = not row.intent
        read = intake.hear(actor=CONDUCTOR, now=now, case=row, message=message)
        if read is not None:
            heed(now=now, case=row, read=read, is_new=is_unknown)
            row = lock_case(case.public_id)
        tools.void_outdated(case=row, now=now)
        enqueue(HEARD_TASK, message.pk)
    return message


def _interaction(case: Case, interaction_id: UUID | None) -> Interaction | None:
    if interaction_id is None:
        return None
    found = Interaction.objects.filter(case=case, public_id=interaction_id).first()
    if found is None:
        message = "This case has no such interaction."
        raise InvalidInputError(message, errors=[FieldError("interaction", "unknown", message)])
    return found


def start_interaction(*, actor: Actor, now: datetime, case: Case, channel: Channel) -> Interaction:
    """Record a new contact of the customer on a channel."""
    return memory.start_interaction(actor=actor, now=now, case=case, channel=channel)


def record_disclosure(
    *,
    actor: Actor,
    now: datetime,
    case: Case,
    language: str = "",
    interaction_id: UUID | None = None,
    at: datetime | None = None,
) -> DisclosureShown:
    """Record that a customer was told, in the reviewed text in force, that an AI speaks.

    Raises:
        InvalidInputError: There is no such contact, no such text is in force, or the time is none.
        ConflictError: The case is closed.
    """
    return memory.record_disclosure(
        actor=actor,
        now=now,
        case=case,
        language=language,
        interaction=_interaction(case, interaction_id),
        at=at,
    )


def attach_evidence(
    *,
    actor: Actor,
    now: datetime,
    case: Case,
    kind: str,
    title: str,
    proves: str,
    reference: str = "",
    digest: str = "",
) -> Evidence:
    """Attach a reference or a file's digest, with what it proves."""
    return memory.attach_evidence(
        actor=actor,
        now=now,
        case=case,
        draft=EvidenceDraft(
            kind=kind, title=title, proves=proves, reference=reference, digest=digest
        ),
        trust=Trust.HUMAN_CONFIRMED if actor.is_human else Trust.CLAIMED,
    )


def attach_file(
    *,
    actor: Actor,
    now: datetime,
    case: Case,
    file: FileContent,
    kind: str,
    title: str,
    proves: str,
) -> Evidence:
    """Attach a file, with what it proves."""
    return memory.attach_file(
        actor=actor,
        now=now,
        case=case,
        draft=EvidenceDraft(kind=kind, title=title, proves=proves),
        file=file,
        trust=Trust.HUMAN_CONFIRMED if actor.is_human else Trust.CLAIMED,
    )
