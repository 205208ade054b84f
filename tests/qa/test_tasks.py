"""The worker's entries of quality do what the schedule asks of them."""

import pytest
from django.conf import settings

from governance.ledger.services import sequence
from orchestra.core import clock
from qa import tasks
from qa.population.models import PopulationReader


def test_what_quality_has_on_the_schedule_is_a_task_here() -> None:
    planned = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert {name for name in planned if name.startswith("qa.")} == {
        tasks.follow_population.name,
        tasks.draw_samples.name,
    }


@pytest.mark.django_db
def test_the_worker_reads_the_ledger_on(shipped: None) -> None:
    del shipped
    sequence(now=clock.now())
    tasks.follow_population()
    assert PopulationReader.objects.get().next_index > 0
