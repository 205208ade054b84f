"""A reader of the ledger that finds another reading leaves it to that, and keeps no thread busy."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, models, transaction

from cases.journeys.models import JourneyReader
from cases.memory import services as memory
from cases.tasks import sum_journeys
from governance.ledger import services as ledger
from governance.ledger.models import EntryIndex
from governance.notifications.models import LedgerReader
from governance.tasks import follow_ledger, index_ledger
from orchestra.core import clock
from qa.measurement.models import MeasureCursor
from qa.population.models import PopulationReader
from qa.tasks import follow_measured, follow_population
from tests.factories.cases import contact
from tests.factories.centres import make_centre

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

READERS: dict[str, tuple[Callable[[], None], type[models.Model]]] = {
    "index": (index_ledger, EntryIndex),
    "notices": (follow_ledger, LedgerReader),
    "population": (follow_population, PopulationReader),
    "measurement": (follow_measured, MeasureCursor),
    "journeys": (sum_journeys, JourneyReader),
}


@pytest.fixture
def say_something() -> Callable[[], None]:
    """Open a case, and place its entries in the tree."""
    centre = make_centre()

    def say() -> None:
        draft = contact("Please refund it.", queue="returns", customer_ref="mia")
        memory.open_case(actor=centre.agent.as_actor(), now=clock.now(), draft=draft)
        ledger.sequence(now=clock.now(), wait=True)

    return say


def without_waiting(task: Callable[[], None]) -> None:
    """Run a task in a worker's thread of its own, where waiting for a lock is an error."""

    def run() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '250ms'")
            task()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(run).result(timeout=60)


@pytest.mark.parametrize("name", READERS)
def test_what_another_reads_is_left_to_it(name: str, say_something: Callable[[], None]) -> None:
    task, reader = READERS[name]
    say_something()
    task()
    say_something()

    def places() -> list[Any]:
        return list(reader._default_manager.order_by("pk").values_list("next_index", flat=True))

    stood = places()
    assert stood
    with transaction.atomic():
        assert len(reader._default_manager.select_for_update().order_by("pk")) == len(stood)
        without_waiting(task)
        assert places() == stood
    without_waiting(task)
    assert all(now > before for now, before in zip(places(), stood, strict=True))
