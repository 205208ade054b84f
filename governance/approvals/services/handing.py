"""Hand one request to a named person for a time, and take it back; it widens nothing."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from governance.access.models import User
from governance.access.selectors import authorities_of
from governance.access.types import Authority
from governance.approvals import entries, rules
from governance.approvals.handed import absences_by_person, hand_over_of, is_handed_to
from governance.approvals.models import ApprovalRequest
from governance.approvals.selectors import is_claimed, standing_of
from governance.approvals.services.locked import check_state, lock_visible, record
from governance.approvals.services.timing import next_turn_at
from governance.approvals.types import ApprovalState
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.clock import rfc3339
from orchestra.core.errors import (
    ConflictError,
    FieldError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from orchestra.core.locking import compare_and_set

_REASON_LENGTH = 500


def hand_over_request(
    *,
    actor: Actor,
    now: datetime,
    request_id: UUID,
    to_id: UUID,
    reason: str,
    until_at: datetime | None = None,
) -> ApprovalRequest:
    """Hand a request to a person who may vote on it themselves; others may still vote.

    Args:
        actor: Who hands over; somebody who may vote on it now.
        now: The moment of the act.
        request_id: Public id of the request.
        to_id: Public id of the other.
        reason: Why, for the other and for the ledger.
        until_at: When it ends by itself; None for the deadline of the request.

    Raises:
        NotFoundError: There is no such request or person, or the actor may not know of it.
        NotPermittedError: The actor may not vote on it, or it was handed to them: what was
            handed over is not handed on.
        ConflictError: It has ended, another person holds it, or it is handed over already.
        InvalidInputError: The other may not vote on it or is away, the time or the reason is
            missing; all at once.
    """
    with one_act():
        request, authority = lock_visible(actor=actor, public_id=request_id)
        _check_giver(request, authority, now)
        to = _find_person(to_id)
        until = until_at or request.deadline_at
        errors = [
            *_check_receiver(request, authority, to, now),
            *_check_span(request, until, now),
            *(
                ()
                if reason.strip()
                else [FieldError("reason", "required", _("Say why; the other reads it."))]
            ),
        ]
        if errors:
            raise InvalidInputError(
                _("Nothing was handed over; see the errors."),
                code="approval.hand_over_invalid",
                errors=errors,
            )
        _set_hand_over(request, authority.actor, now, to=to, until_at=until)
        record(
            request,
            actor=authority.actor,
            now=now,
            kind=entries.HANDED_OVER,
            payload={
                "approval_id": str(request.public_id),
                "to": to.label,
                "to_id": str(to.public_id),
                "by_id": authority.actor.id,
                "until": rfc3339(until),
                "reason": reason.strip()[:_REASON_LENGTH],
                "deadline_at": rfc3339(request.deadline_at),
            },
        )
    return request


def take_back_request(*, actor: Actor, now: datetime, request_id: UUID) -> ApprovalRequest:
    """Take back a request that the actor handed to somebody.

    Raises:
        NotFoundError: There is no such request, or the actor may not know of it.
        ConflictError: It has ended, or it is not the actor who handed it over.
    """
    with one_act():
        request, authority = lock_visible(actor=actor, public_id=request_id)
        check_state(request, ApprovalState.PENDING)
        standing = hand_over_of(request, now)
        if standing is None or standing.by_id != authority.actor.id:
            raise ConflictError(
                _("You have not handed this approval to anybody."),
                code="approval.not_handed_over",
            )
        end_hand_over(request, authority.actor, now, reason=_("taken back"))
    return request


def end_hand_over(request: ApprovalRequest, actor: Actor, now: datetime, *, reason: str) -> None:
    """End the hand-over of a locked request and record it."""
    to, by = request.handed_to, request.handed_by
    _set_hand_over(request, actor, now, to=None, until_at=None)
    record(
        request,
        actor=actor,
        now=now,
        kind=entries.TAKEN_BACK,
        payload={
            "approval_id": str(request.public_id),
            "to": to.label if to else "",
            "to_id": str(to.public_id) if to else "",
            "by_id": str(by.public_id) if by else "",
            "reason": reason,
        },
    )


def end_hand_over_by_vote(request: ApprovalRequest, *, actor: Actor, now: datetime) -> None:
    """Let go of a locked request whose receiver has voted; the vote's entry says so."""
    if is_handed_to(request, actor.pk, now):
        _set_hand_over(request, actor, now, to=None, until_at=None)


