"""The looks for all open streams: who is told, whose stream ends, and what a look costs."""

import json
from datetime import timedelta
from queue import Empty
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from cases.memory import entries, services
from cases.memory.models import Case
from cases.memory.types import Speaker
from governance.access.models import PersonSession, User
from governance.access.types import QueueGrant, Role
from governance.ledger import services as ledger
from orchestra.core import clock
from orchestra.core.actors import system
from orchestra.live import hub as hubs
from orchestra.live.hub import Hub, Stream
from tests.factories.access import drop_roles, grant, make_person, make_queue
from tests.factories.cases import contact, make_case

pytestmark = pytest.mark.django_db


def told(stream: Stream) -> list[bytes | None]:
    found: list[bytes | None] = []
    while True:
        try:
            found.append(stream.take(seconds=0.01))
        except Empty:
            return found


def news(stream: Stream) -> list[Any]:
    lines = [text.decode().splitlines() for text in told(stream) if text is not None]
    return [json.loads(line[2].removeprefix("data: ")) for line in lines]


@pytest.fixture
def queue() -> Any:
    return make_queue()


@pytest.fixture
def reader(queue: Any) -> User:
    person = make_person(roles=[Role.HUMAN_AGENT])
    grant(person, queue, QueueGrant.READ)
    return person


@pytest.fixture
def case(queue: Any) -> Case:
    return make_case(queue)


def session_of(person: User) -> str:
    client = Client()
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    return str(client.session.session_key)


def join(hub: Hub, person: User, place: int | None = None, most: int = 9) -> Stream:
    stream = hub.join(
        person_id=str(person.public_id),
        session_key=session_of(person),
        place=place,
        most=most,
        most_each=99,
    )
    assert stream is not None
    return stream


def say(case: Case, text: str = "Hello?") -> None:
    services.add_message(
        actor=system("test"),
        now=clock.now(),
        case=case,
        speaker=Speaker.CUSTOMER,
        text=text,
    )
    ledger.sequence(now=clock.now(), wait=True)


def test_who_reads_the_case_is_told_its_id_and_the_kind_and_nothing_else(
    case: Case, reader: User
) -> None:
    hub = Hub()
    mine, theirs = join(hub, reader), join(hub, make_person(roles=[Role.HUMAN_AGENT]))
    say(case, "My card is 4111 1111 1111 1111.")
    hub.look(now=clock.now())
    assert news(mine) == [{"cases": {str(case.public_id): [entries.MESSAGE_ADDED]}, "cut": False}]
    assert told(theirs) == []
    hub.look(now=clock.now())
    assert told(mine) == []


def test_who_comes_back_with_a_place_is_told_what_came_meanwhile(case: Case, reader: User) -> None:
    hub = Hub()
    before = join(hub, reader)
    hub.leave(before)
    say(case)
    assert len(hub) == 0
    back = join(hub, reader, before.place)
    hub.look(now=clock.now())
    assert len(news(back)) == 1


def test_who_was_away_too_long_is_told_only_that_there_is_something(
    case: Case, reader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "MOST_ENTRIES", 1)
    hub = Hub()
    stream = join(hub, reader)
    say(case)
    say(case)
    hub.look(now=clock.now())
    assert news(stream)[0]["cut"] is True


@pytest.mark.parametrize("how", ["signed out", "expired", "disabled"])
def test_a_stream_ends_with_its_session_and_with_its_person(
    case: Case, reader: User, how: str
) -> None:
    hub = Hub()
    stream = join(hub, reader)
    if how == "signed out":
        PersonSession.objects.all().delete()
    elif how == "expired":
        PersonSession.objects.update(expire_date=clock.now() - timedelta(seconds=1))
    else:
        User.objects.filter(pk=reader.pk).update(is_active=False)
    say(case)
    hub.look(now=clock.now())
    assert told(stream) == [b"event: over\ndata: {}\n\n", None]
    assert len(hub) == 0


def test_the_end_is_seen_while_nothing_happens(reader: User) -> None:
    hub = Hub()
    stream = join(hub, reader)
    PersonSession.objects.all().delete()
    for _look in range(hubs.CHECK_LOOKS):
        hub.look(now=clock.now())
    assert told(stream)[-1] is None


def test_what_was_taken_from_a_person_is_not_told_any_more(case: Case, reader: User) -> None:
    hub = Hub()
    stream = join(hub, reader)
    drop_roles(reader)
    say(case)
    hub.look(now=clock.now())
    assert told(stream) == []


def test_no_more_are_held_than_may_be(reader: User) -> None:
    hub = Hub()
    first = join(hub, reader, most=1)
    key = session_of(reader)
    open_one: dict[str, Any] = {
        "person_id": str(reader.public_id),
        "session_key": key,
        "place": None,
    }
    open_one |= {"most": 1, "most_each": 9}
    assert hub.join(**open_one) is None
    hub.leave(first)
    assert hub.join(**open_one) is not None


def test_a_look_costs_the_same_for_one_stream_and_for_many(
    case: Case, reader: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    hub = Hub()
    for _number in range(12):
        join(hub, reader, most=12)
    with django_assert_num_queries(1):
        hub.look(now=clock.now())
    say(case)
    with django_assert_num_queries(6):
        hub.look(now=clock.now())


def test_an_open_case_is_news_too(queue: Any, reader: User) -> None:
    hub = Hub()
    stream = join(hub, reader)
    case = services.open_case(actor=system("test"), now=clock.now(), draft=contact(queue=queue.key))
    ledger.sequence(now=clock.now(), wait=True)
    hub.look(now=clock.now())
    assert list(news(stream)[0]["cases"]) == [str(case.public_id)]
