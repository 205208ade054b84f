"""Dispute one question of a released review."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from governance.access.models import User
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError
from orchestra.core.locking import take_turn
from qa.disputes import entries
from qa.disputes.models import Dispute
from qa.disputes.rules import DECIDE_WITHIN, barred
from qa.disputes.selectors import judged_in, list_leads, reviewer_of
from qa.disputes.services.releasing import locked_judged
from qa.disputes.types import DisputeState
from qa.reviewing.models import Review
from qa.reviewing.rules import choose
from qa.reviewing.services.common import checked_reason, record
from qa.reviewing.types import Candidate, ReviewState
from qa.scorecards.selectors import spec_of

TURN = "quality disputes"
LONGEST_WORDS = 2000


@one_act()
def raise_dispute(
    *, actor: Actor, now: datetime, review_id: UUID | str, question: str, words: str
) -> Dispute:
    """Dispute the answer to one question, in one's own words, while there is time.

    It is given to a lead who neither reviewed it nor is judged by it nor owns the AI that is.

    Raises:
        NotFoundError: The review was not released to the actor.
        NotPermittedError: The actor may not answer any more.
        ConflictError: The time to answer is over, or the question is disputed already.
        InvalidInputError: The question was not answered, or words are missing.
    """
    take_turn(TURN)
    review = locked_judged(actor, review_id).review
    said = checked_reason(words, field="words", most=LONGEST_WORDS)
    if review.state != ReviewState.RELEASED or review.answer_by_at is None:
        raise ConflictError(_("It is not released."), code="review.not_released")
    if now > review.answer_by_at:
        raise ConflictError(
            _("The time to answer this review is over. Nothing was changed."),
            code="dispute.too_late",
        )
    scored = {one.key: one for one in spec_of(review.scorecard).questions if one.answers}
    if question not in scored or question not in review.answers:
        message = _("Choose a question that was answered.")
        raise InvalidInputError(message, errors=[FieldError("question", "choice", message)])
    if Dispute.objects.filter(review=review, question=question).exists():
        raise ConflictError(
            _("This question is disputed already. Nothing was changed."), code="dispute.twice"
        )
    lead = next_lead(review, asked=())
    dispute = Dispute.objects.create(
        review=review,
        question=question,
        words=said,
        raised_by=User.objects.get(public_id=actor.id),
        raised_at=now,
        due_at=now + DECIDE_WITHIN,
        lead=lead,
        asked=[str(lead.public_id)] if lead else [],
    )
    record(
        actor=actor,
        now=now,
        review=review,
        kind=entries.RAISED,
        payload={
            "question": scored[question].text,
            "key": question,
            "dispute": str(dispute.public_id),
            "lead": str(lead.public_id) if lead else "",
        },
    )
    return dispute


def next_lead(review: Review, *, asked: tuple[str, ...]) -> User | None:
    """Return the lead with the fewest open disputes who may decide, or None."""
    able = [str(one.public_id) for one in list_leads() if str(one.public_id) not in asked]
    open_rows = Dispute.objects.filter(state=DisputeState.OPEN, lead__isnull=False)
    load = [str(one) for one in open_rows.values_list("lead__public_id", flat=True)]
    chosen = choose(
        [Candidate(person, load.count(person)) for person in able],
        barred=barred(reviewer=reviewer_of(review), judged=judged_in(review)),
        at_most=None,
        seed=str(review.public_id),
        unit="dispute",
    )
    return User.objects.filter(public_id=chosen.person).first() if chosen.person else None