def _check_giver(request: ApprovalRequest, authority: Authority, now: datetime) -> None:
    verdict = rules.may_vote(standing=standing_of(request), authority=authority, now=now)
    rules.check_verdict(verdict, state=ApprovalState(request.state))
    standing = hand_over_of(request, now)
    if standing is not None and standing.to_id == authority.actor.id:
        raise NotPermittedError(
            _("%(name)s handed it to you, and what was handed over is not handed on.")
            % {"name": standing.by_label},
            code="approval.handed_to_you",
        )
    if standing is not None:
        raise ConflictError(
            _("%(by)s handed it to %(to)s until %(until)s.")
            % {
                "by": standing.by_label,
                "to": standing.to_label,
                "until": f"{standing.until_at:%H:%M} UTC",
            },
            code="approval.handed_over",
        )
    if is_claimed(request, now) and request.claimed_by_id != authority.actor.pk:
        raise ConflictError(
            _("Another person holds this approval until %(until)s.")
            % {"until": f"{request.claimed_until_at:%H:%M} UTC"},
            code="approval.claimed",
        )


def _find_person(to_id: UUID) -> User:
    found = User.objects.filter(public_id=to_id).first()
    if found is None:
        raise NotFoundError(_("There is no such person."), code="person.not_found")
    return found


def _check_receiver(
    request: ApprovalRequest, authority: Authority, to: User, now: datetime
) -> list[FieldError]:
    key = str(to.public_id)
    if key == authority.actor.id:
        return [FieldError("to", "self", _("Choose somebody else."))]
    held = authorities_of([key])[key]
    verdict = rules.may_vote(standing=standing_of(request), authority=held, now=now)
    if not verdict.allowed:
        message = _(
            "%(name)s may not vote on it on their own account, and handing over widens nothing. "
            "Choose somebody who may."
        ) % {"name": to.label}
        return [FieldError("to", verdict.code.removeprefix("approval."), message)]
    away = absences_by_person(now=now, person_ids=[key]).get(key)
    if away is None:
        return []
    message = _("%(name)s is away until %(until)s; %(stand_in)s stands in for them.") % {
        "name": to.label,
        "until": f"{away.until_at:%d %b %Y, %H:%M} UTC",
        "stand_in": away.stand_in_label,
    }
    return [FieldError("to", "away", message)]


def _check_span(request: ApprovalRequest, until: datetime, now: datetime) -> list[FieldError]:
    if now < until <= request.deadline_at:
        return []
    message = _("It has to end after now, and by the deadline of the request at %(at)s.") % {
        "at": f"{request.deadline_at:%H:%M} UTC"
    }
    return [FieldError("until", "range", message)]


def _set_hand_over(
    request: ApprovalRequest,
    actor: Actor,
    now: datetime,
    *,
    to: User | None,
    until_at: datetime | None,
) -> None:
    # A claim of the giver ends with it: one person has a request, not two.
    claim = (
        {"claimed_by": None, "claimed_until_at": None}
        if to is not None
        else {"claimed_until_at": request.claimed_until_at}
    )
    compare_and_set(
        request,
        expected={"state": ApprovalState.PENDING, "handed_to_id": request.handed_to_id},
        changes={
            **claim,
            "handed_to": to,
            "handed_by_id": None if to is None else actor.pk,
            "handed_until_at": until_at,
            "next_turn_at": next_turn_at(
                request,
                now,
                handed_until_at=until_at,
                claimed_until_at=claim["claimed_until_at"],
            ),
        },
        actor=actor,
    )
