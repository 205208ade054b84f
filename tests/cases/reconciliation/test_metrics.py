"""What a scrape is told of completeness."""

from datetime import timedelta

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import DjangoAssertNumQueries

from cases.reconciliation import services
from cases.reconciliation.metrics import collect_completeness
from cases.reconciliation.models import Difference
from cases.reconciliation.types import Gap
from orchestra.core import clock
from orchestra.core.metrics import collectors

pytestmark = pytest.mark.django_db


def scraped() -> dict[str, float]:
    answer = Client().get("/metrics")
    assert answer.status_code == 200
    return {
        sample.name.removeprefix("orchestra_reconciliation_"): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
        if sample.name.startswith("orchestra_reconciliation_")
    }


def difference(*, age: timedelta, **more: object) -> Difference:
    return Difference.objects.create(
        gap=Gap.ENTRY_MISSING,
        subject_kind="case",
        subject_id=f"subject-{Difference.objects.count()}",
        wanted="case.opened",
        found_at=clock.now() - age,
        **more,
    )


def test_it_is_registered_and_says_nothing_of_what_never_ran() -> None:
    assert collectors.get("reconciliation") is collect_completeness
    assert scraped() == {"unexplained": 0, "unexplained_oldest_seconds": 0}


def test_the_oldest_that_nobody_explained_gives_the_age() -> None:
    services.reconcile(now=clock.now() - timedelta(minutes=10), whole=True)
    difference(age=timedelta(hours=1))
    difference(age=timedelta(hours=2))
    difference(age=timedelta(hours=3), explained_at=clock.now(), explanation="Known.")
    difference(age=timedelta(hours=4), gone_at=clock.now())
    found = scraped()
    assert found["unexplained"] == 2
    assert 7200 <= found["unexplained_oldest_seconds"] < 7260
    assert 600 <= found["last_age_seconds"] < 660
    assert 600 <= found["whole_age_seconds"] < 660


def test_it_takes_three_queries_however_many_stand(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _number in range(5):
        difference(age=timedelta(hours=1))
    with django_assert_num_queries(3):
        list(collect_completeness())
