"""What a scrape is told of webhooks, approvals and breakers."""

from datetime import timedelta

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import DjangoAssertNumQueries

from governance.access.models import User
from governance.approvals.metrics import collect_approvals
from governance.webhooks.metrics import collect_webhooks
from orchestra.core import clock
from orchestra.core.breaker import FAILURES_TO_OPEN, breaker_of
from tests.factories.access import make_queue
from tests.factories.approvals import make_request, register_recorder
from tests.factories.webhooks import make_endpoint, make_webhook_delivery

pytestmark = pytest.mark.django_db


def scraped() -> dict[str, float]:
    return {
        "".join([sample.name.removeprefix("orchestra_"), *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(Client().get("/metrics").content.decode())
        for sample in family.samples
    }


def test_the_backlog_is_that_of_endpoints_that_are_sent_to(
    petra: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert scraped()["webhook_backlog"] == scraped()["webhook_backlog_oldest_seconds"] == 0
    hour_ago = clock.now() - timedelta(hours=1)
    endpoint = make_endpoint(petra, hour_ago)
    for state in ("waiting", "sending", "failed", "failed", "delivered"):
        make_webhook_delivery(endpoint, hour_ago, state=state)
    make_webhook_delivery(make_endpoint(petra, hour_ago, state="stopped"), hour_ago)
    found = scraped()
    assert (found["webhook_backlog"], found["webhook_failed"]) == (2, 2)
    assert found["webhook_backlog_oldest_seconds"] == pytest.approx(3600, abs=60)
    with django_assert_num_queries(2):
        list(collect_webhooks())


def test_approvals_that_wait_are_told_in_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    assert scraped()["approvals_waiting"] == 0
    assert "approvals_next_deadline_seconds" not in scraped()
    register_recorder()
    queue = make_queue("returns")
    for _number in range(3):
        make_request(queue)
    found = scraped()
    assert found["approvals_waiting"] == 3
    assert found["approvals_waiting_oldest_seconds"] > 0
    assert "approvals_next_deadline_seconds" in found
    with django_assert_num_queries(1):
        list(collect_approvals())


def test_an_open_breaker_is_told() -> None:
    breaker_of("store").succeeded()
    assert scraped()["breaker_openstore"] == 0
    for second in range(FAILURES_TO_OPEN):
        breaker_of("store").failed(float(second))
    assert scraped()["breaker_openstore"] == 1
