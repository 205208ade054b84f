"""A unit is there once, and what was drawn of it stands beside its reviews."""

import pytest
from django.db import IntegrityError

from qa.population.models import SamplingUnit
from tests.factories.sampled import draw_units, load_quality, make_period, make_review, make_unit

pytestmark = pytest.mark.django_db


def test_a_unit_is_there_once() -> None:
    unit = make_unit()
    with pytest.raises(IntegrityError):
        make_unit(case=unit.case, subject=unit.subject)


def test_a_unit_is_drawn_once_in_a_period_and_reviewed_once_by_a_person() -> None:
    load_quality()
    units = [make_unit() for _ in range(5)]
    drawn = draw_units(make_period(), {"low": units}, {"low": 2})

    assert len(drawn) == 2
    assert {row.drawn_of_stratum / row.size_of_stratum for row in drawn} == {0.4}
    review = make_review(drawn[0].unit, drawn=drawn[0])
    assert list(drawn[0].reviews.all()) == [review]
    assert SamplingUnit.objects.filter(reviews=None).count() == 4
