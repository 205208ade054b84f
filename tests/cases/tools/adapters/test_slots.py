"""At most so many calls at a time, also when they come at once and when a holder died."""

import threading
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from django.db import connection

from cases.tools.adapters.slots import SPARE_SECONDS, slot
from cases.tools.connecting import ConnectionSpec
from cases.tools.models import ConnectionSlot
from cases.tools.types import ConnectionKind
from orchestra.core import clock
from orchestra.core.errors import UpstreamError

SPEC = ConnectionSpec("shop", "Shop", ConnectionKind.HTTP, max_concurrent=2)


@pytest.mark.django_db
def test_one_too_many_is_told_to_come_later() -> None:
    with slot(SPEC, seconds=1), slot(SPEC, seconds=1):
        with pytest.raises(UpstreamError) as caught, slot(SPEC, seconds=1):
            pass
        with slot(replace(SPEC, key="other"), seconds=1):
            pass
    assert (caught.value.error_code, caught.value.may_retry, caught.value.effect_unknown) == (
        "upstream.busy",
        True,
        False,
    )
    with slot(SPEC, seconds=1), slot(SPEC, seconds=1):
        pass
    assert ConnectionSlot.objects.filter(connection_key="shop").count() == 2


@pytest.mark.django_db
def test_a_failure_gives_the_slot_back() -> None:
    one = replace(SPEC, max_concurrent=1)
    for _ in range(3):
        with pytest.raises(ValueError, match="broke"), slot(one, seconds=1):
            raise ValueError("broke")


@pytest.mark.django_db
def test_a_holder_that_died_gives_it_back_when_its_time_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = replace(SPEC, max_concurrent=1)
    now = clock.now()
    ConnectionSlot.objects.create(
        connection_key="shop", number=0, holder="dead", held_until_at=now + timedelta(seconds=9)
    )
    with pytest.raises(UpstreamError), slot(one, seconds=1):
        pass
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=9 + SPARE_SECONDS))
    with slot(one, seconds=1):
        assert ConnectionSlot.objects.get().holder != "dead"


def test_without_a_bound_the_database_is_not_asked() -> None:
    """A test without a database could not ask it."""
    with slot(replace(SPEC, max_concurrent=0), seconds=1):
        pass


@dataclass
class Counted:
    """What threads saw of each other."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    inside: int = 0
    most: int = 0
    done: int = 0
    refused: int = 0

    def try_once(self) -> None:
        try:
            with slot(SPEC, seconds=30):
                with self.lock:
                    self.inside += 1
                    self.most = max(self.most, self.inside)
                with self.lock:
                    self.inside -= 1
                    self.done += 1
        except UpstreamError:
            with self.lock:
                self.refused += 1


@pytest.mark.django_db(transaction=True)
def test_never_more_at_once_than_allowed() -> None:
    counted, barrier = Counted(), threading.Barrier(6)

    def call() -> None:
        barrier.wait(timeout=20)
        for _ in range(5):
            counted.try_once()
        connection.close()

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert counted.done + counted.refused == 30
    assert counted.done >= 2
    assert counted.most <= 2
    assert ConnectionSlot.objects.count() == 2
