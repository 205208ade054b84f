"""Operations as a page: the worst in the title, what waits, and a bounded number of queries."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from cases.tools.models import ToolCall
from governance.access.selectors import authority_of
from governance.liveness.models import BreakerSign, WorkerSign
from orchestra.core import clock
from orchestra.core.breaker import OPEN
from orchestra.operations.reading import read_running
from tests.cases.admin.test_unknown_outcomes import lost  # noqa: F401  by name
from tests.factories.webhooks import make_endpoint, make_webhook_delivery
from tests.flows.conftest import World
from tests.governance.admin.conftest import Browser, browser, retail  # noqa: F401  by name

PAGE = "/admin/operations/"
#: Session and person, and eleven of its own, however much is stored.
QUERIES = 14


@pytest.fixture
def client(browser: Browser) -> Client:  # noqa: F811
    return browser("supervisor")


def text_of(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_what_is_wrong_stands_first_with_what_waits_and_where_to_go(
    lost: ToolCall,  # noqa: F811
    retail: World,  # noqa: F811
    client: Client,
) -> None:
    now = clock.now()
    WorkerSign.objects.create(worker="w1@here", queue="calls", at=now - timedelta(hours=2))
    connection = lost.tool.connection
    BreakerSign.objects.create(
        connection_key=connection.key, process="a:1", state=OPEN, failures=5, at=now
    )
    endpoint = make_endpoint(retail.people["operator"], now)
    make_webhook_delivery(endpoint, now, state="failed", ended_at=now)
    make_webhook_delivery(endpoint, now, attempts=2)
    page = text_of(client.get(PAGE))
    assert "<h1>No worker takes work</h1>" in page
    assert f"{connection.title} does not answer" in page
    assert "1 outcome is unknown" in page
    assert f"/admin/unknown-outcomes/{lost.public_id}/" in page
    assert "last took work 2 h" in page
    assert "1 given up" in page
    assert "1 on their way, 1 tried again" in page
    assert f"?queue={lost.case.queue.key}" in page
    assert 'data-poll="/admin/operations/now/"' in page
    assert "data-poll" not in text_of(client.get(f"{PAGE}?still=1"))


def test_the_part_asks_again_with_few_queries_and_all_is_well(
    retail: World,  # noqa: F811
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    del retail
    WorkerSign.objects.create(worker="w1@here", queue="calls", at=clock.now())
    assert "<h1>Everything runs</h1>" in text_of(client.get(PAGE))
    with django_assert_num_queries(QUERIES):
        part = text_of(client.get(f"{PAGE}now/"))
    assert part.startswith('<div id="operations"')
    assert "Every outcome is known." in part


def test_reading_takes_eleven_queries(
    lost: ToolCall,  # noqa: F811
    retail: World,  # noqa: F811
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    authority = authority_of(retail.people["supervisor"].as_actor())
    with django_assert_num_queries(11):
        found = read_running(authority=authority, now=clock.now())
    assert [one.pk for one in found.unknown] == [lost.pk]
    assert sum(line.approvals for line in found.queues) == 1
