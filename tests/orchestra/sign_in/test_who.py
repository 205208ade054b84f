from typing import Any

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.access.models import PersonSession, User
from tests.factories.access import make_person

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
PAGE = "/admin/nowhere/"


@pytest.fixture
def client() -> Client:
    made = Client()
    made.force_login(make_person("maren"), backend=BACKEND)
    return made


def change(client: Client, **values: Any) -> None:
    session = client.session
    session.update(values)
    session.save()


def people_asked(client: Client, *, status: int = 404) -> int:
    """Ask for a page; return how often the database was asked for somebody besides the session."""
    with CaptureQueriesContext(connection) as asked:
        assert client.get(PAGE).status_code == status
    return sum('FROM "governance_user"' in query["sql"] for query in asked)


def test_the_person_comes_with_the_session(client: Client) -> None:
    assert people_asked(client) == 0
    assert client.get("/admin/").context["user"].username == "maren"


def test_who_is_disabled_meanwhile_is_nobody_at_the_next_request(client: Client) -> None:
    User.objects.update(is_active=False)
    assert client.get(PAGE).status_code == 302


def test_a_password_changed_elsewhere_ends_the_session(client: Client) -> None:
    person = User.objects.get()
    person.set_password("another long secret")
    person.save()
    assert client.get(PAGE).status_code == 302
    assert not PersonSession.objects.filter(person=person).exists()


@pytest.mark.parametrize(
    "values",
    [
        {HASH_SESSION_KEY: ""},
        {HASH_SESSION_KEY: "made up"},
        {BACKEND_SESSION_KEY: "somebody.elses.Backend"},
    ],
)
def test_a_session_that_does_not_say_how_it_began_is_nobodys(
    client: Client, values: dict[str, str]
) -> None:
    change(client, **values)
    assert client.get(PAGE).status_code == 302


def test_a_session_is_of_whom_it_names_not_of_whom_its_row_does(client: Client) -> None:
    other = make_person("jonas")
    other.set_password("a secret of his own")
    other.save()
    PersonSession.objects.update(person=other)
    assert client.get("/admin/").context["user"].username == "maren"
    change(client, **{SESSION_KEY: str(other.pk)})
    assert client.get(PAGE).status_code == 302


def test_a_session_signed_with_a_key_of_before_lives_on(client: Client, settings: Any) -> None:
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the key of after"
    # Django looks the person up, and writes the session anew under the key of now.
    assert people_asked(client) == 1
    assert people_asked(client) == 0


def test_any_other_backend_is_asked_by_django(client: Client, settings: Any) -> None:
    settings.AUTHENTICATION_BACKENDS = [
        name for name in settings.AUTHENTICATION_BACKENDS if name != BACKEND
    ]
    assert client.get(PAGE).status_code == 302
