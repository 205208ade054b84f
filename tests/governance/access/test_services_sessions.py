from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from governance.access.models import PersonSession, User
from governance.access.services import end_session, end_sessions, forget_sessions, limit_sessions
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from governance.ledger.selectors import payload_of
from orchestra.core import clock
from orchestra.core.errors import ConflictError, NotPermittedError
from tests.factories.access import make_person

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


def sign_in(person: User) -> Client:
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client


def is_in(client: Client) -> bool:
    return bool(client.get("/admin/").status_code == 200)


def ended() -> list[dict[str, Any]]:
    rows = LedgerEntry.objects.filter(kind="session.ended").order_by("pk")
    return [dict(payload_of(entry=row) or {}) for row in rows]


def test_an_administrator_ends_every_sign_in_of_a_person_at_once() -> None:
    maren, other = make_person("maren"), make_person("other")
    admin = make_person("admin", roles=[Role.ADMINISTRATOR])
    first, second, theirs = sign_in(maren), sign_in(maren), sign_in(other)
    assert is_in(first)
    count = end_sessions(actor=admin.as_actor(), now=clock.now(), person=maren, reason="left")
    assert count == 2
    assert not is_in(first)
    assert not is_in(second)
    assert is_in(theirs)
    assert [(row["count"], row["reason"]) for row in ended()] == [(2, "left")]
    assert end_sessions(actor=admin.as_actor(), now=clock.now(), person=maren) == 0
    assert len(ended()) == 1


def test_a_person_keeps_the_sign_in_that_asks_and_ends_one_of_the_others() -> None:
    maren = make_person("maren")
    here, there, third = sign_in(maren), sign_in(maren), sign_in(maren)
    key = str(there.session.session_key)
    end_session(actor=maren.as_actor(), now=clock.now(), person=maren, key=key)
    assert not is_in(there)
    with pytest.raises(ConflictError):
        end_session(actor=maren.as_actor(), now=clock.now(), person=maren, key=key)
    keep = str(here.session.session_key)
    assert end_sessions(actor=maren.as_actor(), now=clock.now(), person=maren, keep=keep) == 1
    assert is_in(here)
    assert not is_in(third)


def test_nobody_ends_the_sign_ins_of_another_without_managing_access() -> None:
    maren, other = make_person("maren"), make_person("other", roles=[Role.SUPERVISOR])
    client = sign_in(maren)
    with pytest.raises(NotPermittedError):
        end_sessions(actor=other.as_actor(), now=clock.now(), person=maren)
    key = str(client.session.session_key)
    with pytest.raises(NotPermittedError):
        end_session(actor=other.as_actor(), now=clock.now(), person=maren, key=key)
    assert is_in(client)
    assert ended() == []


def test_the_oldest_beyond_the_limit_ends_and_the_new_one_stays(settings: Any) -> None:
    settings.ORCHESTRA = {**settings.ORCHESTRA, "SESSIONS_PER_PERSON": 2}
    maren = make_person("maren")
    clients = [sign_in(maren) for _ in range(4)]
    for age, client in enumerate(reversed(clients)):
        PersonSession.objects.filter(session_key=client.session.session_key).update(
            began_at=clock.now() - timedelta(minutes=age)
        )
    keep = str(clients[-1].session.session_key)
    ends = limit_sessions(actor=maren.as_actor(), now=clock.now(), person=maren, keep=keep)
    assert ends == 2
    assert [is_in(client) for client in clients] == [False, False, True, True]
    assert ended()[0]["reason"] == "more than 2 at a time"


def test_what_ended_by_itself_is_forgotten_and_what_lives_stays() -> None:
    maren = make_person("maren")
    ended_one, live = sign_in(maren), sign_in(maren)
    PersonSession.objects.filter(session_key=ended_one.session.session_key).update(
        expire_date=clock.now()
    )
    assert forget_sessions(now=clock.now()) == 1
    assert is_in(live)
    assert ended() == []
