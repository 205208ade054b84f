"""Offer a case to the people of a queue, with its bundle."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from cases.handoff import entries
from cases.handoff.models import Handoff
from cases.handoff.rules import (
    MAX_PARAGRAPH,
    as_json,
    build_bundle,
    bundle_digest,
    transfer_of,
)
from cases.handoff.services.common import append, refuse_length
from cases.handoff.services.routing import ANYONE, Wanted, check_passes, check_person
from cases.handoff.skilled import unmet_of
from cases.handoff.types import BundleInputs, HandoffState, Reason, Warmth
from cases.memory.locks import not_found
from cases.memory.models import Case
from cases.memory.selectors import lock_case
from cases.memory.services import assign_locked
from cases.memory.types import CaseStatus
from governance.access.models import Queue
from governance.access.rules import may
from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.canonical import check_text
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError
from orchestra.core.locking import compare_and_set

_LONGEST = {"reason_code": 100, "note": 4_000, "customer_paragraph": MAX_PARAGRAPH}


@one_act()
def offer_handoff(
    *,
    actor: Actor,
    now: datetime,
    case: Case,
    queue: Queue,
    reason_code: str,
    inputs: BundleInputs,
    note: str = "",
    wanted: Wanted = ANYONE,
) -> Handoff:
    """Offer a case to the people of a queue, with everything known about it.

    The case moves to the queue at once, so that those who are to take it may read it. What
    the bundle lacks is named, never filled in.

    Args:
        actor: Who hands over.
        now: When.
        case: The case.
        queue: Whose people are to take it.
        reason_code: One of ``Reason``.
        inputs: What the bundle is built from.
        note: Anything else, in plain words; needed where the reason is ``other``.
        wanted: Who is asked, and whether the sender stays until somebody has it.

    Raises:
        InvalidInputError: The reason, the note or the paragraph is not acceptable, or the
            person asked for could not take the case.
        NotFoundError: The actor may not see the case.
        NotPermittedError: The actor may not hand this case over.
        ConflictError: The case waits for a person already, or it is over.
    """
    _check_offer(reason_code, note, inputs)
    row = lock_case(case.public_id)
    authority = authority_of(actor)
    if not may(authority, Capability.CASE_READ, row.queue_id):
        raise not_found()
    require(authority=authority, capability=Capability.HANDOFF_OFFER, queue_id=row.queue_id)
    held = _held_before(actor, row)
    _check_warmth(actor, row, wanted.warmth)
    person = wanted.person
    if person is not None:
        check_person(person=person, queue=queue, role=wanted.role, skills=wanted.skills)
        check_passes(authority=authority, case=row, one=actor.id, other=str(person.public_id))
    bundle = build_bundle(inputs)
    stored = as_json(bundle)
    handoff = Handoff.objects.create(
        case=row,
        queue=queue,
        from_queue=row.queue,
        role=wanted.role,
        reason_code=reason_code,
        note=note,
        from_kind=actor.kind,
        from_id=actor.id,
        from_label=actor.label,
        bundle=stored,
        bundle_digest=bundle_digest(stored),
        missing_parts=[str(part) for part in bundle.missing],
        offered_at=now,
        reply_due_at=now + timedelta(minutes=queue.first_reply_minutes),
        transfer=transfer_of(
            reason=Reason(reason_code), sender=actor.kind, is_same_queue=queue.pk == row.queue_id
        ),
        to_person=person,
        warmth=wanted.warmth,
    )
    if wanted.skills:
        handoff.skills.add(*wanted.skills)
    if held is not None:
        compare_and_set(
            held,
            expected={"state": HandoffState.ACCEPTED},
            changes={"state": HandoffState.COMPLETED},
            actor=actor,
        )
    stays = row.holder if wanted.warmth is Warmth.WARM else None
    assign_locked(actor=actor, case=row, user=stays, reason="handed over", queue=queue)
    append(
        actor=actor,
        now=now,
        handoff=handoff,
        kind=entries.HANDOFF_OFFERED,
        payload={
            "queue": queue.title,
            "queue_key": queue.key,
            "role": wanted.role,
            "reason": note or reason_code.replace("_", " ").replace(".", " "),
            "reason_code": reason_code,
            "bundle_digest": handoff.bundle_digest,
            "bundle": stored,
            "missing": handoff.missing_parts,
            "ends": str(held.public_id) if held else "",
            "transfer": str(handoff.transfer),
            "warmth": str(wanted.warmth),
            "to_person": str(person.public_id) if person else "",
            "skills": [skill.key for skill in wanted.skills],
            "nobody_has": unmet_of(handoff=handoff) if wanted.skills else [],
        },
    )
    return handoff


def _check_offer(reason_code: str, note: str, inputs: BundleInputs) -> None:
    texts = {
        "reason_code": reason_code,
        "note": note,
        "customer_paragraph": inputs.customer_paragraph,
    }
    for field, text in texts.items():
        check_text(text, field)
        refuse_length(field=field, text=text, most=_LONGEST[field], needed=field == "reason_code")
    if reason_code not in set(Reason):
        message = _("%(code)s is no reason for a handoff. The reasons are: %(all)s.") % {
            "code": reason_code,
            "all": ", ".join(Reason),
        }
        raise InvalidInputError(message, errors=[FieldError("reason_code", "choice", message)])
    if reason_code == Reason.OTHER and not note.strip():
        message = _("Say in the note why the case changes hands.")
        raise InvalidInputError(message, errors=[FieldError("note", "required", message)])


def _check_warmth(actor: Actor, case: Case, warmth: Warmth) -> None:
    holds = case.holder is not None and str(case.holder.public_id) == actor.id
    if warmth is Warmth.WARM and not holds:
        message = _("Only the person who holds the case hands it over warm.")
        raise InvalidInputError(message, errors=[FieldError("warmth", "not_holder", message)])


def _held_before(actor: Actor, case: Case) -> Handoff | None:
    """Return the handoff that handing on ends; refuse while one waits."""
    if case.status not in {CaseStatus.OPEN, CaseStatus.HANDED_OFF}:
        raise ConflictError(
            _("%(case)s is over; reopen it before handing it on.") % {"case": case.label},
            code="conflict.case_state",
            data={"case": str(case.public_id), "status": case.status},
        )
    waiting = Handoff.objects.filter(case=case, state=HandoffState.OFFERED).first()
    if waiting is not None:
        raise ConflictError(
            _("%(case)s waits for a person already.") % {"case": case.label},
            code="conflict.handoff_waiting",
            data={"handoff": str(waiting.public_id)},
        )
    held = Handoff.objects.filter(case=case, state=HandoffState.ACCEPTED).first()
    if held is not None and not actor.is_human:
        raise ConflictError(
            _("%(case)s is held by a person, who hands it on.") % {"case": case.label},
            code="conflict.handoff_held",
            data={"handoff": str(held.public_id)},
        )
    return held
