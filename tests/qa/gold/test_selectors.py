"""How far reviewers answer as was agreed, from three gold reviews on."""

from datetime import timedelta

import pytest

from governance.access.types import Role
from qa.gold import services
from qa.gold.models import GoldItem
from qa.gold.selectors import read_agreement
from qa.reviewing.types import ReviewKind
from qa.scorecards.selectors import spec_of
from tests.conftest import NOW
from tests.factories.access import make_person
from tests.factories.gold import make_gold
from tests.factories.sampled import make_review

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


def test_agreement_is_shown_from_three_reviews_on_with_its_interval() -> None:
    anna = make_person(roles=[Role.QA_ANALYST])
    items = [make_gold() for _ in range(4)]
    key = next(iter(items[0].answers))
    other = next(
        one for one in spec_of(items[0].scorecard).questions if one.key == key
    ).answers[1]  # fmt: skip

    def answer(item: GoldItem, value: str) -> None:
        make_review(
            item.unit,
            drawn=item.review.drawn,
            kind=ReviewKind.GOLD,
            reviewer=anna,
            at=NOW - timedelta(days=1),
            answers={key: {"value": value, "quotes": [], "comment": ""}},
        )

    answer(items[0], items[0].answers[key])
    answer(items[1], items[1].answers[key])
    (row,) = read_agreement(now=NOW)
    assert (row.person, row.total, row.agreed, row.low, row.high) == (anna.label, 2, 2, None, None)
    answer(items[2], other)
    answer(items[3], other)
    (row,) = read_agreement(now=NOW)
    assert (row.total, row.agreed) == (4, 2)
    # Wilson's interval of 2 of 4.
    assert row.low == pytest.approx(0.150, abs=5e-4)
    assert row.high == pytest.approx(0.850, abs=5e-4)
    lead = make_person(roles=[Role.QA_LEAD])
    services.withdraw_gold(actor=lead.as_actor(), now=NOW, review_id=items[3].review.public_id)
    (row,) = read_agreement(now=NOW)
    assert (row.total, row.agreed) == (3, 2)
    assert read_agreement(now=NOW + timedelta(days=400)) == []
