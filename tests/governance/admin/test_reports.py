"""The compliance officer reads what the record holds for a requirement, and what it lacks."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.controls import services as controls
from governance.controls.registry import ordered
from governance.ledger.models import LedgerEntry
from governance.ledger.selectors import payload_of
from orchestra.core import clock
from orchestra.core.origin import Channel, Origin, coming_from
from tests.factories.ledger import make_entry, spared
from tests.flows.conftest import World
from tests.governance.admin.conftest import Browser

PAGE = "/admin/reports/"
#: Of the page once its reports are made.
QUERIES_OF_MADE = 13
#: Of the page of each report over a short span, and of the one of all of them.
QUERIES = {
    "": 12,
    "changes": 11,
    "access": 11,
    "oversight": 12,
    "incidents": 11,
    "recording": 11,
    "log_access": 11,
    "events": 11,
    "retention": 11,
    "disclosure": 11,
}


@pytest.fixture
def officer(retail: World, browser: Browser) -> Client:
    del retail
    return browser("compliance")


def _text(client: Client, address: str = PAGE) -> str:
    answer = client.get(address, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_every_report_stands_with_its_requirements(officer: Client) -> None:
    text = _text(officer)
    for report in ordered():
        assert str(report.title) in text
        assert report.requirements[0] in text
    assert LedgerEntry.objects.filter(kind="ledger.read").count() == 1


def test_a_gap_names_its_record_and_leads_to_it(officer: Client) -> None:
    _text(officer, f"{PAGE}log_access/")
    with_reads = _text(officer, f"{PAGE}log_access/")
    assert "no statement that it is met" in with_reads
    assert "From which address somebody read" in with_reads
    make_entry(stream="system", kind="role.given", payload={"person": "x"})
    access = _text(officer, f"{PAGE}access/")
    assert "Lack it:" in access
    assert "/admin/ledger/?stream=system" in access
    assert f"/admin/evidence/?prove=access&amp;from={clock.now() - timedelta(days=93):%Y}" in access


def test_the_file_is_a_table(officer: Client) -> None:
    answer = officer.get(f"{PAGE}changes/?form=csv")
    lines = answer.content.decode().splitlines()
    assert lines[0] == '"looked for","complete","total","erased","missing"'
    assert len(lines) > 3
    assert answer["Content-Disposition"] == 'attachment; filename="report-changes.csv"'


@pytest.mark.parametrize(
    "span",
    ["from=2026-11-02&to=2026-11-01", "from=2020-01-01&to=2026-11-01", "from=x&to=2026-13-90"],
)
def test_days_that_make_no_sense_are_told(officer: Client, span: str) -> None:
    assert "of at most 400 days" in _text(officer, f"{PAGE}?{span}")


def test_the_days_asked_for_stay_in_the_form(officer: Client) -> None:
    text = _text(officer, f"{PAGE}?from=2026-01-05&to=2026-02-06")
    assert 'value="2026-01-05"' in text
    assert 'value="2026-02-06"' in text


def test_a_report_shows_its_rows_and_gives_them_all_as_a_file(officer: Client) -> None:
    make_entry(stream="system", kind="act.refused", subject_kind="case", subject_id="c-1")
    text = _text(officer, f"{PAGE}events/")
    assert "10.2.1.4: Access refused" in text
    assert "a command" in text
    link = next(
        part for part in text.split('"') if "table=10_2_1_4" in part and part.startswith(PAGE)
    )
    answer = officer.get(link.replace("&amp;", "&"))
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[0].startswith('"User","Type of event","Time"')
    assert '"case c-1"' in lines[1]
    assert officer.get(f"{PAGE}events/?form=csv&table=none").status_code == 404


def test_addresses_are_masked_until_they_are_asked_for_which_is_on_record(
    officer: Client, browser: Browser
) -> None:
    with coming_from(Origin(Channel.WEB, "192.0.2.7")):
        make_entry(stream="system", kind="act.refused")
    assert "the pages, from •••" in _text(officer, f"{PAGE}events/")
    shown = _text(officer, f"{PAGE}events/?unmasked=1")
    assert "the pages, from 192.0.2.7" in shown
    read = LedgerEntry.objects.filter(kind="ledger.read").latest("id")
    assert payload_of(entry=read)["what"] == "report events, with network addresses"  # type: ignore[index]
    file = f"{PAGE}events/?form=csv&table=10_2_1_4&unmasked=1"
    answer = officer.get(file)
    assert b"192.0.2.7" in b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    lead = browser("lead")
    assert "192.0.2.7" not in _text(lead, f"{PAGE}events/?unmasked=1")
    assert b"192.0.2.7" not in b"".join(lead.get(file).streaming_content)


def test_a_long_table_says_that_there_is_more(officer: Client) -> None:
    for _number in range(21):
        make_entry(stream="system", kind="user.locked_out")
    assert "The first 20 rows" in _text(officer, f"{PAGE}events/")


def test_a_sample_is_drawn_by_the_seed_given(officer: Client) -> None:
    assert "Drawn with the seed auditor 7:" in _text(officer, f"{PAGE}changes/?seed=auditor+7")


def test_every_control_stands_with_its_evidence(officer: Client) -> None:
    text = _text(officer, "/admin/controls/?of=iso_42001")
    assert "ISO/IEC 42001 A.6.2.8" in text
    assert "nothing recorded here" in text
    assert "SOC 2 CC8.1" not in text
    lines = officer.get("/admin/controls/?of=iso_42001&form=csv").content.decode().splitlines()
    assert len(lines) == 39
    assert officer.get("/admin/controls/?of=none").status_code == 404


def test_there_is_no_other_report(officer: Client) -> None:
    assert officer.get(f"{PAGE}none/").status_code == 404


def test_more_entries_ask_no_more(officer: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            _text(officer)
        return len(captured)

    count()
    before = count()
    for _number in range(5):
        make_entry(stream="system", kind="role.given", payload={"person": "x"})
    assert count() == before


@pytest.mark.parametrize("code", QUERIES, ids=lambda code: code or "all")
def test_a_short_span_is_read_in_few_trips(officer: Client, code: str) -> None:
    assert set(QUERIES) == {"", *(report.code for report in ordered())}
    address = f"{PAGE}{code}/" if code else PAGE
    _text(officer, address)
    with CaptureQueriesContext(connection) as captured:
        _text(officer, address)
    assert len(captured) == QUERIES[code] - spared()


def test_a_long_span_is_read_beside_the_page_and_no_number_is_shown_before(
    officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(controls, "FEW", 1)
    text = _text(officer)
    assert "the record is read beside this page" in text
    assert text.count("being read") == len(ordered())
    assert "complete</span>" not in " ".join(text.split()).replace(" </span>", "</span>")
    one = _text(officer, f"{PAGE}access/")
    assert "Being read" in one
    assert "Nothing of this happened" not in one
    controls.make_asked(now=clock.now())
    with CaptureQueriesContext(connection) as asked:
        text = _text(officer)
    assert len(asked) <= QUERIES_OF_MADE
    assert "As of" in text
    assert "being read" not in text
    assert "As of" in _text(officer, f"{PAGE}access/")
    oversight = _text(officer, f"{PAGE}oversight/")
    assert "too long to be gone through while you wait" in oversight
    assert "table=approvers" in oversight
