"""`/metrics`: who may ask, what it says, and that one broken collector spoils no other."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families

from governance.ledger import services
from governance.ledger.models import LedgerNode
from orchestra.core import metrics
from tests.factories.ledger import AT, make_entries, without_guards

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _checkpoint_file(settings: Any, tmp_path: Any) -> None:
    settings.LEDGER_CHECKPOINT_FILE = tmp_path / "checkpoints.txt"


@pytest.fixture
def broken() -> Iterator[None]:
    def collect() -> Iterator[Any]:
        yield metrics.gauge("half", "Not all of it.", 1)
        raise RuntimeError("no answer")

    metrics.collectors.register("broken", collect)
    yield
    del metrics.collectors._items["broken"]


def read(**headers: str) -> dict[tuple[str, ...], float]:
    answer = Client().get("/metrics", headers=headers or None)
    assert answer.status_code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def test_an_empty_ledger_has_its_gauges() -> None:
    found = read()
    assert found["orchestra_ledger_entries",] == 0
    assert found["orchestra_ledger_signing_stopped",] == 0
    assert ("orchestra_ledger_checkpoint_size",) not in found
    assert found["orchestra_collector_failed", "ledger"] == 0


def test_the_ledger_is_told_as_it_stands() -> None:
    make_entries(3)
    services.verify(now=AT)
    found = read()
    assert found["orchestra_ledger_entries",] == 3
    # The checkpoint's own entry and that of the check.
    assert found["orchestra_ledger_unsequenced_entries",] == 2
    assert found["orchestra_ledger_unsequenced_oldest_seconds",] > 0
    assert found["orchestra_ledger_checkpoint_size",] == 3
    assert found["orchestra_ledger_checkpoint_age_seconds",] > 0
    assert found["orchestra_ledger_verification_ok",] == 1
    assert found["orchestra_ledger_outside_copy", "missing"] == 1
    assert found["orchestra_ledger_outside_copy", "agrees"] == 0


def test_a_stop_is_told() -> None:
    make_entries(8)
    services.sequence(now=AT)
    with without_guards():
        LedgerNode.objects.filter(level=3).update(hash=bytes(32))
    services.keep_sequencing(now=AT)
    assert read()["orchestra_ledger_signing_stopped",] == 1
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "signing is stopped")


def test_a_scrape_takes_few_queries_however_long_the_ledger() -> None:
    counts = []
    for count in (3, 30):
        make_entries(count)
        services.verify(now=AT)
        with CaptureQueriesContext(connection) as captured:
            read()
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 21


@pytest.mark.usefixtures("broken")
def test_a_collector_that_fails_is_named_and_spoils_no_other() -> None:
    found = read()
    assert found["orchestra_collector_failed", "broken"] == 1
    assert found["orchestra_ledger_entries",] == 0
    assert ("orchestra_half",) not in found


@pytest.mark.parametrize(
    ("given", "status"),
    [("Bearer right", 200), ("Bearer wrong", 404), ("Basic right", 404), ("", 404)],
)
def test_a_token_is_asked_for_where_one_is_set(given: str, status: int, settings: Any) -> None:
    settings.METRICS_TOKEN = "right"
    headers = {"Authorization": given} if given else {}
    assert Client().get("/metrics", headers=headers).status_code == status


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("10.0.0.7", {}, 404),
        ("", {}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 404),
        ("127.0.0.1", {"Forwarded": "for=127.0.0.1"}, 404),
    ],
)
def test_without_a_token_only_this_machine_is_told(
    address: str, headers: dict[str, str], status: int
) -> None:
    answer = Client(REMOTE_ADDR=address).get("/metrics", headers=headers)
    assert answer.status_code == status
