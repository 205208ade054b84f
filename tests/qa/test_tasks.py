"""The tasks of quality, as the schedule calls them."""

import pytest
from django.conf import settings

from governance.ledger.services import sequence
from orchestra.core import clock
from qa import tasks
from qa.findings.models import CheckSum
from qa.measurement.models import MeasuredCase, MetricCell
from qa.population.models import PopulationReader
from qa.population.selectors import sums_standing
from tests.factories.measured import BEGIN, open_case, place
from tests.factories.sampled import make_unit


def test_what_quality_has_on_the_schedule_is_a_task_here() -> None:
    planned = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    here = {one.name for one in vars(tasks).values() if hasattr(one, "apply_async")}
    assert {name for name in planned if name.startswith("qa.")} == here


@pytest.mark.django_db
def test_the_worker_reads_the_ledger_on(shipped: None) -> None:
    del shipped
    sequence(now=clock.now())
    tasks.follow_population()
    assert PopulationReader.objects.get().next_index > 0


@pytest.mark.usefixtures("shipped")
def test_measurement_reads_on_and_computes() -> None:
    open_case(1, BEGIN)
    place(BEGIN)
    tasks.follow_measured()
    assert MeasuredCase.objects.count() == 1
    tasks.compute_metrics()
    assert MetricCell.objects.exists()


@pytest.mark.django_db
def test_sums_by_the_day_are_made() -> None:
    make_unit()
    tasks.sum_days()
    assert CheckSum.objects.get().count == 1
    assert sums_standing().made_at is not None
