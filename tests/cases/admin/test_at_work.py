"""Connections at work as a page: the worst first, what to do, and few queries."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from cases.tools.models import ToolAttempt, ToolCall
from cases.tools.types import AttemptOutcome, CallState, ConnectionKind
from governance.liveness.models import BreakerSign
from orchestra.core import clock
from orchestra.core.breaker import CLOSED, OPEN
from tests.cases.admin.test_unknown_outcomes import lost, text_of  # noqa: F401  by name
from tests.factories.tools import make_connection
from tests.flows.conftest import World
from tests.governance.admin.conftest import Browser, browser, retail  # noqa: F401  by name

PAGE = "/admin/connections-at-work/"
#: Session and person, the frame's counts, and one trip of its own, however much is stored.
QUERIES = 4


@pytest.fixture
def key(lost: ToolCall) -> str:  # noqa: F811  pytest names fixtures so
    """The connection of a call that was lost, and of nothing else that was tried there."""
    ToolAttempt.objects.exclude(call=lost).delete()
    return lost.tool.connection.key


@pytest.fixture
def client(browser: Browser) -> Client:  # noqa: F811
    return browser("supervisor")


def tell(key: str, *, seconds: int, process: str = "a:1", state: str = OPEN) -> None:
    BreakerSign.objects.create(
        connection_key=key,
        process=process,
        state=state,
        failures=5,
        at=clock.now() - timedelta(seconds=seconds),
    )


def test_failures_unknown_calls_and_what_to_do_are_shown(key: str, client: Client) -> None:
    page = text_of(client.get(PAGE))
    assert "Every connection is in use, with failures" in page
    assert "<dd>nothing" not in page
    assert '<dd class="strong">1 of 1 (100 %)</dd>' in page
    assert "none among the newest" in page
    assert '<a href="/admin/unknown-outcomes/">1</a>' in page
    assert "say whether each unknown call happened" in page
    assert f"/admin/connections/{key}/" in page


def test_an_answer_is_the_last_one_and_all_is_well(
    key: str,
    lost: ToolCall,  # noqa: F811
    client: Client,
) -> None:
    ToolAttempt.objects.update(outcome=AttemptOutcome.ANSWERED)
    ToolCall.objects.filter(pk=lost.pk).update(state=CallState.SUCCEEDED)
    del key
    page = text_of(client.get(PAGE))
    assert "<h1>Every connection is in use</h1>" in page
    assert "0 of 1 (0 %)" in page
    assert "40 min" in page


def test_one_that_is_left_alone_is_said_with_when_it_is_tried(key: str, client: Client) -> None:
    tell(key, seconds=1)
    tell(key, seconds=2, process="b:2")
    tell(key, seconds=3, process="c:3", state=CLOSED)
    make_connection("a_quiet_one", kind=ConnectionKind.HTTP)
    page = text_of(client.get(PAGE))
    assert "1 connection does not work" in page
    assert "left alone" in page
    assert "as 2 worker processes see it" in page
    assert "It is left alone until" in page
    assert page.index(f'data-row="{key}"') < page.index('data-row="a_quiet_one"')

    BreakerSign.objects.update(at=clock.now() - timedelta(seconds=31))
    later = text_of(client.get(PAGE))
    assert "tried again with the next call" in later


@pytest.mark.parametrize("more", [0, 8])
def test_its_queries_do_not_grow(
    lost: ToolCall,  # noqa: F811
    client: Client,
    more: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(more):
        make_connection(f"c{number}", kind=ConnectionKind.HTTP)
        tell(f"c{number}", seconds=1)
        now: Any = clock.now()
        ToolAttempt.objects.create(
            call=lost, number=10 + number, started_at=now, ended_at=now, outcome="answered"
        )
    client.get(PAGE)
    with django_assert_num_queries(QUERIES):
        assert client.get(PAGE).status_code == 200


def test_a_scrape_is_told_the_same(key: str, retail: World) -> None:  # noqa: F811
    del retail
    told = Client().get("/metrics", REMOTE_ADDR="127.0.0.1").content.decode()
    assert f'orchestra_connection_failures_hour{{connection="{key}"}} 1.0' in told
    assert f'orchestra_connection_calls_unknown{{connection="{key}"}} 1.0' in told
    assert 'orchestra_collector_failed{collector="connections"} 0.0' in told
