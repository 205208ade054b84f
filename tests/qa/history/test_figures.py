"""What a log comes to, beside what others computed of a real one."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.history.figures import as_json, baseline_of, case_of, from_json, spread_of
from qa.history.parsing import read_mapping
from qa.history.reading import read_log
from qa.history.types import LoggedEvent, Standing
from tests.factories.history import READ_AT, read

DATA = Path(__file__).parent / "data/bpi2013"
MAPPING = Path(__file__).parents[3] / "docs/history_service_desk.yaml"
AT = datetime(2026, 5, 1, tzinfo=UTC)


def test_the_incidents_of_a_real_service_desk_come_to_what_is_published() -> None:
    """65,533 events of Ward Steeman's log of 2013, doi 10.4121/500573e6-accc-4b0c-9576."""
    wanted = json.loads((DATA / "reference_metrics.json").read_text())
    mapping = read_mapping(name=MAPPING.name, text=MAPPING.read_text())
    with gzip.open(DATA / "incidents.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        found = read_log(lines=lines, mapping=mapping, now=READ_AT)

    told = baseline_of([case_of(events) for events in found.cases.values()])

    assert (found.bad, found.repeated) == ([], 0)
    assert (told.events, told.cases) == (wanted["events"], wanted["cases"])
    assert told.transferred.value == pytest.approx(
        wanted["transfer_rate(>=1 group change)"], abs=5e-7
    )
    assert told.mean_group_changes == pytest.approx(wanted["mean_group_changes"], abs=5e-7)
    assert told.went_back.value == pytest.approx(
        wanted["ping_pong_rate(returns to an earlier group)"], abs=5e-7
    )
    assert told.mean_resource_changes == pytest.approx(wanted["mean_resource_changes"], abs=5e-7)
    assert told.reopened.value == pytest.approx(
        wanted["reopen_rate(active event after first Completed)"], abs=5e-7
    )
    assert told.days.median == pytest.approx(wanted["median_days"], abs=5e-5)
    assert told.days.mean == pytest.approx(wanted["mean_days"], abs=5e-5)
    assert told.days.p90 == pytest.approx(wanted["p90_days"], abs=5e-5)


def test_cases_one_by_one() -> None:
    found = {key: case_of(events) for key, events in read().cases.items()}

    first, second, third = found["A-1"], found["B-1"], found["C-1"]
    assert (first.group_changes, first.went_back, first.resource_changes) == (2, True, 2)
    assert first.resolved_at == AT + timedelta(days=2, hours=8)
    assert (second.reopened, second.resolved_at, second.resource_changes) == (True, None, 1)
    assert (third.events, third.days, third.channel) == (1, 0.0, "chat")
    told = baseline_of(list(found.values()))
    assert told.still_open == 2
    assert [(one.month, one.cases) for one in told.months] == [("2026-05", 2), ("2026-06", 1)]


def test_of_no_case_nothing_is_told() -> None:
    told = baseline_of([])
    assert told.transferred.value is None
    assert told.days.median is None
    assert told.mean_group_changes is None


def test_what_is_stored_comes_back() -> None:
    told = baseline_of([case_of(events) for events in read().cases.values()])
    assert from_json(json.loads(json.dumps(as_json(told)))) == told


@given(st.lists(st.floats(0, 400), min_size=1, max_size=200))
def test_the_interval_of_a_median_lies_around_it(days: list[float]) -> None:
    found = spread_of(days)
    assert found.median is not None
    if found.low is not None and found.high is not None:
        assert found.low <= found.median <= found.high
    assert (found.low is None) == (found.high is None)
    assert found.low is not None or len(days) < 8


EVENT = st.builds(
    LoggedEvent,
    line=st.integers(1, 99),
    case=st.just("A"),
    at=st.just(AT),
    standing=st.sampled_from(Standing),
    status=st.just(""),
    group=st.sampled_from(["", "a", "b", "c"]),
    resource=st.sampled_from(["", "p", "q"]),
)


@given(st.lists(EVENT, min_size=1, max_size=12))
def test_what_always_holds_of_a_case(events: list[LoggedEvent]) -> None:
    found = case_of(events)
    assert not (found.went_back and found.group_changes < 2)
    assert not (found.withdrawn and found.resolved_at)
    assert found.group_changes <= max(0, len(events) - 1)
