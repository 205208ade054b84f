"""Waiting: until it is true, no longer than said, and without holding a connection."""

import time

import pytest
from django.db import connection, transaction

from orchestra.core import waiting
from orchestra.core.waiting import wait_for


class Pauses:
    """Stands in for the clock's pauses: how long each is, and whether a connection was held."""

    def __init__(self) -> None:
        self.lengths: list[float] = []
        self.held: list[bool] = []
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.lengths.append(seconds)
        self.held.append(connection.connection is not None)
        self.now += seconds


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> Pauses:
    found = Pauses()
    monkeypatch.setattr(waiting, "time", found)
    return found


def ask() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_who_waits_holds_no_connection_beyond_the_first_third_of_a_second(pauses: Pauses) -> None:
    assert wait_for(ask, until=lambda value: value > 1, seconds=3) == 1
    begins = [sum(pauses.lengths[:number]) for number in range(len(pauses.lengths))]
    assert pauses.held == [round(begin, 3) < 0.3 for begin in begins]
    assert pauses.lengths[:5] == [0.05] * 5
    assert pauses.lengths[-2] == 0.25
    assert len(pauses.held) > 10


@pytest.mark.django_db
def test_inside_a_transaction_the_connection_stays(pauses: Pauses) -> None:
    with transaction.atomic():
        wait_for(ask, until=lambda value: value > 1, seconds=1)
    assert all(pauses.held)


@pytest.mark.django_db
@pytest.mark.parametrize(("asked", "waited"), [(1, 1), (25, 25), (90, 25), (0, 0), (-3, 0)])
def test_it_waits_as_long_as_asked_at_most_25_seconds(
    pauses: Pauses, asked: float, waited: float
) -> None:
    wait_for(ask, until=lambda value: value > 1, seconds=asked)
    assert sum(pauses.lengths) == pytest.approx(waited)
    assert all(0.05 <= pause <= 0.25 for pause in pauses.lengths[:-1])


@pytest.mark.django_db
def test_it_ends_with_the_first_value_that_satisfies(pauses: Pauses) -> None:
    values = iter([1, 2, 3, 4])
    assert wait_for(lambda: next(values), until=lambda value: value >= 3, seconds=25) == 3
    assert len(pauses.lengths) == 2


def test_the_clock_is_the_real_one() -> None:
    assert waiting.time is time
