"""Figures of quality as files: the same values as CSV and as Parquet, with their types."""

import csv
from io import BytesIO, StringIO
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.test import Client

from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from qa.admin.quality_files import ESTIMATES, PROFILE, UNITS
from qa.population.models import SamplingUnit
from qa.sampling.models import SamplePeriod
from qa.sampling.types import PeriodState, ReplacedFor
from tests.factories.weeks import make_week, weeks_ago
from tests.qa.admin.conftest import Browser

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]
#: What a spreadsheet would run, were it not data.
FORMULA = "=SUM(1)"
FILE = "/admin/quality/estimate/file/?plan=weekly"


def texts(client: Client, address: str) -> list[dict[str, str]]:
    answer = client.get(address)
    assert answer["Content-Type"].startswith("text/csv")
    return list(csv.DictReader(StringIO(answer.content.decode())))


def table(client: Client, address: str) -> Any:
    answer = client.get(address)
    assert answer["Content-Type"] == "application/vnd.apache.parquet"
    assert ".parquet" in answer["Content-Disposition"]
    return pq.read_table(BytesIO(answer.content))


def types(found: Any) -> dict[str, str]:
    return {field.name: str(field.type) for field in found.schema}


STORED = {
    "text": "string",
    "whole": "int64",
    "number": "double",
    "flag": "bool",
    "time": "timestamp[us, tz=UTC]",
}


def stored(columns: dict[str, str]) -> dict[str, str]:
    return {name: STORED[kind] for name, kind in columns.items()}


def test_a_plans_periods_keep_their_types_and_taking_them_is_on_record(browser: Browser) -> None:
    period, _drawn = make_week(weeks_ago(0))
    client = browser(Role.QA_LEAD)
    [line] = texts(client, FILE)
    assert list(line) == list(ESTIMATES)
    assert (line["plan"], line["estimate"], line["standing"]) == ("weekly", "0.75", "known")
    found = table(client, f"{FILE}&as=parquet")
    assert types(found) == stored(ESTIMATES)
    [row] = found.to_pylist()
    assert (row["estimate"], row["reviewed"], row["starts_at"]) == (0.75, 8, period.starts_at)
    assert (row["target"], row["verdict"], row["design_effect"]) == (None, None, 1.0)
    assert LedgerEntry.objects.filter(kind="ledger.read").count() == 2
    assert client.get("/admin/quality/estimate/file/?plan=gone").status_code == 404


def test_one_ai_over_time_is_a_file_whose_names_are_data(browser: Browser) -> None:
    make_week(weeks_ago(0), sizes={"high": 40}, drawn=32, reviewed=32, fails=4)
    SamplingUnit.objects.update(agent=FORMULA)
    client, address = browser(Role.QA_LEAD), "/admin/quality/ai/file/?plan=weekly&agent=%3DSUM(1)"
    [line] = texts(client, address)
    assert line["value"] == f"'{FORMULA}"
    found = table(client, f"{address}&as=parquet")
    assert types(found) == stored(PROFILE)
    [row] = found.to_pylist()
    assert (row["value"], row["estimate"], row["reviews"]) == (FORMULA, 0.875, 32)
    assert client.get("/admin/quality/ai/file/?plan=weekly&agent=Nobody").status_code == 404


def test_a_drawn_sample_is_a_file_of_units_with_their_chance_and_outcome(browser: Browser) -> None:
    period, drawn = make_week(weeks_ago(0), reviewed=3)
    SamplingUnit.objects.filter(pk=drawn[0].unit_id).update(label=FORMULA)
    lost = next(one for one in drawn if one.place == 4)
    type(lost).objects.filter(pk=lost.pk).update(lost_for=ReplacedFor.UNREADABLE)
    client, address = browser(Role.QA_LEAD), f"/admin/samples/{period.public_id}/units/"
    found = table(client, f"{address}?as=parquet")
    assert types(found) == stored(UNITS)
    rows = found.to_pylist()
    assert len(rows) == len(drawn)
    by_unit = {row["unit"]: row for row in rows}
    first, gone = by_unit[drawn[0].unit.subject], by_unit[lost.unit.subject]
    assert first["label"] == FORMULA
    assert first["inclusion_probability"] == pytest.approx(4 / 6)
    assert first["stands_for"] == 1.5
    assert (first["passed"], first["checks_would_pass"]) == (False, True)
    assert (gone["passed"], gone["no_answer_for"]) == (None, "unreadable")
    assert {row["stratum"]: row["place"] for row in rows} == {"high": 4, "low": 4}
    assert {line["label"] for line in texts(client, address)} >= {f"'{FORMULA}"}

    assert browser(Role.QA_ANALYST).get(address).status_code in {403, 404}
    SamplePeriod.objects.update(state=PeriodState.HELD)
    assert client.get(address).status_code == 404
