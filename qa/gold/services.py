"""Mark a review as gold, withdraw it, and put gold among what is given out."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from governance.access.models import User
from governance.access.rules import may
from governance.access.selectors import authorities_of, authority_of, require
from governance.access.types import Authority, Capability
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft, Json
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, InvalidInputError, NotFoundError, NotPermittedError
from orchestra.core.locking import compare_and_set, lock, take_turn
from qa.gold import entries
from qa.gold.models import GoldItem
from qa.gold.rules import check_agreed, is_followed, pick
from qa.gold.selectors import find_gold
from qa.reviewing.hands import hands_in, may_read_case
from qa.reviewing.models import Review
from qa.reviewing.rules import DONE
from qa.reviewing.services.assigning import ASSIGNER, TURN
from qa.reviewing.services.common import locked
from qa.reviewing.types import ReviewKind
from qa.sampling.models import DrawnUnit, SamplePeriod
from qa.sampling.selectors import spec_of as plan_of
from qa.scorecards.scoring import Answer, asked
from qa.scorecards.selectors import spec_of

_ORDINARY = (ReviewKind.FIRST, ReviewKind.SECOND)


@one_act()
def mark_gold(
    *, actor: Actor, now: datetime, review_id: UUID | str, answers: Mapping[str, str]
) -> GoldItem:
    """Mark a review that was handed in as gold, with the answers that were agreed.

    Only what was drawn can be: anything else would look different when it is given out again.

    Args:
        actor: Who leads quality.
        now: The moment of the act.
        review_id: Public id of the review.
        answers: Question to the agreed answer; for every question that is asked, given these.

    Raises:
        NotPermittedError: The actor does not lead quality, or had a hand in the work.
        NotFoundError: There is no such review.
        ConflictError: It is no ordinary review of what was drawn, was not handed in, is gold
            already, or its scorecard is not in force any more.
        InvalidInputError: An answer is missing or none of the question's.
    """
    require(authority=authority_of(actor), capability=Capability.QUALITY_LEAD)
    take_turn(TURN)
    review = locked(review_id)
    if review.kind not in _ORDINARY or review.state not in DONE or review.drawn is None:
        raise ConflictError(
            _("Only a review of what was drawn can be gold, once it was handed in."),
            code="gold.not_drawn",
        )
    if review.scorecard.state != "published":
        raise ConflictError(
            _("Its scorecard is not in force any more; reviews by it are given out no more."),
            code="gold.old_scorecard",
        )
    if actor.id in hands_in([review.unit])[review.unit_id]:
        raise NotPermittedError(
            _("You had a hand in this work. Another lead marks it."), code="review.own_work"
        )
    if find_gold(review) is not None:
        raise ConflictError(_("It is gold already. Nothing was changed."), code="gold.twice")
    given = {key: Answer(value) for key, value in answers.items() if value}
    scored = [one for one in asked(spec_of(review.scorecard), given) if one.answers]
    errors = list(check_agreed(scored, answers))
    if errors:
        raise InvalidInputError(
            _("Every question that is asked needs its agreed answer."), errors=errors
        )
    agreed = {one.key: answers[one.key] for one in scored}
    item = GoldItem.objects.create(
        review=review,
        unit=review.unit,
        scorecard=review.scorecard,
        answers=agreed,
        marked_by=User.objects.get(public_id=actor.id),
        marked_at=now,
    )
    payload = {"review": str(review.public_id), "answers": agreed}
    _append(actor, now, f"quality_gold:{item.public_id}", entries.MARKED, payload)
    return item


@one_act()
def withdraw_gold(*, actor: Actor, now: datetime, review_id: UUID | str) -> GoldItem:
    """Give a gold item out no more; reviews of it that wait stay and look as before.

    Raises:
        NotPermittedError: The actor does not lead quality.
        NotFoundError: There is no such review, or it is not gold.
    """
    require(authority=authority_of(actor), capability=Capability.QUALITY_LEAD)
    take_turn(TURN)
    found = find_gold(locked(review_id))
    if found is None:
        raise NotFoundError(_("This is not gold, or not any more."))
    (item,) = lock(GoldItem.objects.filter(pk=found.pk))
    compare_and_set(
        item, expected={"withdrawn_at": None}, changes={"withdrawn_at": now}, actor=actor
    )
    _append(actor, now, f"quality_gold:{item.public_id}", entries.WITHDRAWN, {})
    return item


@one_act()
def seed_gold(*, now: datetime, rows: Sequence[DrawnUnit]) -> None:
    """Put gold among the reviews that were just given out, by the plan's share and the seed.

    Whoever was given a review that the seed names is given a gold one too, of the same
    scorecard, due at the same time. Never one that they reviewed before or had a hand in, and
    never somebody who leads quality: leads see which are gold. Where none fits, none is given.

    Args:
        now: The moment of the draw, UTC.
        rows: What was drawn, whose reviews were given out, with ``period`` at hand.
    """
    by_period: dict[int, list[DrawnUnit]] = defaultdict(list)
    for row in rows:
        if plan_of(row.period.version).reviewing.gold_percent:
            by_period[row.period_id].append(row)
    for some in by_period.values():
        take_turn(TURN)
        _seed_period(now, some[0].period, some)


def _seed_period(now: datetime, period: SamplePeriod, rows: Sequence[DrawnUnit]) -> None:
    percent = plan_of(period.version).reviewing.gold_percent
    seed = period.seed or period.commitment
    followed = [
        one
        for one in Review.objects.filter(
            drawn__in=[row.pk for row in rows], kind__in=_ORDINARY, reviewer__isnull=False
        ).select_related("reviewer", "unit", "scorecard")
        if is_followed(percent=percent, seed=seed, unit=f"{one.unit.subject}|{one.kind}")
    ]
    if not followed:
        return
    fitting = _Fitting(followed)
    given = [one for one in (fitting.gold_after(each, seed) for each in followed) if one]
    if not given:
        return
    Review.objects.bulk_create(given)
    stream = f"sample_period:{period.public_id}"
    _append(ASSIGNER, now, stream, entries.GIVEN, {"count": len(given)})


class _Fitting:
    """Which gold items fit which reviewers."""

    def __init__(self, followed: Sequence[Review]) -> None:
        cards = {one.scorecard_id for one in followed}
        rows = GoldItem.objects.filter(
            scorecard__in=cards, scorecard__state="published", withdrawn_at=None
        ).select_related("unit__case", "review", "marked_by")
        self._items = {str(one.public_id): one for one in rows}
        units = [one.unit for one in self._items.values()]
        self._hands = hands_in(units)
        people = {str(one.reviewer.public_id) for one in followed if one.reviewer}
        self._authorities: Mapping[str, Authority] = authorities_of(sorted(people))
        seen = Review.objects.filter(unit__in=units, reviewer__public_id__in=people)
        pairs = seen.values_list("unit_id", "reviewer__public_id")
        self._seen = {(unit, str(person)) for unit, person in pairs}

    def gold_after(self, review: Review, seed: str) -> Review | None:
        """Return the gold review that goes with an ordinary one, or None where none fits."""
        person = str(review.reviewer.public_id) if review.reviewer else ""
        held = self._authorities.get(person)
        if held is None or may(held, Capability.QUALITY_LEAD):
            return None
        able = [
            key
            for key, item in self._items.items()
            if item.scorecard_id == review.scorecard_id
            and (item.unit_id, person) not in self._seen
            and person not in self._hands[item.unit_id]
            and str(item.marked_by.public_id) != person
            and may_read_case(held, item.unit)
        ]
        chosen = pick(able, seed=seed, unit=f"{review.unit.subject}|{review.kind}")
        if not chosen:
            return None
        item = self._items[chosen]
        self._seen.add((item.unit_id, person))
        return Review(
            unit=item.unit,
            drawn_id=item.review.drawn_id,
            scorecard=review.scorecard,
            kind=ReviewKind.GOLD,
            blind=review.blind,
            reviewer=review.reviewer,
            assigned_at=review.assigned_at,
            due_at=review.due_at,
        )


def _append(
    actor: Actor, now: datetime, stream: str, kind: str, payload: Mapping[str, Json]
) -> None:
    subject_kind, _colon, subject_id = stream.partition(":")
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=stream,
            kind=kind,
            payload=payload,
            subject_kind=subject_kind,
            subject_id=subject_id,
        ),
    )
