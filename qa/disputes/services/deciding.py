"""Decide a dispute, and hand on those that were not decided in time."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from governance.access.models import User
from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.services import one_act
from orchestra.core.actors import Actor, system
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError, NotFoundError
from orchestra.core.locking import compare_and_set, lock, take_turn
from qa.disputes import entries
from qa.disputes.models import Dispute
from qa.disputes.rules import DECIDE_WITHIN, check_decider, state_after
from qa.disputes.selectors import judged_in, reviewer_of
from qa.disputes.services.raising import TURN, next_lead
from qa.disputes.types import DisputeState
from qa.reviewing.services.common import checked_reason, record
from qa.scorecards.scoring import NOT_APPLICABLE
from qa.scorecards.selectors import spec_of

#: Who hands a dispute on once a lead did not decide in time.
CLOCK = system("dispute clock")


@one_act()
def decide_dispute(
    *, actor: Actor, now: datetime, dispute_id: UUID | str, value: str, reason: str
) -> Dispute:
    """Keep the answer or put another in its place; final, with a reason that both read.

    The review keeps its first answer and score, and so does every estimate: people dispute
    failures and not passes, so counting corrections would lift it.

    Raises:
        NotPermittedError: The actor does not lead quality, reviewed it, is judged by it, or owns
            the AI that is.
        NotFoundError: There is no such dispute.
        ConflictError: It was decided.
        InvalidInputError: The answer is none of the question's, or no reason is given.
    """
    require(authority=authority_of(actor), capability=Capability.QUALITY_LEAD)
    dispute = locked_dispute(dispute_id)
    review = dispute.review
    check_decider(person=actor.id, reviewer=reviewer_of(review), judged=judged_in(review))
    require_undecided(dispute)
    questions = {one.key: one for one in spec_of(review.scorecard).questions}
    question = questions[dispute.question]
    possible = (*question.answers, *((NOT_APPLICABLE,) if question.not_applicable else ()))
    if value not in possible:
        message = _("Choose one of the answers of the question.")
        raise InvalidInputError(message, errors=[FieldError("value", "choice", message)])
    said = checked_reason(reason)
    state = state_after(first=str(review.answers.get(question.key, {}).get("value")), decided=value)
    compare_and_set(
        dispute,
        expected={"state": DisputeState.OPEN},
        changes={
            "state": state,
            "value": value,
            "reason": said,
            "decided_by": User.objects.get(public_id=actor.id),
            "decided_at": now,
        },
        actor=actor,
    )
    record(
        actor=actor,
        now=now,
        review=review,
        kind=entries.DECIDED,
        payload={
            "verdict": str(state),
            "value": value,
            "key": question.key,
            "reason": said,
            "dispute": str(dispute.public_id),
        },
    )
    return dispute


def pass_late(*, now: datetime, batch: int = 100) -> int:
    """Give each dispute that was not decided in time to the next lead, and a new deadline.

    Once every lead had a turn it begins with the first again.

    Returns:
        How many were handed on.
    """
    late = Dispute.objects.filter(state=DisputeState.OPEN, due_at__lte=now).order_by("due_at")
    return sum(_pass_on(one, now) for one in list(late.values_list("public_id", flat=True)[:batch]))


@one_act()
def _pass_on(dispute_id: UUID, now: datetime) -> bool:
    dispute = locked_dispute(dispute_id)
    if dispute.state != DisputeState.OPEN or dispute.due_at > now:
        return False
    asked = tuple(dispute.asked)
    lead = next_lead(dispute.review, asked=asked)
    if lead is None:
        asked, lead = (), next_lead(dispute.review, asked=())
    compare_and_set(
        dispute,
        expected={"state": DisputeState.OPEN, "due_at": dispute.due_at},
        changes={
            "lead": lead,
            "asked": [*asked, *([str(lead.public_id)] if lead else [])],
            "due_at": now + DECIDE_WITHIN,
        },
        actor=CLOCK,
    )
    record(
        actor=CLOCK,
        now=now,
        review=dispute.review,
        kind=entries.PASSED_ON,
        payload={
            "lead": lead.label if lead else _("nobody"),
            "lead_id": str(lead.public_id) if lead else "",
            "dispute": str(dispute.public_id),
        },
    )
    return True


def require_undecided(dispute: Dispute) -> None:
    """Refuse to act on what was decided.

    Raises:
        ConflictError: Saying by whom.
    """
    if dispute.state != DisputeState.OPEN:
        raise ConflictError(
            _("It was decided by %(who)s already. Nothing was changed.")
            % {"who": dispute.decided_by.label if dispute.decided_by else ""},
            code="dispute.decided",
        )


def locked_dispute(dispute_id: UUID | str) -> Dispute:
    """Lock a dispute and return it with its review, case, scorecard and people.

    Raises:
        NotFoundError: There is none.
    """
    take_turn(TURN)
    rows = lock(
        Dispute.objects.select_related(
            "review__unit__case", "review__scorecard", "review__reviewer", "decided_by"
        ).filter(public_id=dispute_id)
    )
    if not rows:
        raise NotFoundError(_("There is no such dispute, or you may not see it."))
    return rows[0]
