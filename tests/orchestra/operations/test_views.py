"""Operations as a page: the worst in the title, what waits, and a bounded number of queries."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from cases.tools.models import ToolAttempt, ToolCall
from governance.access.selectors import authority_of
from governance.approvals.models import ApprovalRequest
from governance.liveness.models import BreakerSign, WorkerSign
from governance.switches.services import stop
from governance.switches.types import StopScope
from orchestra.core import bounded, clock
from orchestra.core.breaker import OPEN
from orchestra.operations.executions import HOURS, read_hours
from orchestra.operations.reading import read_running
from tests.cases.admin.test_unknown_outcomes import lost  # noqa: F401  by name
from tests.factories.webhooks import make_endpoint, make_webhook_delivery
from tests.flows.conftest import World
from tests.flows.helpers import waiting_address
from tests.governance.admin.conftest import Browser, browser, retail  # noqa: F401  by name

PAGE = "/admin/operations/"
#: Session and person, and all it tells of in one trip, however much is stored.
QUERIES = 3


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


def test_it_is_read_in_one_trip(
    lost: ToolCall,  # noqa: F811
    retail: World,  # noqa: F811
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    authority = authority_of(retail.people["supervisor"].as_actor())
    with django_assert_num_queries(1):
        found = read_running(authority=authority, now=clock.now())
    assert [one.pk for one in found.unknown] == [lost.pk]
    [line] = found.queues
    request = ApprovalRequest.objects.get()
    assert (line.key, line.approvals, line.handoffs) == (request.queue.key, 1, 0)
    assert (line.due_at, line.oldest_at) == (request.deadline_at, None)


def test_a_long_queue_is_counted_no_further_than_it_is_shown(
    retail: World,  # noqa: F811
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(3):
        waiting_address(retail, number)
    monkeypatch.setattr(bounded, "COUNTED", 3)
    [line] = read_running(
        authority=authority_of(retail.people["supervisor"].as_actor()), now=clock.now()
    ).queues
    assert line.approvals == 3
    assert '<td class="num">2+</td>' in text_of(client.get(f"{PAGE}now/"))


def test_executions_by_hour_stand_as_bars_and_as_numbers(
    lost: ToolCall,  # noqa: F811
    client: Client,
) -> None:
    now = clock.now()
    ToolAttempt.objects.all().delete()
    for number, (outcome, hours) in enumerate(
        [
            ("answered", 0), ("answered", 0), ("refused", 0), ("unknown", 3),
            ("held", 3), ("stale", 3), ("answered", 40),
        ]
    ):  # fmt: skip
        at = now - timedelta(hours=hours)
        ToolAttempt.objects.create(
            call=lost, number=100 + number, started_at=at, ended_at=at, outcome=outcome
        )
    hours = [one.counts for one in read_hours(now=now)]
    assert len(hours) == HOURS
    assert [one for one in hours if any(one)] == [(0, 0, 1), (2, 1, 0)]
    assert hours[-1] == (2, 1, 0)
    page = text_of(client.get(PAGE))
    assert page.count('<rect class="bar is-done"') == 1 + 1
    assert page.count('<rect class="bar is-unknown"') == 1 + 1
    table = page[page.index("Hour from") : page.index("Attempts at systems of record")]
    assert '<td class="num">2</td><td class="num">1</td><td class="num">0</td>' in table
    ToolAttempt.objects.all().delete()
    assert "Nothing was executed in the last 24 hours." in text_of(client.get(PAGE))


@pytest.mark.django_db
def test_hours_are_cut_where_the_readers_hours_are() -> None:
    now = datetime(2026, 11, 30, 12, 10, tzinfo=UTC)
    with timezone.override("Asia/Kolkata"):
        assert read_hours(now=now)[-1].begin == datetime(2026, 11, 30, 11, 30, tzinfo=UTC)
    with timezone.override("UTC"):
        assert read_hours(now=now)[-1].begin == datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


def test_what_is_stopped_is_named_with_its_reason(
    retail: World,  # noqa: F811
    client: Client,
) -> None:
    assert "Nothing is stopped." in text_of(client.get(PAGE))
    stop(
        actor=retail.people["supervisor"].as_actor(),
        now=clock.now(),
        scope=StopScope.EVERYTHING,
        key="",
        reason="The price file is wrong.",
    )
    page = text_of(client.get(PAGE))
    assert "The price file is wrong." in page
    assert "<b>Everything</b>" in page
    assert "/admin/stops/" in page
