"""Checks run in the background over what ended."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.ledger.models import LedgerEntry
from qa import tasks
from qa.findings import services
from qa.findings.entries import RAN
from qa.findings.models import CheckCursor, Finding, UnitCheck, UnitVerdict
from qa.findings.rules import CHECKS, RULES_SERIES
from qa.findings.services import running
from qa.findings.types import CheckResult
from qa.population.models import SamplingUnit
from qa.population.types import Flag, Unit
from tests.conftest import NOW
from tests.factories.cases import last_payload
from tests.factories.checked import make_talk

pytestmark = pytest.mark.django_db

LINES = ("customer: Hi", "ai: I am an AI assistant. I have cancelled your order. Anything else?")
FINE = ("customer: Hi", "ai: I am an AI assistant. How can I help? Have a nice day.")


def test_each_unit_is_checked_once_with_its_findings_and_one_entry() -> None:
    bad, good = make_talk(*LINES), make_talk(*FINE)
    before = LedgerEntry.objects.count()
    assert services.run_next(now=NOW) == services.Ran(units=2, found=1, more=False)
    assert LedgerEntry.objects.count() == before + 1
    assert UnitCheck.objects.count() == 2 * (len(CHECKS) + 1)
    (finding,) = Finding.objects.all()
    assert (finding.unit, finding.check_row.series) == (bad, "promise_kept/1")
    assert (finding.harm, finding.detail, finding.state) == ("high", "no_call", "unseen")
    message = bad.case.messages.get(speaker="ai")
    assert finding.spans == [{"message": str(message.public_id), "start": 22, "end": 50}]
    assert message.text[22:50] == "I have cancelled your order."
    assert dict(UnitVerdict.objects.values_list("unit_id", "would_pass")) == {
        bad.pk: False,
        good.pk: True,
    }
    assert set(UnitVerdict.objects.values_list("series", flat=True)) == {RULES_SERIES}
    payload = last_payload("system")
    assert (payload["units"], payload["found"], payload["skipped"]) == (2, 1, {})
    assert payload["findings"] == [{"id": str(finding.public_id), "check": "promise_kept/1"}]
    assert services.run_next(now=NOW) == services.Ran(0, 0, more=False)
    assert LedgerEntry.objects.count() == before + 1


def test_what_cannot_be_read_is_counted_with_its_reason_and_has_no_verdict() -> None:
    make_talk()
    services.run_next(now=NOW)
    assert set(UnitCheck.objects.values_list("result", "why")) == {
        (CheckResult.SKIPPED, "no_transcript")
    }
    assert UnitVerdict.objects.count() == 0
    assert last_payload("system")["skipped"] == {"no_transcript": 1}


def test_other_units_and_what_is_left_out_are_not_read() -> None:
    make_talk(*LINES, left_out=Flag.TEST)
    make_talk(*LINES, kind=Unit.HANDOFF)
    assert services.run_next(now=NOW) == services.Ran(0, 0, more=False)
    assert UnitCheck.objects.count() == 0


def test_a_unit_that_was_written_late_below_the_cursor_is_still_found() -> None:
    late, first = make_talk(*FINE), make_talk(*FINE)
    services.run_next(now=NOW)
    UnitCheck.objects.filter(unit=late).delete()
    UnitVerdict.objects.filter(unit=late).delete()
    assert CheckCursor.objects.get().place == first.pk
    assert services.run_next(now=NOW).units == 1
    assert CheckCursor.objects.get().place == first.pk


def test_a_unit_that_another_worker_checked_meanwhile_is_left_to_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_talk(*LINES)
    units = list(SamplingUnit.objects.select_related("case__customer"))
    services.run_next(now=NOW)
    monkeypatch.setattr(running, "_waiting", lambda _batch: units)
    entries = LedgerEntry.objects.filter(kind=RAN).count()
    assert services.run_next(now=NOW).units == 0
    assert Finding.objects.count() == 1
    assert LedgerEntry.objects.filter(kind=RAN).count() == entries


def test_batches_follow_each_other_and_the_task_drains_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for _one in range(5):
        make_talk(*FINE)
    assert services.run_next(now=NOW, batch=2) == services.Ran(2, 0, more=True)
    monkeypatch.setattr(running, "BATCH", 2)
    tasks.run_checks()
    assert UnitVerdict.objects.count() == 5


def test_a_new_series_begins_where_the_one_before_stood_and_can_be_given_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = make_talk(*FINE)
    services.run_next(now=NOW)
    monkeypatch.setattr(running, "RULES_SERIES", "rules/99")
    monkeypatch.setattr(running, "OVERLAP", 0)
    assert services.run_next(now=NOW).units == 0
    new = make_talk(*FINE)
    assert services.run_next(now=NOW).units == 1
    assert services.check_again(now=NOW, since=old.ended_at - timedelta(days=1)) == 2
    assert services.run_next(now=NOW).units == 1
    series = UnitVerdict.objects.filter(series="rules/99").values_list("unit_id", flat=True)
    assert set(series) == {old.pk, new.pk}
    # Checks whose version is the same as before said it once.
    assert UnitCheck.objects.filter(series="tone/1").count() == 2


def test_the_statements_of_a_batch_do_not_grow_with_it() -> None:
    def measured(number: int) -> int:
        for _one in range(number):
            make_talk(*LINES)
        with CaptureQueriesContext(connection) as asked:
            assert services.run_next(now=NOW).units == number
        return len(asked)

    measured(1)
    assert measured(2) == measured(12)


def test_one_batch_and_many_say_the_same_of_each_unit() -> None:
    for lines in (
        LINES,
        FINE,
        (),
        ("customer: Hi", "ai: Too bad. My card is 4111 1111 1111 1111."),
    ):
        make_talk(*lines)

    def said(batch: int) -> list[tuple[object, ...]]:
        Finding.objects.all().delete()
        for model in (UnitCheck, UnitVerdict, CheckCursor):
            model.objects.all().delete()
        while services.run_next(now=NOW, batch=batch).more:
            pass
        checks = UnitCheck.objects.order_by("unit_id", "series", "findings__pk")
        return [
            *checks.values_list(
                "unit_id",
                "series",
                "result",
                "why",
                *("findings__harm", "findings__spans", "findings__detail", "findings__against"),
            ),
            *UnitVerdict.objects.order_by("unit_id").values_list("unit_id", "would_pass"),
        ]

    singly, together = said(1), said(4)
    assert singly == together
    assert sum(row[4] is not None for row in together if len(row) > 2) >= 4
