"""Waiting: until it is true, no longer than said, and without holding a connection."""

import itertools
import threading
import time
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.utils import timezone, translation

from orchestra.core import lookout as looking
from orchestra.core import waiting
from orchestra.core.waiting import wait_for

#: Longer than whoever waits looks by itself.
LONG = 0.8


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


@pytest.fixture
def looked() -> Iterator[None]:
    """Nobody looks any more when the test is over."""
    yield
    while (thread := looking.lookout._thread) is not None:
        thread.join()


def ask() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db
def test_inside_a_transaction_the_connection_stays(pauses: Pauses) -> None:
    with transaction.atomic():
        wait_for(ask, until=lambda value: value > 1, seconds=1)
    assert all(pauses.held)
    assert pauses.lengths[:5] == [0.05] * 5
    assert pauses.lengths[-2] == 0.25


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


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("looked")
def test_who_waits_longer_holds_no_connection_and_one_thread_looks_for_all() -> None:
    looks: dict[int, list[tuple[str, float]]] = {1: [], 2: []}
    held = []

    def wait(number: int) -> None:
        def read() -> int:
            looks[number].append((threading.current_thread().name, time.monotonic()))
            return ask()

        assert wait_for(read, until=lambda value: value > 1, seconds=LONG) == 1
        held.append(connection.connection)
        connection.close()

    begun = time.monotonic()
    people = [threading.Thread(target=wait, args=[number]) for number in looks]
    for one in people:
        one.start()
    for one in people:
        one.join()

    assert time.monotonic() - begun >= LONG
    assert held == [None, None]
    by_others = {
        number: [at for name, at in told if name == "lookout"] for number, told in looks.items()
    }
    assert all(by_others.values())
    assert max(at for found in by_others.values() for at in found) >= begun + LONG
    for found in by_others.values():
        # The last look is when the time is over, however short ago the one before was.
        assert all(after - before >= 0.05 for before, after in itertools.pairwise(found[:-1]))


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("looked")
def test_what_a_look_finds_and_what_goes_wrong_in_it_reach_whoever_waits() -> None:
    begun = time.monotonic()

    def is_late() -> str:
        return "late" if time.monotonic() - begun > LONG / 2 else ""

    def fail() -> int:
        if time.monotonic() - begun > LONG / 2:
            raise PermissionError("stopped meanwhile")
        return 0

    assert wait_for(is_late, until=bool, seconds=25) == "late"
    begun = time.monotonic()
    with pytest.raises(PermissionError, match="stopped meanwhile"):
        wait_for(fail, until=bool, seconds=25)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("looked")
def test_a_look_speaks_the_language_of_whoever_waits_in_their_zone() -> None:
    told = []

    def read() -> None:
        told.append((translation.get_language(), timezone.get_current_timezone_name()))

    with translation.override("de"), timezone.override("Asia/Tokyo"):
        wait_for(read, until=bool, seconds=LONG)

    assert set(told) == {("de", "Asia/Tokyo")}


@pytest.mark.django_db(transaction=True)
def test_the_thread_is_gone_with_the_last_who_waits() -> None:
    wait_for(ask, until=lambda value: value > 1, seconds=LONG / 2)

    thread = looking.lookout._thread
    if thread is not None:
        thread.join(timeout=5)
    assert looking.lookout._thread is None


def test_a_look_that_hangs_or_a_thread_that_was_lost_holds_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(looking, "_GRACE_SECONDS", 0.2)
    goes_on = threading.Event()
    watch = looking.Lookout()

    watch.wait(goes_on.wait, ends=time.monotonic() + 0.1)
    goes_on.set()
    while (hung := watch._thread) is not None and hung.is_alive():
        hung.join(timeout=5)

    # As if it had ended without saying so.
    watch._thread = threading.Thread(target=int)
    seen = []
    watch.wait(lambda: bool(seen.append(1) or True), ends=time.monotonic() + 5)
    assert seen == [1]
