"""Cells: computed once, again when touched, and again while something in them is open."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from qa.measurement.loading import StoredFacts
from qa.measurement.models import MetricCell
from qa.measurement.selectors import list_cells, list_in_force, select_cases, spec_of
from qa.measurement.services import compute_due, computing, follow_ledger
from qa.measurement.services.computing import body_of, measure_span, spans, this_monday
from tests.factories.measured import (
    BEGIN,
    BEN,
    Story,
    case_id,
    come_back,
    open_case,
    place,
    resolve,
    write,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]

#: A Monday two weeks after the first entries.
NOW = BEGIN + timedelta(weeks=2)
WEEK = date(2026, 10, 5)


def history() -> None:
    """Ten cases: one is transferred, one comes back, one fails, one is open, one is merged."""
    for number in range(10):
        open_case(number, BEGIN + timedelta(hours=number), customer=f"cust-{number}")
        if number not in (8, 9):
            resolve(
                case_id(number),
                BEGIN + timedelta(hours=number + 4),
                by=BEN,
                after_contact_seconds=60 * number,
            )
    move: dict[str, Any] = {
        "queue_key": "billing",
        "transfer": "escalation",
        "reason_code": "low_confidence",
    }
    at = BEGIN + timedelta(hours=20)
    write(case_id(8), "handoff.offered", at, subject="h1", queue="", reason="", **move)
    write(case_id(8), "handoff.accepted", at, by=BEN, subject="h1", both_present=False)
    write(case_id(9), "case.merged", at, by=BEN, subject=case_id(8), survivor="", reason="")
    write(case_id(8), "case.took_in", at, by=BEN, subject=case_id(9), absorbed="", reason="")
    write(case_id(3), "step.ready", at, subject="s1", step="x", owner="ai")
    write(case_id(3), "step.failed", at, subject="s1", step="x", reason="")
    come_back(case_id(1), BEGIN + timedelta(days=2), "again")
    write(case_id(0), "case.closed", BEGIN + timedelta(days=1), by=BEN)
    place(NOW)
    follow_ledger(now=NOW)


def body(key: str, *, weeks: int = 1) -> dict[str, Any]:
    found: dict[str, Any] = MetricCell.objects.get(key=key, begin=WEEK, weeks=weeks).body
    return found


def test_the_weeks_are_over_and_begin_in_the_definitions_zone() -> None:
    assert this_monday(now=NOW, time_zone="America/New_York") == date(2026, 10, 19)
    late = NOW.replace(hour=3)
    assert this_monday(now=late, time_zone="America/New_York") == date(2026, 10, 12)
    found = list(spans(now=NOW, time_zone="UTC"))
    assert found[0] == (date(2026, 10, 12), 1)
    assert (found[-2], found[-1]) == ((date(2026, 9, 21), 4), (date(2026, 8, 24), 4))
    assert len(found) == 14


def test_every_metric_of_a_week() -> None:
    history()
    done = compute_due(now=NOW)
    assert done == 14 * len(list_in_force())
    figures = {key: body(key)["figure"] for key in ("recontact_rate", "transfer_rate")}
    assert (figures["recontact_rate"]["hits"], figures["recontact_rate"]["n"]) == (1, 8)
    assert figures["recontact_rate"]["value"] == pytest.approx(12.5)
    # The survivor's contacts are its own and the absorbed one's; nobody took up the return yet.
    assert (figures["transfer_rate"]["hits"], figures["transfer_rate"]["n"]) == (1, 10)
    assert figures["transfer_rate"]["left_out"] == {"merged": 1, "not_handled": 1}
    times = body("time_to_resolution")["figure"]
    assert (times["value"], times["n"], times["open"], times["left_out"]) == (
        4,
        9,
        1,
        {"merged": 1},
    )
    work = body("after_contact_work")["figure"]
    assert (work["value"], work["n"]) == (3.5, 8)
    wrong = body("exception_rate")["figure"]
    assert (wrong["hits"], wrong["n"]) == (1, 9)
    whole = body("audit_completeness")["figure"]
    assert (whole["hits"], whole["n"]) == (1, 1)


def test_a_cell_is_computed_once_and_again_when_touched() -> None:
    history()
    compute_due(now=NOW)
    assert compute_due(now=NOW) == 0
    resolve(case_id(8), NOW - timedelta(hours=1))
    place(NOW)
    follow_ledger(now=NOW)
    assert compute_due(now=NOW) > 0
    assert body("time_to_resolution")["figure"]["open"] == 0


def test_a_cell_with_something_open_is_computed_again_in_time() -> None:
    history()
    compute_due(now=NOW)
    later = NOW + timedelta(minutes=61)
    before = {cell.key for cell in MetricCell.objects.filter(computed_at=NOW)}
    assert compute_due(now=later) > 0
    again = {cell.key for cell in MetricCell.objects.filter(computed_at=later)}
    assert "time_to_resolution" in again
    assert "transfer_rate" not in again
    assert again < before


def test_before_the_ledger_was_read_there_is_nothing() -> None:
    assert compute_due(now=NOW) == 0
    assert list(list_cells(keys=["recontact_rate"], since=WEEK)) == []


def rounded(value: Any) -> Any:
    """A stored body whose numbers do not hang on the order in which rows were added up."""
    if isinstance(value, float):
        return float(f"{value:.10g}")
    if isinstance(value, dict):
        return {str(key): rounded(one) for key, one in value.items()}
    return [rounded(one) for one in value] if isinstance(value, list | tuple) else value


@pytest.mark.parametrize("seed", [3, 4])
def test_a_week_told_from_the_facts_of_a_longer_stretch_is_what_its_own_facts_tell(
    seed: int,
) -> None:
    story = Story(seed)
    for _turn in range(120):
        story.act()
    now = story.at + timedelta(weeks=3)
    place(now)
    while follow_ledger(now=now):
        continue
    compute_due(now=now)
    specs = {version.metric.key: spec_of(version) for version in list_in_force()}
    cells = list(MetricCell.objects.all())
    seen = 0
    for cell in cells:
        alone = measure_span(spec=specs[cell.key], begin=cell.begin, weeks=cell.weeks, now=now)
        assert rounded(cell.body) == rounded(body_of(alone)), (cell.key, cell.begin, cell.weeks)
        seen += bool(cell.body["figure"]["n"])
    assert len(cells) == 14 * len(specs)
    assert seen > len(specs)


def test_facts_are_read_once_for_all_that_lies_within_a_stretch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    history()
    asked: list[tuple[int, bool]] = []

    def select(*, begin: datetime, end: datetime, with_customers: bool, **rest: Any) -> StoredFacts:
        asked.append(((end - begin).days, with_customers))
        return select_cases(begin=begin, end=end, with_customers=with_customers, **rest)

    monkeypatch.setattr(computing, "select_cases", select)
    compute_due(now=NOW)
    # Two stretches of four weeks, and the four weeks of the trend before them.
    assert sorted(asked) == [(7, True)] * 4 + [(28, True)] * 2
    asked.clear()
    MetricCell.objects.filter(begin=WEEK).update(is_stale=True)
    compute_due(now=NOW)
    assert asked == [(7, True)]
