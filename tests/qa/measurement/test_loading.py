"""Facts as they are stored and read into columns."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import timedelta

import numpy as np
import pytest

from qa.measurement.columns.flattening import MANY, tables_of
from qa.measurement.columns.types import TABLES, columns_of
from qa.measurement.facts.types import CaseFacts
from qa.measurement.loading import MODELS, StoredFacts
from qa.measurement.measured import Period
from qa.measurement.measuring import measure
from qa.measurement.models import MeasuredCase
from qa.measurement.parsing import parse_metric
from qa.measurement.rows import Contact, Issue
from qa.measurement.selectors import select_cases
from qa.measurement.services.storing import store
from qa.measurement.types import Cohort
from tests.factories.measured import BEGIN, case_id, made_case
from tests.factories.quality import metric

pytestmark = pytest.mark.django_db

WEEK = Period(BEGIN, BEGIN + timedelta(days=7), BEGIN + timedelta(days=40))


def stored(cases: Sequence[CaseFacts]) -> None:
    store({one.case: (one, 0) for one in cases})


def test_what_is_stored_is_read_again() -> None:
    cases = [made_case(case_id(number), BEGIN, number) for number in range(20)]
    stored(cases)
    found, wanted = StoredFacts(MeasuredCase.objects.all()), tables_of(cases)
    order = np.argsort(found.cases.name.view("S16").ravel())
    assert [found.cases.name[one].tobytes() for one in order] == sorted(
        one.tobytes() for one in wanted.cases.name
    )
    for name, table in MANY.items():
        for column, kind in columns_of(table).items():
            if column != "case":
                here = np.sort(getattr(getattr(found, name), column))
                there = np.sort(getattr(getattr(wanted, name), column))
                assert here.dtype == there.dtype, (name, column, kind)
                np.testing.assert_array_equal(here, there, err_msg=f"{name} {column}")
    assert len(StoredFacts(MeasuredCase.objects.none()).steps.case) == 0
    assert len(StoredFacts(MeasuredCase.objects.filter(of=1)).steps.case) == 0
    assert found.mixes == wanted.mixes
    assert found.words == wanted.words


def test_every_column_is_a_column_of_its_model() -> None:
    for table in TABLES:
        known = {one.name for one in MODELS[table]._meta.fields}
        assert {one.name for one in fields(table)} - known <= {"name"}, table


def test_a_week_alone_tells_2_percent_where_the_truth_is_6_4() -> None:
    """250 resolutions of a week; 16 come back in 7 days, 5 of them before the week is over."""
    cases = []
    for number in range(250):
        one = made_case(case_id(number), BEGIN, 1)
        issue = Issue(f"customer-{number}", "return")
        late = timedelta(days=5) if number < 250 - 5 else timedelta(0)
        episode = replace(one.episodes[0], resolved_at=BEGIN + timedelta(hours=30) + late)
        contact = replace(one.contacts[0], issue=issue)
        cases.append(
            replace(
                one, issue=issue, contacts=(contact,), episodes=(replace(episode, issue=issue),)
            )
        )
    for number in (*range(11), *range(245, 250)):
        again, back = case_id(1000 + number), cases[number].episodes[0].resolved_at
        assert back is not None
        at = back + timedelta(days=3)
        issue = cases[number].issue
        contact = Contact(again, again, at, issue, of=cases[number].of)
        opened = made_case(again, BEGIN, 1)
        cases.append(
            replace(opened, opened_at=at, issue=issue, episodes=(), contacts=(contact,),
                    steps=(), work=(), closed_at=None)
        )  # fmt: skip
    stored(cases)
    spec = parse_metric(document=metric())
    inside = [one for one in cases if WEEK.has(one.opened_at)]
    alone = measure(spec=spec, cases=tables_of(inside), period=WEEK).figure
    whole = measure(
        spec=spec,
        cases=select_cases(
            cohort=Cohort.RESOLVED, begin=WEEK.begin, end=WEEK.end, with_customers=True
        ),
        period=WEEK,
    ).figure
    assert (alone.hits, alone.n, alone.value) == (5, 250, pytest.approx(2.0))
    assert (whole.hits, whole.n, whole.value) == (16, 250, pytest.approx(6.4))
