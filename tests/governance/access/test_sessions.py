from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.backends.base import UpdateError
from django.test import Client

from governance.access.models import PersonSession
from governance.access.sessions import SessionStore
from orchestra.core import clock
from tests.factories.access import make_person

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def client() -> Client:
    made = Client()
    made.force_login(make_person("maren"), backend=BACKEND)
    return made


def row_of(client: Client) -> PersonSession:
    return PersonSession.objects.get(session_key=client.session.session_key)


def age(client: Client, **fields: Any) -> None:
    PersonSession.objects.filter(pk=row_of(client).pk).update(**fields)


def test_a_session_knows_its_person_and_both_its_ends(client: Client) -> None:
    row = row_of(client)
    assert row.person is not None
    assert row.person.username == "maren"
    assert row.began_at is not None
    idle = timedelta(seconds=django_settings.SESSION_COOKIE_AGE)
    assert timedelta(0) <= row.expire_date - row.began_at - idle < timedelta(seconds=30)
    assert row.get_session_store_class() is SessionStore


def test_a_visitor_has_a_session_without_a_person() -> None:
    store = SessionStore()
    store["state"] = "x"
    store.save()
    row = PersonSession.objects.get(session_key=store.session_key)
    assert (row.person, row.began_at) == (None, None)


def test_use_moves_the_idle_end_and_the_absolute_end_stays(client: Client) -> None:
    long_ago = clock.now() - timedelta(hours=7, minutes=30)
    session = client.session
    session["orchestra_began"] = long_ago.isoformat().replace("+00:00", "Z")
    session.save()
    longest = timedelta(seconds=django_settings.ORCHESTRA["SESSION_LONGEST_SECONDS"])
    assert row_of(client).expire_date == long_ago + longest
    age(client, used_at=clock.now() - timedelta(minutes=5))
    assert client.get("/admin/").status_code == 200
    assert row_of(client).expire_date == long_ago + longest


def test_a_session_past_its_end_is_nobodys(client: Client) -> None:
    age(client, expire_date=clock.now() - timedelta(seconds=1))
    assert client.get("/admin/").status_code == 302


def test_an_ended_session_does_not_come_back_by_being_saved(client: Client) -> None:
    session = client.session
    row_of(client).delete()
    with pytest.raises(UpdateError):
        session.save()
    assert not PersonSession.objects.exists()
