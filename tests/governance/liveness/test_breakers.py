"""A process tells how its breakers stand: when that changes, and only then."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from governance import tasks
from governance.access.models import User
from governance.access.types import Role
from governance.liveness import services
from governance.liveness.models import BreakerSign
from governance.liveness.rules import FORGOTTEN_AFTER
from governance.liveness.selectors import standings
from governance.liveness.services import share_breakers
from orchestra.core import clock
from orchestra.core.breaker import CLOSED, FAILURES_TO_OPEN, OPEN, Breaker, breaker_of
from tests.factories.access import make_person
from tests.governance.admin.test_changes import sign_in

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 19, 19, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _fresh_breakers() -> Iterator[None]:
    Breaker.forget_all()
    yield
    Breaker.forget_all()


@pytest.fixture
def petra() -> User:
    return make_person(roles=[Role.SUPERVISOR])


def fail(times: int = FAILURES_TO_OPEN) -> None:
    for _ in range(times):
        breaker_of("store").failed(0.0)


def share(seconds: float = 0) -> int:
    return share_breakers(read_clock=lambda: NOW + timedelta(seconds=seconds))


def test_what_did_not_change_is_not_told_again(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    breaker_of("store").succeeded()
    fail(FAILURES_TO_OPEN - 1)
    with django_assert_num_queries(0):
        assert share() == 0
    fail(1)
    assert share() == 1
    with django_assert_num_queries(0):
        assert share() == 0
    [row] = BreakerSign.objects.all()
    assert (row.connection_key, row.state, row.failures, row.at) == ("store", OPEN, 5, NOW)


def test_each_failed_trial_and_the_closing_are_told() -> None:
    fail()
    share()
    fail(1)
    assert share(40) == 1
    assert standings(NOW + timedelta(seconds=41))["store"].failures == 6
    breaker_of("store").succeeded()
    assert share(80) == 1
    assert standings(NOW + timedelta(seconds=81))["store"].state == CLOSED
    assert BreakerSign.objects.count() == 1


def test_what_could_not_be_told_is_told_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    fail()
    with monkeypatch.context() as broken:

        def refuse(*_: object) -> None:
            raise DatabaseError

        broken.setattr(services, "_write", refuse)
        assert share() == 0
    assert not BreakerSign.objects.exists()
    assert share() == 1
    assert BreakerSign.objects.exists()


def test_a_process_that_is_gone_leaves_nothing_for_long() -> None:
    BreakerSign.objects.create(
        connection_key="old", process="gone:1", state=OPEN, failures=5, at=NOW - FORGOTTEN_AFTER
    )
    assert standings(NOW + timedelta(seconds=1)) == {}
    fail()
    share(1)
    assert list(BreakerSign.objects.values_list("connection_key", flat=True)) == ["store"]


def test_a_worker_tells_with_its_sign_and_it_is_said_everywhere(petra: User) -> None:
    client = sign_in(petra)
    assert "left alone for a while" not in client.get("/admin/").content.decode()
    fail()
    tasks.take_sign()
    page = client.get("/admin/").content.decode()
    assert "1 system of record does not answer and is left alone for a while" in page
    told = Client().get("/metrics", REMOTE_ADDR="127.0.0.1").content.decode()
    assert 'orchestra_connection_left_alone{connection="store"} 1.0' in told
    BreakerSign.objects.update(at=clock.now() - timedelta(seconds=60))
    assert "left alone for a while" not in client.get("/admin/").content.decode()
    told = Client().get("/metrics", REMOTE_ADDR="127.0.0.1").content.decode()
    assert 'orchestra_connection_left_alone{connection="store"} 0.5' in told
