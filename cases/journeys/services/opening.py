"""Open a case: first words, intake, queue, journey."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cases.intake import services as intake
from cases.intake.models import ClassificationRecord
from cases.journeys.models import Journey
from cases.journeys.runner import CONDUCTOR
from cases.journeys.selectors import list_journeys
from cases.journeys.services.heeding import heed
from cases.memory import services as memory
from cases.memory.models import Case, Interaction, Message
from cases.memory.selectors import lock_case
from cases.memory.types import CaseDraft, Channel, Trust, VerificationLevel
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

    The words are classified; a case whose need is read surely enough is routed to the queue of
    its intent and starts the journey of that intent, where one is in force.

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
    heed(
        now=now,
        case=lock_case(received.case.public_id),
        read=classification,
        is_new=not received.rejoined,
    )
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
