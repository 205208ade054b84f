"""Legal holds: placed by one and confirmed by another, lifted the same way."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from governance.access.services.guard import require_proof
from governance.access.types import StepUpProof
from governance.ledger.entries import SYSTEM_STREAM
from governance.ledger.services import one_act
from governance.privacy import entries, selectors
from governance.privacy.models import LegalHold
from governance.privacy.services.common import (
    TURN,
    person_of,
    read_texts,
    record,
    require_another,
    require_manager,
)
from governance.privacy.types import ASKED_FOR, HoldScope, HoldState, Subject, SubjectKind
from orchestra.core.actors import Actor, system
from orchestra.core.clock import rfc3339
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError, NotFoundError
from orchestra.core.locking import lock, take_turn

_SWEEP = system("privacy")


@dataclass(frozen=True, slots=True)
class Cover:
    """What a hold is to cover.

    Attributes:
        text: A case's label or a customer's reference; empty for a span.
        begins_at: Beginning of a span.
        ends_at: End of a span.
    """

    scope: HoldScope
    text: str = ""
    begins_at: datetime | None = None
    ends_at: datetime | None = None


def ask_hold(
    *, actor: Actor, now: datetime, cover: Cover, reason: str, reference: str
) -> LegalHold:
    """Place a legal hold; it blocks from now on, and a second person confirms it.

    Args:
        actor: A compliance officer or an administrator.
        now: The moment of the act.
        cover: What it covers.
        reason: Why.
        reference: The matter it serves, such as a court's file number.

    Raises:
        NotPermittedError: The actor may not.
        NotFoundError: There is no such case or customer; nothing changes.
        InvalidInputError: A text is missing, or the span has no end or ends before it begins.
    """
    require_manager(actor)
    texts = read_texts(reason=(reason, 500), reference=(reference, 200))
    with one_act():
        take_turn(TURN)
        hold = LegalHold(
            scope=cover.scope,
            asked_by=person_of(actor),
            asked_at=now,
            deadline_at=now + ASKED_FOR,
            **_covered(cover),
            **texts,
        )
        hold.save(force_insert=True)
        _record(actor, now, hold, entries.HOLD_ASKED, reason=texts["reason"])
    return hold


def confirm_hold(*, actor: Actor, now: datetime, hold_id: UUID) -> LegalHold:
    """Confirm a hold that another person placed; from then on only two people can end it.

    Raises:
        NotPermittedError: The actor may not, or placed it.
        NotFoundError: There is no such hold.
        ConflictError: It does not wait to be confirmed.
    """
    require_manager(actor)
    with one_act():
        hold = _locked(hold_id, HoldState.ASKED)
        require_another(actor, hold.asked_by_id)
        hold.state, hold.confirmed_by, hold.confirmed_at = (
            HoldState.STANDING,
            person_of(actor),
            now,
        )
        hold.save(update_fields=["state", "confirmed_by", "confirmed_at"])
        _record(actor, now, hold, entries.HOLD_PLACED)
    return hold


def withdraw_hold(*, actor: Actor, now: datetime, hold_id: UUID) -> LegalHold:
    """Take back a hold that nobody confirmed.

    Raises:
        NotPermittedError: The actor may not.
        NotFoundError: There is no such hold.
        ConflictError: It was confirmed: then two people lift it.
    """
    require_manager(actor)
    with one_act():
        hold = _locked(hold_id, HoldState.ASKED)
        hold.state, hold.ended_at = HoldState.WITHDRAWN, now
        hold.save(update_fields=["state", "ended_at"])
        _record(actor, now, hold, entries.HOLD_WITHDRAWN)
    return hold


def expire_holds(*, now: datetime, batch: int = 200) -> int:
    """End the holds that nobody confirmed in time; return how many."""
    due = LegalHold.objects.filter(state=HoldState.ASKED, deadline_at__lte=now)
    with one_act():
        take_turn(TURN)
        keys = list(due.order_by("pk").values_list("pk", flat=True)[:batch])
        rows = lock(due.filter(pk__in=keys))
        for hold in rows:
            hold.state, hold.ended_at = HoldState.EXPIRED, now
            hold.save(update_fields=["state", "ended_at"])
            _record(_SWEEP, now, hold, entries.HOLD_EXPIRED)
    return len(rows)


def ask_lift(*, actor: Actor, now: datetime, hold_id: UUID, reason: str) -> LegalHold:
    """Ask that a hold is lifted; it blocks until another person agrees.

    Raises:
        NotPermittedError: The actor may not.
        NotFoundError: There is no such hold.
        ConflictError: It does not stand, or its lifting is asked for.
        InvalidInputError: No reason is given.
    """
    require_manager(actor)
    texts = read_texts(reason=(reason, 500))
    with one_act():
        hold = _locked(hold_id, HoldState.STANDING)
        hold.state, hold.lift_reason = HoldState.LIFTING, texts["reason"]
        hold.lift_asked_by, hold.lift_asked_at = person_of(actor), now
        hold.save(update_fields=["state", "lift_reason", "lift_asked_by", "lift_asked_at"])
        _record(actor, now, hold, entries.HOLD_LIFT_ASKED, reason=texts["reason"])
    return hold


def keep_hold(*, actor: Actor, now: datetime, hold_id: UUID) -> LegalHold:
    """Keep a hold whose lifting was asked for; one person is enough.

    Raises:
        NotPermittedError: The actor may not.
        NotFoundError: There is no such hold.
        ConflictError: Its lifting is not asked for.
    """
    require_manager(actor)
    with one_act():
        hold = _locked(hold_id, HoldState.LIFTING)
        hold.state, hold.lift_reason = HoldState.STANDING, ""
        hold.lift_asked_by, hold.lift_asked_at = None, None
        hold.save(update_fields=["state", "lift_reason", "lift_asked_by", "lift_asked_at"])
        _record(actor, now, hold, entries.HOLD_KEPT)
    return hold


def lift_hold(
    *, actor: Actor, now: datetime, hold_id: UUID, proof: StepUpProof | None
) -> LegalHold:
    """Agree that a hold ends; from then on what it covered can be erased and runs out.

    Raises:
        NotPermittedError: The actor may not, asked for it, or gave no fresh proof.
        NotFoundError: There is no such hold.
        ConflictError: Its lifting is not asked for.
    """
    require_manager(actor)
    require_proof(proof, now)
    with one_act():
        hold = _locked(hold_id, HoldState.LIFTING)
        require_another(actor, hold.lift_asked_by_id or 0)
        hold.state, hold.lifted_by, hold.ended_at = HoldState.LIFTED, person_of(actor), now
        hold.save(update_fields=["state", "lifted_by", "ended_at"])
        _record(actor, now, hold, entries.HOLD_LIFTED)
    return hold


def _covered(cover: Cover) -> dict[str, object]:
    if cover.scope is HoldScope.SPAN:
        return _span(cover)
    subject = selectors.find_subject(cover.text)
    if subject is None:
        raise selectors.no_subject()
    if cover.scope is HoldScope.CUSTOMER and subject.kind is not SubjectKind.CUSTOMER:
        raise NotFoundError(
            _("%(label)s is bound to no customer. Place the hold on the case itself.")
            % {"label": subject.label},
            code="not_found.subject",
        )
    return _named(cover, subject)


def _named(cover: Cover, subject: Subject) -> dict[str, object]:
    if cover.scope is HoldScope.CUSTOMER:
        return {"subject_id": subject.id, "label": subject.label}
    wanted = cover.text.strip().upper()
    case = next((one for one in subject.cases if one.label == wanted), None)
    if case is None:
        raise NotFoundError(
            _("Name the case by its label, such as C-12. Nothing was changed."),
            code="not_found.subject",
        )
    return {"subject_id": case.id, "label": case.label}


def _span(cover: Cover) -> dict[str, object]:
    begins, ends = cover.begins_at, cover.ends_at
    if begins is None or ends is None or ends < begins:
        message = _("Give the first and the last moment, in this order.")
        raise InvalidInputError(
            _("Nothing was changed."),
            code="privacy.invalid",
            errors=[FieldError("ends_at", "range", message)],
        )
    label = f"{begins:%Y-%m-%d} to {ends:%Y-%m-%d}"
    return {"begins_at": begins, "ends_at": ends, "label": label}


def _locked(hold_id: UUID, state: HoldState) -> LegalHold:
    rows = lock(LegalHold.objects.filter(public_id=hold_id))
    if not rows:
        raise NotFoundError(_("There is no such legal hold. Nothing was changed."))
    if rows[0].state != state:
        raise ConflictError(
            _("The legal hold %(number)s moved on since you looked. Nothing was changed.")
            % {"number": rows[0].number},
            code="privacy.hold_moved_on",
        )
    return rows[0]


def _record(actor: Actor, now: datetime, hold: LegalHold, kind: str, *, reason: str = "") -> None:
    payload = {
        "label": hold.label,
        "number": hold.number,
        "scope": hold.scope,
        "reference": hold.reference,
        **({"reason": reason} if reason else {}),
    }
    if hold.begins_at and hold.ends_at:
        payload |= {"begins_at": rfc3339(hold.begins_at), "ends_at": rfc3339(hold.ends_at)}
    is_case = hold.scope == HoldScope.CASE
    stream = f"case:{hold.subject_id}" if is_case else SYSTEM_STREAM
    subject = ("legal_hold", str(hold.public_id))
    record(actor=actor, now=now, kind=kind, payload=payload, subject=subject, stream=stream)
