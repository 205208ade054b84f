"""Give out the reviews of what was drawn: fairly, by seed, never to who had a hand in it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from governance.access.models import User
from governance.access.types import Authority
from governance.ledger import services as ledger
from governance.ledger.services import one_act
from governance.ledger.types import EntryDraft
from orchestra.core.actors import system
from orchestra.core.locking import take_turn
from qa.reviewing import entries
from qa.reviewing.hands import candidates, hands_in, may_read_case, who_may_review
from qa.reviewing.models import Review
from qa.reviewing.rules import choose, is_reviewed_twice
from qa.reviewing.types import Candidate, Choice, ReviewKind
from qa.sampling.models import DrawnUnit, SamplePeriod
from qa.sampling.selectors import spec_of
from qa.sampling.types import PlanSpec
from qa.scorecards.models import ScorecardVersion
from qa.scorecards.selectors import card_for

#: Who gives out what was drawn.
ASSIGNER = system("assignment")
#: Those who give out reviews go one after the other, so that each sees what the others gave.
TURN = "quality reviews"


@one_act()
def assign_drawn(*, now: datetime, rows: Sequence[DrawnUnit]) -> None:
    """Make a review of every drawn unit, and of some a second one by another person.

    Where nobody is eligible the review waits without a reviewer and says why.

    Args:
        now: The moment of the draw, UTC.
        rows: What was drawn, with ``period``, ``version`` and ``unit`` at hand.

    Raises:
        ConflictError: The plan's scorecard was never in force.
    """
    if not rows:
        return
    take_turn(TURN)
    by_period: dict[int, list[DrawnUnit]] = {}
    for row in rows:
        by_period.setdefault(row.period_id, []).append(row)
    for some in by_period.values():
        _assign_period(now, some[0].period, some)


@dataclass(slots=True)
class _Giving:
    """What is known while the reviews of one period are given out."""

    plan: PlanSpec
    seed: str
    scorecard: ScorecardVersion
    now: datetime
    people: dict[str, User]
    authorities: dict[str, Authority]
    load: dict[str, Candidate]
    reviews: list[Review] = field(default_factory=list)

    def give(self, drawn: DrawnUnit, kind: ReviewKind, barred: frozenset[str]) -> Choice:
        """Choose who reviews a drawn unit and keep the row for writing."""
        unit = drawn.unit
        fit = [
            self.load[person]
            for person, authority in self.authorities.items()
            if may_read_case(authority, unit)
        ]
        chosen = choose(
            fit,
            barred=barred,
            at_most=self.plan.quotas.per_reviewer_at_most,
            seed=self.seed,
            unit=f"{unit.subject}|{kind}",
        )
        if chosen.person:
            before = self.load[chosen.person]
            self.load[chosen.person] = replace(
                before, waiting=before.waiting + 1, given=before.given + 1
            )
        self.reviews.append(
            Review(
                unit=unit,
                drawn=drawn,
                scorecard=self.scorecard,
                kind=kind,
                blind=self.plan.reviewing.blind,
                reviewer=self.people.get(chosen.person),
                unassigned_for=chosen.why or "",
                assigned_at=self.now,
                due_at=self.now + timedelta(hours=self.plan.reviewing.due_hours),
            )
        )
        return chosen


def _assign_period(now: datetime, period: SamplePeriod, rows: Sequence[DrawnUnit]) -> None:
    giving = _begin(now, period)
    hands = hands_in([row.unit for row in rows])
    for row in rows:
        barred = hands[row.unit_id]
        first = giving.give(row, ReviewKind.FIRST, barred)
        percent = giving.plan.reviewing.second_percent
        if is_reviewed_twice(percent=percent, seed=giving.seed, unit=row.unit.subject):
            giving.give(row, ReviewKind.SECOND, barred | {first.person})
    Review.objects.bulk_create(giving.reviews)
    _record(now, period, giving.reviews)


def _begin(now: datetime, period: SamplePeriod) -> _Giving:
    plan = spec_of(period.version)
    authorities = dict(who_may_review(plan.reviewing.roles))
    people = {
        str(one.public_id): one for one in User.objects.filter(public_id__in=list(authorities))
    }
    return _Giving(
        plan=plan,
        # The commitment stands in for a seed that is not shown yet.
        seed=period.seed or period.commitment,
        scorecard=card_for(plan.reviewing.scorecard),
        now=now,
        people=people,
        authorities=authorities,
        load=candidates(list(authorities), period=period.pk),
    )


def _record(now: datetime, period: SamplePeriod, reviews: Sequence[Review]) -> None:
    ledger.append_entry(
        actor=ASSIGNER,
        now=now,
        draft=EntryDraft(
            stream=f"sample_period:{period.public_id}",
            kind=entries.ASSIGNED,
            payload={
                "count": sum(one.reviewer is not None for one in reviews),
                "unassigned": sum(one.reviewer is None for one in reviews),
                "reviews": [
                    {
                        "review": str(one.public_id),
                        "kind": str(one.kind),
                        "reviewer": str(one.reviewer.public_id) if one.reviewer else "",
                    }
                    for one in reviews
                ],
            },
            subject_kind="sample_period",
            subject_id=str(period.public_id),
        ),
    )
