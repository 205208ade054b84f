"""Reads of what was released to somebody, what is disputed, and how disputes ended."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import Count, F, QuerySet
from django.utils.translation import gettext as _

from governance.access.models import User
from governance.access.rules import may
from governance.access.selectors import authorities_of, with_a_role
from governance.access.types import Authority, Capability, Role
from orchestra.core.errors import NotFoundError
from orchestra.core.together import Reading, read
from qa.disputes.models import Coaching, Dispute, Judged
from qa.disputes.rules import barred
from qa.disputes.types import DisputeState
from qa.reviewing.answers import as_scored, read_answers
from qa.reviewing.models import Review
from qa.scorecards.scoring import Answer, Score, score
from qa.scorecards.selectors import spec_of


def list_judged(*, authority: Authority) -> QuerySet[Judged]:
    """Return the released reviews of one's work, or of AI agents one owns, newest first."""
    return (
        Judged.objects.filter(person__public_id=authority.actor.id)
        .select_related("review__unit__case", "review__scorecard__scorecard", "review__reviewer")
        .order_by("-review__released_at", "-pk")
    )


def get_judged(*, authority: Authority, review_id: UUID | str) -> Judged:
    """Return a released review of one's work.

    Raises:
        NotFoundError: There is none such.
    """
    found = list_judged(authority=authority).filter(review__public_id=review_id).first()
    if found is None:
        raise NotFoundError(_("There is no such review, or you may not see it."))
    return found


def list_disputes(*, authority: Authority) -> QuerySet[Dispute]:
    """Return all disputes for who leads, the earliest due first; none for others."""
    rows = Dispute.objects.select_related(
        "review__unit__case",
        "review__scorecard__scorecard",
        "review__reviewer",
        "raised_by",
        "lead",
        "decided_by",
    ).order_by("due_at", "pk")
    return rows if may(authority, Capability.QUALITY_LEAD) else rows.none()


def get_dispute(*, authority: Authority, dispute_id: UUID | str) -> Dispute:
    """Return a dispute that one may see.

    Raises:
        NotFoundError: There is none such.
    """
    found = list_disputes(authority=authority).filter(public_id=dispute_id).first()
    if found is None:
        raise NotFoundError(_("There is no such dispute, or you may not see it."))
    return found


def list_leads() -> list[User]:
    """Return everybody who leads quality, by name: the same few queries however many they are."""
    people = list(with_a_role([str(Role.QA_LEAD)]).filter(is_active=True))
    held = authorities_of([str(one.public_id) for one in people])
    able = {person for person, one in held.items() if may(one, Capability.QUALITY_LEAD)}
    return sorted(
        (one for one in people if str(one.public_id) in able), key=lambda one: (one.label, one.pk)
    )


def list_others(dispute: Dispute) -> list[User]:
    """Return the leads a dispute can be given to: no part in it, and not theirs already."""
    out = barred(reviewer=reviewer_of(dispute.review), judged=judged_in(dispute.review))
    return [
        one for one in list_leads() if str(one.public_id) not in out and one.pk != dispute.lead_id
    ]


def judged_in(review: Review) -> dict[str, bool]:
    """Return the public ids of those a review was released to, and whether as an owner."""
    rows = Judged.objects.filter(review=review).values_list("person__public_id", "as_owner")
    return {str(person): as_owner for person, as_owner in rows}


def reviewer_of(review: Review) -> str:
    """Return the public id of who reviewed; empty where nobody is known."""
    return str(review.reviewer.public_id) if review.reviewer else ""


def list_coaching(*, authority: Authority) -> QuerySet[Coaching]:
    """Return what one has to learn, open first, the earliest due first."""
    return (
        Coaching.objects.filter(person__public_id=authority.actor.id)
        .select_related("review__unit__case", "given_by")
        .order_by(F("done_at").asc(nulls_first=True), "due_at", "pk")
    )


def score_with(review: Review, decided: Iterable[tuple[str, str]]) -> Score:
    """Return the score that a review would have with other answers; its own is never changed.

    Args:
        review: With its scorecard at hand.
        decided: Question and answer.
    """
    spec = spec_of(review.scorecard)
    answers = dict(as_scored(read_answers(review.answers, spec), {}))
    answers.update({question: Answer(value) for question, value in decided})
    return score(spec, answers)


def reading_upheld_by_drawn(drawn: Sequence[int]) -> Reading[dict[int, int]]:
    """Come to how many disputed answers were changed, by drawn unit: one query.

    Args:
        drawn: Keys of drawn units; those without such an answer are not in what is returned.
    """
    rows = Dispute.objects.filter(state=DisputeState.CHANGED, review__drawn__in=drawn)
    counted = rows.values("review__drawn").annotate(changed=Count("pk"))
    return {row["review__drawn"]: row["changed"] for row in (yield from read(counted))}
