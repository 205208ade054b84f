from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.access.models import PersonSession
from governance.access.types import Role
from orchestra.core import clock
from tests.factories.access import ALL_GRANTS, make_person, make_queue

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def client(db: None) -> Client:
    del db
    person = make_person("maren", roles=[Role.SUPERVISOR], grants={make_queue(): ALL_GRANTS})
    made = Client()
    made.force_login(person, backend=BACKEND)
    return made


def rest(minutes: int) -> Any:
    """Let a session lie for a while; return when it was last used."""
    used_at = clock.now() - timedelta(minutes=minutes)
    PersonSession.objects.update(used_at=used_at)
    return used_at


def used_at(client: Client) -> Any:
    return PersonSession.objects.get(session_key=client.session.session_key).used_at


def test_a_page_is_use_and_moves_the_end(client: Client) -> None:
    before = rest(30)
    end = PersonSession.objects.get().expire_date
    assert client.get("/admin/").status_code == 200
    assert used_at(client) > before
    assert PersonSession.objects.get().expire_date > end


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/admin/approvals/live/", {}),
        ("/admin/approvals/", {"X-Requested-With": "fetch"}),
        ("/api/v1/approvals/?wait=0", {}),
    ],
)
def test_what_a_page_asks_by_itself_keeps_no_session_alive(
    client: Client, path: str, headers: dict[str, str]
) -> None:
    before = rest(30)
    assert client.get(path, headers=headers).status_code == 200
    assert used_at(client) == before


def test_a_session_is_written_at_most_once_a_minute(client: Client) -> None:
    client.get("/admin/")
    with CaptureQueriesContext(connection) as captured:
        client.get("/admin/")
    assert not any("UPDATE" in query["sql"] for query in captured)
    rest(2)
    with CaptureQueriesContext(connection) as captured:
        client.get("/admin/")
    assert sum("UPDATE" in query["sql"] for query in captured) == 1


def test_use_writes_no_more_than_the_time(client: Client) -> None:
    rest(2)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get("/admin/")
    [update] = [query["sql"] for query in captured if "UPDATE" in query["sql"]]
    assert "session_data" not in update
    assert "Max-Age" not in str(answer.cookies.get("sessionid", ""))
