"""What is asked again and again is planned once a connection, and only by its own cursor."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.access.models import Queue
from orchestra.core.cursors import planning_cursor
from orchestra.core.prepared import Prepared
from orchestra.core.together import read_together
from tests.factories.access import make_queue

pytestmark = pytest.mark.django_db

ASKED = "SELECT key FROM governance_queue WHERE key = %s"
OFTEN = 4


def planned(text: str) -> list[Any]:
    """The statements with a text that the server keeps planned for this connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [row[0] for row in cursor.fetchall() if text in row[0]]


def test_its_rows_are_those_of_any_cursor() -> None:
    queue = make_queue()

    with planning_cursor() as cursor:
        for _time in range(OFTEN):
            cursor.execute(ASKED, [queue.key])
            assert cursor.fetchall() == [(queue.key,)]


@pytest.mark.postgresql
def test_the_server_plans_a_statement_once_and_binds_its_values() -> None:
    prepared = Prepared(lambda key: Queue.objects.filter(title=key))

    for number in range(OFTEN):
        queue = make_queue(title=f"queue {number}")
        assert prepared.rows(f"queue {number}") == [queue]

    [statement] = planned('WHERE "governance_queue"."title" = ')
    assert "$1" in statement
    assert "queue 0" not in statement


@pytest.mark.postgresql
def test_every_other_cursor_is_as_it_was() -> None:
    with planning_cursor() as cursor:
        cursor.execute(ASKED, ["nothing"])

    for _time in range(OFTEN):
        assert list(Queue.objects.filter(title="nobody's")) == []
        # Several statements in one text cannot be bound by the server.
        read_together(Queue.objects.filter(title="a"), Queue.objects.filter(title="b"))

    assert planned('"governance_queue"."title" = ') == []


@pytest.mark.postgresql
def test_a_statement_that_is_logged_is_read_with_its_values() -> None:
    prepared = Prepared(lambda key: Queue.objects.filter(title=key))

    with CaptureQueriesContext(connection) as asked:
        for _time in range(OFTEN):
            prepared.rows("a logged one")

    assert all("'a logged one'" in one["sql"] for one in asked.captured_queries)


@pytest.mark.postgresql
def test_behind_a_pooler_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(connection.settings_dict["OPTIONS"], "prepare_threshold")

    with planning_cursor() as cursor:
        for _time in range(OFTEN):
            cursor.execute(ASKED, ["pooled"])

    assert planned("FROM governance_queue WHERE key = ") == []


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_new_connection_compiles_no_statement() -> None:
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)
