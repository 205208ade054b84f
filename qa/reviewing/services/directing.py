"""Reviews that somebody asks for, and giving a review to somebody by hand."""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from governance.access.models import User
from governance.access.selectors import authorities_of, authority_of, require
from governance.access.types import Capability, Role
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, NotFoundError, NotPermittedError
from orchestra.core.locking import compare_and_set, take_turn
from qa.population.models import SamplingUnit
from qa.reviewing import entries
from qa.reviewing.hands import candidates, hands_in, may_read_case, who_may_review
from qa.reviewing.models import Review
from qa.reviewing.rules import OPEN, choose
from qa.reviewing.services.assigning import TURN
from qa.reviewing.services.common import checked_reason, locked, record, require_open
from qa.reviewing.types import ReviewKind
from qa.scorecards.selectors import card_for_unit

#: Who is given what somebody asks for, and how long it may take.
DIRECTED_TO = (Role.QA_ANALYST, Role.QA_LEAD, Role.SUPERVISOR)
DIRECTED_DUE = timedelta(hours=48)
LONGEST_WHY = 300


@one_act()
def ask_review(*, actor: Actor, now: datetime, unit_id: UUID | str, reason: str) -> Review:
    """Ask for a review of one unit. It was not drawn, so it never enters an estimate.

    Args:
        actor: Who asks; may read quality and the case.
        now: The moment of the act.
        unit_id: Public id of what is to be reviewed.
        reason: Why; the reviewer reads it.

    Raises:
        NotPermittedError: The actor may not read quality.
        NotFoundError: There is no such unit, or its case may not be read.
        InvalidInputError: No reason is given.
        ConflictError: A review that was asked for waits already, or no scorecard fits.
    """
    authority = authority_of(actor)
    require(authority=authority, capability=Capability.QUALITY_READ)
    unit = SamplingUnit.objects.select_related("case").filter(public_id=unit_id).first()
    if unit is None or not may_read_case(authority, unit):
        raise NotFoundError(_("There is nothing here to review, or you may not see it."))
    why = checked_reason(reason, most=LONGEST_WHY)
    take_turn(TURN)
    waiting = Review.objects.filter(unit=unit, drawn=None, kind=ReviewKind.FIRST, state__in=OPEN)
    if waiting.exists():
        raise ConflictError(
            _("A review of this was asked for already and waits. Nothing was changed."),
            code="review.asked",
        )
    seen = Review.objects.filter(unit=unit, kind=ReviewKind.FIRST, reviewer__isnull=False)
    before = {str(one) for one in seen.values_list("reviewer__public_id", flat=True)}
    fit = {
        person: held
        for person, held in who_may_review(DIRECTED_TO).items()
        if may_read_case(held, unit)
    }
    chosen = choose(
        candidates(list(fit), period=None).values(),
        barred=hands_in([unit])[unit.pk] | before | {actor.id},
        at_most=None,
        seed=str(unit.public_id),
        unit=unit.subject,
    )
    review = Review.objects.create(
        unit=unit,
        scorecard=card_for_unit(unit.kind, unit.handled_by),
        blind=False,
        reviewer=User.objects.filter(public_id=chosen.person).first() if chosen.person else None,
        unassigned_for=chosen.why or "",
        asked_by_id=actor.pk,
        asked_why=why,
        assigned_at=now,
        due_at=now + DIRECTED_DUE,
    )
    record(
        actor=actor,
        now=now,
        review=review,
        kind=entries.ASKED,
        payload={"reason": why, "reviewer": chosen.person},
    )
    return review


@one_act()
def give_review(
    *, actor: Actor, now: datetime, review_id: UUID | str, person_id: UUID | str
) -> Review:
    """Give a review that nobody began to somebody, such as one that nobody was given.

    Raises:
        NotPermittedError: The actor does not lead quality; or the person may not review it, or
            had a hand in it.
        NotFoundError: There is no such review or person.
        ConflictError: It was begun, handed in or skipped, or the person reviews it already.
    """
    require(authority=authority_of(actor), capability=Capability.QUALITY_LEAD)
    take_turn(TURN)
    review = locked(review_id)
    require_open(review)
    if review.taken_at is not None:
        raise ConflictError(
            _("%(who)s began it already. Nothing was changed.")
            % {"who": review.reviewer.label if review.reviewer else _("Somebody")},
            code="review.begun",
        )
    person = User.objects.filter(public_id=person_id).first()
    if person is None:
        raise NotFoundError(_("There is no such person."))
    _require_fit(review, person)
    compare_and_set(
        review,
        expected={"reviewer": review.reviewer, "taken_at": None},
        changes={"reviewer": person, "unassigned_for": "", "assigned_at": now},
        actor=actor,
    )
    record(
        actor=actor,
        now=now,
        review=review,
        kind=entries.GIVEN,
        payload={"reviewer": person.label, "reviewer_id": str(person.public_id)},
    )
    return review


def _require_fit(review: Review, person: User) -> None:
    who = str(person.public_id)
    held = authorities_of([who]).get(who)
    able = held is not None and who in who_may_review(held.roles)
    if held is None or not able or not may_read_case(held, review.unit):
        raise NotPermittedError(
            _("%(who)s may not review this.") % {"who": person.label}, code="review.not_able"
        )
    if who in hands_in([review.unit])[review.unit_id]:
        raise NotPermittedError(
            _("%(who)s had a hand in this work. Somebody else reviews it.") % {"who": person.label},
            code="review.own_work",
        )
    others = Review.objects.filter(unit=review.unit, reviewer=person).exclude(pk=review.pk)
    if others.exclude(state="skipped").exists():
        raise ConflictError(
            _("%(who)s reviews this already.") % {"who": person.label}, code="review.same_person"
        )
