"""Open a case: first words, intake, queue, journey."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cases.intake import services as intake
from cases.intake.models import ClassificationRecord, Intent
from cases.journeys.models import Journey
from cases.journeys.runner import CONDUCTOR
from cases.journeys.selectors import find_published, list_journeys
from cases.journeys.services.starting import start_journey
from cases.memory import services as memory
from cases.memory.models import Case, Interaction, Message
from cases.memory.selectors import lock_case
from cases.memory.types import CaseDraft, Channel, Trust, VerificationLevel
from governance.access.models import Queue
from governance.ledger.services import one_act
from orchestra.core.actors import Actor


@dataclass(frozen=True, slots=True)
class Contact:
    """A customer's contact as it arrives.

    Attributes:
        contact_points: Addresses and numbers, each as text or as ``{"kind", "value"}``.
        verified_level: How the sender says the customer was verified; empty for not at all.
        said_at: When the words were said; None for now.
    """

    channel: Channel
    text: str
    external_ref: str | None = None
    customer_ref: str = ""
    customer_name: str = ""
    contact_points: tuple[str | Mapping[str, str], ...] = ()
    verified_level: str = ""
    verified_method: str = ""
    queue: str = ""
    said_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """What became of a contact.

    Attributes:
        rejoined: Whether the case stood before.
        journeys: All journeys of the case, in the order they began.
    """

    case: Case
    rejoined: bool
    interaction: Interaction
    message: Message
    classification: ClassificationRecord
    journeys: tuple[Journey, ...]


@one_act()
def open_case(*, actor: Actor, now: datetime, contact: Contact) -> Opened:
    """Open a case with the customer's first words, or rejoin the one they belong to.

    The words are classified; a new case is routed to the queue of its intent and starts the
    journey of that intent, where one is in force.

    Raises:
        InvalidInputError: The contact is not acceptable; every field is named.
        NotPermittedError: The actor may not open cases.
        ConflictError: The external reference belongs elsewhere.
    """
    received = memory.receive_contact(actor=actor, now=now, draft=_draft(contact))
    if contact.verified_level:
        memory.record_verification(
            actor=actor,
            now=now,
            case=received.case,
            level=VerificationLevel(contact.verified_level),
            method=contact.verified_method,
            trust=Trust.HUMAN_CONFIRMED if actor.is_human else Trust.CLAIMED,
            customer_ref=contact.customer_ref,
        )
    classification = intake.classify_case(
        actor=CONDUCTOR, now=now, case=received.case, message=received.message
    )
    intent = Intent.objects.filter(key=classification.intent).first()
    if intent is not None:
        follow_intent(now, received.case, intent, is_new=not received.rejoined)
    case = lock_case(received.case.public_id)
    return Opened(
        case=case,
        rejoined=received.rejoined,
        interaction=received.interaction,
        message=received.message,
        classification=classification,
        journeys=tuple(list_journeys(case=case)),
    )


def _draft(contact: Contact) -> CaseDraft:
    return CaseDraft(
        channel=contact.channel,
        text=contact.text,
        queue=contact.queue,
        customer_ref=contact.customer_ref,
        customer_name=contact.customer_name,
        contact_points=tuple(_point(point) for point in contact.contact_points),
        external_ref=contact.external_ref or "",
        said_at=contact.said_at,
    )


def _point(point: str | Mapping[str, str]) -> Mapping[str, str]:
    if isinstance(point, str):
        return {"kind": "email" if "@" in point else "phone", "value": point}
    return point


def follow_intent(now: datetime, case: Case, intent: Intent, *, is_new: bool) -> None:
    """Take a case where its intent leads; one that goes on keeps its queue and journeys."""
    if not is_new and list_journeys(case=case):
        return
    queue = Queue.objects.filter(key=intent.queue).first() if intent.queue else None
    if is_new and queue is not None:
        memory.move_case(
            actor=CONDUCTOR, now=now, case=case, queue=queue, reason="routed by intent"
        )
    if intent.cue_sheet and find_published(key=intent.cue_sheet) is not None:
        start_journey(actor=CONDUCTOR, now=now, case=case, cue_sheet_key=intent.cue_sheet)
