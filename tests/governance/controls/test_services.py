"""Reports over a long span are made beside the page, and say as of when they are."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance import tasks
from governance.controls import services
from governance.controls.models import ReportRun
from governance.controls.registry import ordered
from orchestra.core import clock
from orchestra.core.said import Said
from tests.conftest import NOW
from tests.factories.cases import make_case
from tests.factories.ledger import make_entry

pytestmark = pytest.mark.django_db
SPAN = {"since": NOW - timedelta(days=90), "until": NOW + timedelta(days=1)}
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "FEW", 2)


def much() -> None:
    for _number in range(3):
        make_entry(stream="system", kind="role.given", payload={"person": "x"})


def test_a_short_span_is_read_at_once_and_nothing_is_kept() -> None:
    made = services.find_or_ask(**SPAN, now=NOW)
    assert (made.is_read_now, made.is_waiting) == (True, False)
    assert not ReportRun.objects.exists()


def test_a_span_with_much_that_a_report_goes_through_is_long_whatever_the_entries(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone_through = [report.code for report in ordered() if report.rows is not None]
    assert gone_through == ["oversight", "disclosure"]
    for number in range(3):
        make_case(opened_at=NOW - number * MINUTE)
    monkeypatch.setattr(services, "FEW_ROWS", 3)
    assert services.find_or_ask(**SPAN, now=NOW).is_read_now
    monkeypatch.setattr(services, "FEW_ROWS", 2)
    assert services.find_or_ask(**SPAN, now=NOW).is_waiting


def test_a_long_span_waits_is_made_and_is_what_reading_it_gives() -> None:
    much()
    made = services.find_or_ask(**SPAN, now=NOW)
    assert (made.is_waiting, made.lines, made.asked_at) == (True, {}, NOW)
    assert services.find_or_ask(**SPAN, now=NOW + MINUTE).asked_at == NOW
    assert services.make_asked(now=NOW + 2 * MINUTE) == 1
    assert services.make_asked(now=NOW + 2 * MINUTE) == 0
    made = services.find_or_ask(**SPAN, now=NOW + 3 * MINUTE)
    assert (made.is_waiting, made.as_of, made.asked_at) == (False, NOW + 2 * MINUTE, None)
    for report in ordered():
        assert made.lines[report.code] == tuple(report.gaps(**SPAN))
    access = made.lines["access"]
    assert sum(line.total for line in access) >= 3
    assert any(line.missing for line in access)
    assert all(isinstance(line.title, Said) for line in access)


def test_old_lines_are_shown_with_their_time_while_new_ones_are_made() -> None:
    much()
    services.find_or_ask(**SPAN, now=NOW)
    services.make_asked(now=NOW)
    later = NOW + services.FRESH + MINUTE
    made = services.find_or_ask(**SPAN, now=later)
    assert (made.as_of, made.asked_at) == (NOW, later)
    much()
    assert services.make_asked(now=later + MINUTE) == 1
    fresh = services.find_or_ask(**SPAN, now=later + 2 * MINUTE)
    assert (fresh.as_of, fresh.asked_at) == (later + MINUTE, None)
    assert sum(one.total for one in fresh.lines["access"]) > sum(
        one.total for one in made.lines["access"]
    )


def test_a_worker_that_is_at_it_is_waited_for_and_one_that_is_lost_is_not() -> None:
    much()
    services.find_or_ask(**SPAN, now=NOW)
    ReportRun.objects.update(begun_at=NOW + MINUTE)
    assert services.make_asked(now=NOW + 2 * MINUTE) == 0
    assert services.make_asked(now=NOW + MINUTE + services.LEASE + MINUTE) == 1


def test_what_nobody_looks_at_is_forgotten_and_the_task_makes_the_rest() -> None:
    much()
    services.find_or_ask(**SPAN, now=NOW - services.KEPT)
    now = clock.now()
    services.find_or_ask(since=SPAN["since"], until=now + MINUTE, now=now)
    tasks.make_reports()
    assert ReportRun.objects.get().made_at is not None


def test_statements_for_a_long_span_do_not_grow_with_it() -> None:
    counts = []
    for _turn in range(2):
        much()
        services.find_or_ask(**SPAN, now=NOW)
        services.make_asked(now=NOW)
        with CaptureQueriesContext(connection) as asked:
            services.find_or_ask(**SPAN, now=NOW)
        counts.append(len(asked))
    assert counts[0] == counts[1]
