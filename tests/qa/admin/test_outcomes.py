"""The outcomes and the page of one metric: numbers, words, age, files and cases."""

import csv
import json
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from django.test import Client
from pyarrow.parquet import read_table
from pytest_django import DjangoAssertNumQueries

from cases.memory.models import Case
from governance.access.types import Role
from orchestra.core import clock
from qa.measurement.models import MeasuredCase, MetricCell
from qa.measurement.services import follow_ledger
from qa.measurement.services.computing import this_monday
from tests.factories.cases import make_case
from tests.factories.measured import make_cells, place, write
from tests.qa.admin.conftest import Browser

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]

#: Session, person, roles, grants and counts of the frame, then definitions and cells.
QUERIES = 4
METRICS = (
    "recontact_rate",
    "transfer_rate",
    "time_to_resolution",
    "after_contact_work",
    "exception_rate",
    "audit_completeness",
)


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_before_anything_is_computed_it_says_not_yet(browser: Browser) -> None:
    text = text_of(browser(Role.QA_LEAD), "/admin/outcomes/")
    assert "Outcomes: not yet" in text
    assert "Nothing is computed yet" in text
    assert text_of(browser(Role.QA_LEAD), "/admin/outcomes/transfer_rate/")


def test_the_six_stand_in_order_with_interval_target_and_what_was_left_out(
    browser: Browser,
) -> None:
    make_cells(now=clock.now())
    text = text_of(browser(Role.SUPERVISOR), "/admin/outcomes/")
    places = [text.index(f'id="{key}"') for key in METRICS]
    assert places == sorted(places)
    assert "12.5 % <small>95 %: 5.4 to 27.5" in text
    assert "2:00 min" in text
    assert "Target at most 10 %: not shown" in text
    assert "nine in ten by 8.0 h" in text.lower()
    assert "up to ledger entry 1234" in text
    assert text.count('class="metric-plot"') == 8
    assert "old." not in text


def test_one_metric_has_its_curve_breakdown_and_definition(browser: Browser) -> None:
    make_cells(now=clock.now())
    client = browser(Role.QA_LEAD)
    returns = text_of(client, "/admin/outcomes/recontact_rate/")
    assert "At the usual windows" in returns
    assert "too few, or another could be had by subtraction" in returns
    assert "A thank-you" in returns or "a thank-you" in returns
    times = text_of(client, "/admin/outcomes/time_to_resolution/")
    assert "Share resolved, by hours since the opening" in times
    moved = text_of(client, "/admin/outcomes/transfer_rate/")
    assert "cross team" in moved
    assert "low confidence" in moved
    assert "With the same mix" in moved
    assert moved.count('<td class="num">100 %</td>') == 2
    assert client.get("/admin/outcomes/nothing/").status_code == 404


def test_time_spent_waiting_for_others_stands_beside_the_time(browser: Browser) -> None:
    make_cells(now=clock.now())
    client = browser(Role.QA_LEAD)
    address = "/admin/outcomes/time_to_resolution/"
    assert "without the time spent waiting for others" not in text_of(client, address)
    for cell in MetricCell.objects.filter(key="time_to_resolution"):
        cell.body["figure"]["beside"] |= {"waited": 7, "net": 2.5}
        cell.save()
    text = text_of(client, address)
    assert "half by 2.5 h without the time spent waiting for others" in text
    assert "7 waited for the customer or a third party" in text


def test_few_cases_give_way_to_the_interval(browser: Browser) -> None:
    make_cells(now=clock.now(), cases=12)
    text = text_of(browser(Role.QA_LEAD), "/admin/outcomes/")
    assert "Fewer than 30 cases: interval only." in text
    assert 'class="verdict' not in text


def test_old_numbers_say_so(browser: Browser) -> None:
    make_cells(now=clock.now())
    MetricCell.objects.update(computed_at=clock.now() - timedelta(hours=30))
    assert "These numbers are 30 hours old." in text_of(browser(Role.QA_LEAD), "/admin/outcomes/")


def test_queries_do_not_grow(
    browser: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = browser(Role.QA_LEAD)
    # What waits beside the sidebar's lines is counted now, and not again for a while.
    client.get("/admin/findings/")
    with django_assert_num_queries(QUERIES):
        client.get("/admin/outcomes/")
    make_cells(now=clock.now())
    with django_assert_num_queries(QUERIES):
        client.get("/admin/outcomes/")
    # Its alerts, and what came into force: cue sheets and policies.
    with django_assert_num_queries(QUERIES + 3):
        client.get("/admin/outcomes/recontact_rate/")


def test_the_numbers_as_files(browser: Browser) -> None:
    make_cells(now=clock.now())
    client = browser(Role.QA_LEAD)
    rows = list(csv.DictReader(StringIO(text_of(client, "/admin/outcomes/export/csv/"))))
    assert len(rows) == 8 * 14
    told = json.loads(text_of(client, "/admin/outcomes/export/json/"))
    assert len(told) == len(rows)
    own = [one for one in told if one["metric"] == "transfer_rate" and one["weeks"] == 4]
    # The contacts that came back are handled contacts too, without a transfer.
    assert [(one["hits"], one["n"]) for one in own] == [(5, 45), (5, 45)]
    assert client.get("/admin/outcomes/export/pdf/").status_code == 404
    table = read_table(BytesIO(client.get("/admin/outcomes/export/parquet/").content))
    assert table.num_rows == len(rows)
    assert table.column("computed_at")[0].as_py().tzinfo is not None
    parts = json.loads(text_of(client, "/admin/outcomes/export/json/?of=parts"))
    channels = {
        one["part"]: one["n"]
        for one in parts
        if (one["metric"], one["by"]) == ("transfer_rate", "channel")
    }
    # Too few to be told, and the one beside them that would tell them.
    assert set(channels) == {"chat", "voice", "email"}
    assert None in channels.values()
    parquet = client.get("/admin/outcomes/export/parquet/?of=parts").content
    assert read_table(BytesIO(parquet)).num_rows == len(parts)


def case_in_numbers(*, days: int = 2) -> Case:
    """A case of last week that the ledger knows."""
    now = clock.now()
    monday = this_monday(now=now, time_zone="America/New_York")
    at = now - (now.date() - monday + timedelta(days=days)) if now.date() > monday else now
    at -= timedelta(days=days) if now.date() == monday else timedelta(0)
    case = make_case()
    name = str(case.public_id)
    write(name, "case.opened", at, channel="chat", queue="care", interaction=name)
    place(now)
    follow_ledger(now=now)
    return case


def test_the_cases_behind_a_number(browser: Browser) -> None:
    case = case_in_numbers()
    assert MeasuredCase.objects.count() == 1
    text = text_of(browser(Role.COMPLIANCE_OFFICER), "/admin/outcomes/time_to_resolution/cases/")
    assert case.label in text
    assert f"/admin/cases/{case.public_id}/" in text


@pytest.mark.parametrize("role", [Role.HUMAN_AGENT, Role.SPECIALIST])
def test_who_may_not_read_finds_nothing(browser: Browser, role: Role) -> None:
    client = browser(role)
    for address in ("", "export/csv/", "recontact_rate/", "recontact_rate/cases/"):
        assert client.get(f"/admin/outcomes/{address}").status_code == 404
