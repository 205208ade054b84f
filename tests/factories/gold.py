"""Gold items, from drawn reviews that were handed in."""

from governance.access.models import User
from governance.access.types import Role
from qa.gold import services
from qa.gold.models import GoldItem
from qa.population.models import SamplingUnit
from qa.reviewing.models import Review
from qa.sampling.models import DrawnUnit
from qa.scorecards.scoring import Answer, asked
from qa.scorecards.selectors import spec_of
from tests.conftest import NOW
from tests.factories.access import drop_roles, make_person
from tests.factories.sampled import WEEK, draw_units, make_period, make_review, make_unit


def draw_low(units: list[SamplingUnit], *, weeks: int = 0) -> list[DrawnUnit]:
    """Draw all of some units in a period so many weeks ago."""
    period = make_period(starts_at=NOW - weeks * WEEK)
    return draw_units(period, {"low": units}, {"low": len(units)})


def agreed_of(review: Review) -> dict[str, str]:
    """Return the first answer to every question that is asked."""
    found: dict[str, str] = {}
    spec = spec_of(review.scorecard)
    while True:
        open_ones = [
            one
            for one in asked(spec, {key: Answer(value) for key, value in found.items()})
            if one.answers and one.key not in found
        ]
        if not open_ones:
            return found
        found |= {one.key: one.answers[0] for one in open_ones}


def make_gold(*, lead: User | None = None, reviewer: User | None = None) -> GoldItem:
    """A drawn review of some weeks ago that a lead, who left since, marked as gold."""
    marks = lead or make_person(roles=[Role.QA_LEAD])
    (row,) = draw_low([make_unit(started_at=NOW - 3 * WEEK)], weeks=GoldItem.objects.count() + 3)
    review = make_review(row.unit, drawn=row, reviewer=reviewer or make_person())
    item = services.mark_gold(
        actor=marks.as_actor(),
        now=NOW,
        review_id=review.public_id,
        answers=agreed_of(review),
    )
    if lead is None:
        drop_roles(marks)
    return item
