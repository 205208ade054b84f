"""Hand a case to people, let a person take it, give it back or complete it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from cases.handoff import services as handoff
from cases.handoff.models import Handoff
from cases.handoff.types import Reason, Warmth
from cases.journeys.bundle import Suggested
from cases.journeys.registry import HEARD_TASK
from cases.journeys.services.conducting import Over, hand_to_person
from cases.journeys.services.regaining import close_handed_over, reopen_handed_over
from cases.memory.models import Case
from cases.memory.rules import is_uuid
from cases.memory.selectors import find_latest_message, lock_case
from governance.access.models import User
from governance.access.selectors import authority_of, require
from governance.access.types import Capability, Role
from governance.ledger.services import one_act
from governance.skills.selectors import unknown_skills
from orchestra.core.actors import Actor
from orchestra.core.dispatch import enqueue
from orchestra.core.errors import FieldError, InvalidInputError


@dataclass(frozen=True, slots=True)
class HandoffOffer:
    """To whom a case goes, why, and what the sender would do next.

    Attributes:
        queue_key: Empty for the case's own queue.
        role: Empty for anyone of the queue.
        person_id: Public id of the one person asked for; empty for whoever takes it first.
        warmth: Warm where the sender stays with the customer until somebody has the case.
        skills: What whoever takes it has to be able to do besides what is asked for anyway,
            by key.
    """

    reason_code: str
    queue_key: str = ""
    role: str = ""
    note: str = ""
    suggested_next_step: str = ""
    customer_paragraph: str = ""
    person_id: str = ""
    warmth: Warmth = Warmth.COLD
    skills: tuple[str, ...] = ()


@one_act()
def offer_handoff(*, actor: Actor, now: datetime, case: Case, offer: HandoffOffer) -> Handoff:
    """Offer a case to people with everything known, and stop what the AI would do.

    A person who has the case hands it on: what they took ends, and the case waits again.

    Raises:
        InvalidInputError: There is no such role.
        NotFoundError: There is no such queue.
        NotPermittedError: The actor may not hand this case over.
    """
    if offer.role and offer.role not in set(Role):
        message = f"There is no role {offer.role!r}."
        raise InvalidInputError(message, errors=[FieldError("to.role", "unknown", message)])
    if offer.reason_code not in set(Reason):
        message = _("%(code)s is no reason for a handoff. The reasons are: %(all)s.") % {
            "code": offer.reason_code or _("Nothing"),
            "all": ", ".join(Reason),
        }
        raise InvalidInputError(message, errors=[FieldError("reason_code", "choice", message)])
    if unknown := unknown_skills(offer.skills):
        message = _("There is no skill %(key)s on the list.") % {"key": unknown[0]}
        raise InvalidInputError(message, errors=[FieldError("to.skills", "unknown", message)])
    row = lock_case(case.public_id)
    authority = authority_of(actor)
    require(authority=authority, capability=Capability.HANDOFF_OFFER, queue_id=row.queue_id)
    return hand_to_person(
        actor=actor,
        now=now,
        case=row,
        over=Over(
            reason_code=offer.reason_code,
            queue=offer.queue_key,
            role=offer.role,
            note=offer.note,
            hands_on=actor.is_human,
            person=_person(offer.person_id),
            warmth=offer.warmth,
            skills=frozenset(offer.skills),
            suggested=Suggested(offer.suggested_next_step, offer.customer_paragraph, actor.label),
        ),
    )


def _person(person_id: str) -> User | None:
    if not person_id:
        return None
    found = User.objects.filter(public_id=person_id).first() if is_uuid(person_id) else None
    if found is None:
        message = _("There is no such person.")
        raise InvalidInputError(message, errors=[FieldError("to.person", "unknown", message)])
    return found


@one_act()
def accept_handoff(
    *, actor: Actor, now: datetime, handoff_id: UUID | str, missing: tuple[str, ...] = ()
) -> Handoff:
    """Take a case over, and say what its bundle lacked.

    Whoever takes it is helped with what the customer said last, not only with what comes next.
    """
    taken = handoff.accept_handoff(actor=actor, now=now, handoff_id=handoff_id, missing=missing)
    said = find_latest_message(case=taken.case)
    if said is not None:
        enqueue(HEARD_TASK, said.pk)
    return taken


def refuse_handoff(*, actor: Actor, now: datetime, handoff_id: UUID | str, reason: str) -> Handoff:
    """Say that one does not take a case; it waits on for the others of its queue."""
    return handoff.refuse_handoff(actor=actor, now=now, handoff_id=handoff_id, reason=reason)


def judge_handoff(
    *,
    actor: Actor,
    now: datetime,
    handoff_id: UUID | str,
    sufficient: bool,
    missing: tuple[str, ...] = (),
) -> Handoff:
    """Say once whether a bundle was enough, or which parts it lacked."""
    return handoff.judge_handoff(
        actor=actor, now=now, handoff_id=handoff_id, sufficient=sufficient, missing=missing
    )


@one_act()
def return_handoff(
    *,
    actor: Actor,
    now: datetime,
    handoff_id: UUID | str,
    reason: str,
    missing: tuple[str, ...] = (),
) -> Handoff:
    """Give a case back to its sender: the steps that were handed over open again.

    What a person did in the meantime stays done.

    Raises:
        InvalidInputError: The reason is missing, or ``missing`` names no part.
        NotFoundError: There is no such handoff, or the person may not see it.
        NotPermittedError: The person may not take cases of this queue, or another one holds it.
        ConflictError: It was given back or completed already.
    """
    found = handoff.return_handoff(
        actor=actor, now=now, handoff_id=handoff_id, reason=reason, missing=missing
    )
    reopen_handed_over(handoff=found, now=now, reason=reason.strip())
    return found


@one_act()
def complete_handoff(*, actor: Actor, now: datetime, handoff_id: UUID | str) -> Handoff:
    """Say that what a handoff asked for is done: its steps and journeys come to their end.

    Raises:
        NotFoundError: There is no such handoff, or the person may not see it.
        NotPermittedError: Another person holds it.
        ConflictError: Nobody took it, or it was completed or given back already.
    """
    found = handoff.complete_handoff(actor=actor, now=now, handoff_id=handoff_id)
    close_handed_over(actor=actor, handoff=found, now=now)
    return found
