"""Standing reports over REST: read with their lines, on the record, over a span."""

import pytest
from django.test import Client

from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from orchestra.core.origin import Channel, Origin, coming_from
from tests.factories.access import make_person
from tests.factories.ledger import make_entry

pytestmark = pytest.mark.django_db
PATH = "/api/v1/reports/"
SPAN = "?from=2026-11-19T00:00:00Z&to=2026-11-20T00:00:00Z"


@pytest.fixture
def officer(client: Client) -> Client:
    person = make_person("ilse", roles=[Role.COMPLIANCE_OFFICER])
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_reports_are_listed_with_what_they_are_evidence_for(officer: Client) -> None:
    found = {one["code"]: one for one in officer.get(PATH).json()}
    assert "SOC 2 CC8.1" in found["changes"]["requirements"]
    assert found["changes"]["does_not_show"]


def test_a_report_names_what_is_missing_and_its_reading_is_recorded(officer: Client) -> None:
    make_entry(kind="ledger.read", stream="system", payload={"what": "all"})
    make_entry(kind="ledger.read", stream="system", payload={})
    answer = officer.get(f"{PATH}log_access/{SPAN}")
    lines = {one["code"]: one for one in answer.json()["lines"]}
    assert (lines["what"]["complete"], lines["what"]["total"]) == (1, 2)
    assert lines["what"]["missing"] == ["system 2"]
    reads = LedgerEntry.objects.filter(kind="ledger.read", actor_kind="human")
    assert reads.exclude(actor_id="u-12").count() == 1


def test_a_table_is_read_as_csv_and_on_record(officer: Client) -> None:
    make_entry(kind="act.refused", stream="system", subject_kind="case", subject_id="c-1")
    tables = officer.get(f"{PATH}events/{SPAN}").json()["tables"]
    assert "10_2_1_4" in [one["code"] for one in tables]
    answer = officer.get(f"{PATH}events/tables/10_2_1_4/{SPAN}")
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 2
    assert "2026-11-19T" in lines[1]
    assert LedgerEntry.objects.filter(kind="ledger.read", actor_kind="human").count() == 2


def test_addresses_of_a_table_take_the_right_to_see_them(client: Client) -> None:
    with coming_from(Origin(Channel.API, "192.0.2.7")):
        make_entry(kind="act.refused", stream="system")
    table = f"{PATH}events/tables/10_2_1_4/{SPAN}"
    for name, role, status in (
        ("lea", Role.COMPLIANCE_OFFICER, 200),
        ("omar", Role.SUPERVISOR, 403),
    ):
        client.force_login(make_person(name, roles=[role]))
        masked = client.get(table)
        assert b"192.0.2.7" not in b"".join(masked.streaming_content)  # type: ignore[attr-defined]
        answer = client.get(f"{table}&unmasked=true")
        assert answer.status_code == status
        if status == 200:
            assert b"192.0.2.7" in b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def test_controls_are_listed_with_what_gives_evidence(officer: Client) -> None:
    found = {one["number"]: one for one in officer.get(f"{PATH}controls/").json()}
    assert found["CC8.1"]["reports"] == ["changes"]
    assert (found["A.2.2"]["reports"], found["A.2.2"]["kinds"]) == ([], [])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("nothing/", 404),
        ("changes/tables/nothing/", 404),
        ("changes/?from=yesterday", 422),
        ("changes/?from=2026-11-20T00:00:00Z&to=2026-11-19T00:00:00Z", 422),
        ("changes/?from=2020-01-01T00:00:00Z&to=2026-11-19T00:00:00Z", 422),
    ],
)
def test_what_makes_no_sense_is_refused(officer: Client, path: str, status: int) -> None:
    assert officer.get(f"{PATH}{path}").status_code == status
    assert not LedgerEntry.objects.filter(kind="ledger.read").exists()
