"""A worker keeps its connection to the database from task to task, and lets old ones go."""

import time
from contextlib import closing
from types import SimpleNamespace
from typing import Any

import pytest
from celery import signals
from celery.fixups.django import DjangoWorkerFixup
from django.db import connection

from orchestra.celery import app

pytestmark = pytest.mark.django_db(transaction=True)


class Sender:
    """A task, as far as signals tell of it."""

    def __init__(self, *, is_eager: bool) -> None:
        self.request = SimpleNamespace(is_eager=is_eager)


def send(signal: Any, *, is_eager: bool = False) -> None:
    """Say that a task begins or has ended, as a worker does."""
    signal.send(sender=Sender(is_eager=is_eager), task_id="1")


@pytest.mark.postgresql
def test_a_connection_is_kept_between_tasks() -> None:
    connection.ensure_connection()
    kept = connection.connection

    DjangoWorkerFixup(app).close_database()
    send(signals.task_prerun)
    send(signals.task_postrun)

    assert connection.connection is kept
    assert connection.is_usable()


@pytest.mark.postgresql
def test_an_old_connection_is_let_go_and_one_of_a_running_act_is_not() -> None:
    connection.ensure_connection()
    connection.close_at = time.monotonic() - 1

    send(signals.task_prerun, is_eager=True)
    assert connection.connection is not None

    send(signals.task_postrun)
    assert connection.connection is None


@pytest.mark.postgresql
def test_a_connection_that_the_server_ended_is_made_anew() -> None:
    connection.ensure_connection()
    [pid] = connection.connection.execute("SELECT pg_backend_pid()").fetchone()
    another = connection.copy()
    with closing(another), another.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])

    send(signals.task_prerun)

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
