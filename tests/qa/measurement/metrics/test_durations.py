"""Time to resolution: open and withdrawn cases, returns, merges, and the two clocks."""

from datetime import timedelta

import pytest

from qa.calendars.types import Calendar, Change, Opening
from qa.measurement.formulas.survival import Ending
from qa.measurement.metrics.durations import (
    business_clock,
    calendar_clock,
    compare,
    lengths_of,
    time_to_resolution,
    timed_of,
)
from qa.measurement.rows import Episode, OwnerKind, Segment, Stretch
from qa.measurement.types import LeftOut
from tests.qa.measurement.metrics.rows import START, at, times

HOUR = 3600.0
LATER = at(1000)
OFFICE = Calendar("America/New_York", ((Opening(540, 1020),),) * 5 + ((), ()))
OPEN_HOURS = business_clock([Change(START - timedelta(days=30), OFFICE)])


def ended(opened: float, resolved: float | None, number: int = 1, **given: object) -> Episode:
    whole = {"issue": None, **given}
    return Episode(
        case="c",
        number=number,
        opened_at=at(opened),
        resolved_at=None if resolved is None else at(resolved),
        **whole,  # type: ignore[arg-type]
    )


def test_first_full_and_net() -> None:
    case = times(
        "c",
        ended(0, 10),
        ended(20, 30, 2),
        waits=(Stretch(at(2), at(5)), Stretch(at(4), at(6)), Stretch(at(29), at(40))),
    )
    found = lengths_of(case, measure=calendar_clock, now=LATER)
    assert (found.first, found.full, found.net) == (10 * HOUR, 30 * HOUR, 25 * HOUR)
    assert found.reopened == 1


def test_time_spent_waiting_for_others_is_told_apart() -> None:
    cases = [
        times(f"c{number}", ended(0, 10), waits=(Stretch(at(1), at(1 + number)),))
        for number in range(3)
    ]
    found = time_to_resolution(cases, now=LATER)
    assert found.median.value == 10
    assert (found.figure.beside["net"], found.figure.beside["waited"]) == (9, 3)


def test_a_soon_return_for_the_same_cause_goes_on_and_counts_as_reopening() -> None:
    soon = times("c", ended(0, 10), ended(33.9, 40, 2))
    late = times("c", ended(0, 10), ended(34.1, 40, 2))
    other = times("c", ended(0, 10), ended(12, 40, 2, same_cause=False))
    fulls = [lengths_of(one, measure=calendar_clock, now=LATER) for one in (soon, late, other)]
    assert [one.full for one in fulls] == [40 * HOUR, 10 * HOUR, 10 * HOUR]
    assert [one.reopened for one in fulls] == [1, 1, 1]


def test_who_held_it_may_overlap_in_parallel_work() -> None:
    case = times(
        "c",
        ended(0, 10),
        segments=(
            Segment("c", OwnerKind.AI, "bot", at(0), at(8)),
            Segment("c", OwnerKind.HUMAN, "ben", at(2), at(10)),
            Segment("c", OwnerKind.QUEUE, "returns", at(0), at(1)),
        ),
    )
    found = lengths_of(case, measure=calendar_clock, now=LATER)
    assert (found.by_ai, found.by_human, found.full) == (8 * HOUR, 8 * HOUR, 10 * HOUR)
    still = times("c", ended(0, None), segments=(Segment("c", OwnerKind.AI, "bot", at(0), None),))
    assert lengths_of(still, measure=calendar_clock, now=at(3)).by_ai == 3 * HOUR


def test_resolved_again_without_a_word_is_flagged() -> None:
    case = times("c", ended(0, 1), ended(2, 3, 2, without_contact=True))
    assert lengths_of(case, measure=calendar_clock, now=LATER).without_contact
    assert time_to_resolution([case], now=LATER).figure.beside["without_contact"] == 1


def test_open_cases_count_as_long_as_they_were_seen() -> None:
    quick = [times(f"q{n}", ended(0, 2)) for n in range(4)]
    still = [times(f"o{n}", ended(0, None)) for n in range(6)]
    found = time_to_resolution([*quick, *still], now=at(100))
    assert (found.figure.n, found.figure.open) == (10, 6)
    # The mean of the closed would be 2 hours; half are not resolved at all.
    assert (found.median.value, found.p90.value) == (None, None)
    assert found.mean.value == pytest.approx(2 + 0.6 * (336 - 2))


def test_withdrawn_is_another_ending_and_no_censoring() -> None:
    cases = [times(f"r{n}", ended(0, 10)) for n in range(5)]
    cases += [times(f"w{n}", ended(0, 5, withdrawn=True)) for n in range(5)]
    found = time_to_resolution(cases, now=LATER)
    assert (found.withdrawn, found.figure.open) == (5, 0)
    assert [round(point.share, 3) for point in found.curve] == [0.5]


def test_a_withdrawn_matter_has_no_resolution() -> None:
    found = lengths_of(times("c", ended(0, 5, withdrawn=True)), measure=calendar_clock, now=LATER)
    assert (found.first, found.full, found.net) == (None, None, None)


def test_an_absorbed_case_leaves_and_is_told() -> None:
    cases = [times("s", ended(0, 1)), times("a", ended(0, None), left_out=LeftOut.MERGED)]
    found = time_to_resolution(cases, now=LATER)
    assert (found.figure.n, found.figure.left_out) == (1, {"merged": 1})


def test_outside_hours_it_starts_at_the_next_opening() -> None:
    # Sat 7 Nov 2026, 14:00 UTC is 120 hours after the start; resolved Mon 16:00 UTC.
    case = times("c", ended(120, 170), opened=120)
    assert lengths_of(case, measure=OPEN_HOURS, now=LATER).full == 2 * HOUR
    assert lengths_of(case, measure=calendar_clock, now=LATER).full == 50 * HOUR


def test_the_business_clock_may_be_0_but_never_less() -> None:
    night = times("c", ended(120, 121), opened=120)
    assert lengths_of(night, measure=OPEN_HOURS, now=LATER).full == 0
    backwards = times("c", ended(0, -1), opened=0)
    for measure in (OPEN_HOURS, calendar_clock):
        assert lengths_of(backwards, measure=measure, now=LATER).full == 0
        assert timed_of(backwards, now=LATER, measure=measure).time == 0


def test_a_past_report_knows_nothing_of_what_came_later() -> None:
    case = times("c", ended(0, 10), ended(12, 20, 2))
    early = timed_of(case, now=at(5), measure=calendar_clock)
    between = timed_of(case, now=at(11), measure=calendar_clock)
    again = timed_of(case, now=at(15), measure=calendar_clock)
    after = timed_of(case, now=at(21), measure=calendar_clock)
    assert [(one.time, one.ending) for one in (early, between, again, after)] == [
        (5, Ending.OPEN),
        (10, Ending.HAPPENED),
        (15, Ending.OPEN),
        (20, Ending.HAPPENED),
    ]
    assert time_to_resolution([times("x", ended(9, 10), opened=9)], now=at(5)).figure.n == 0


def test_two_cohorts_beside_each_other() -> None:
    slow = time_to_resolution([times(f"s{n}", ended(0, 10 + n)) for n in range(20)], now=LATER)
    quick = time_to_resolution([times(f"q{n}", ended(0, 1 + n)) for n in range(20)], now=LATER)
    found = compare(quick, slow)
    assert found.mean.value == pytest.approx(-9)
    assert found.mean.interval.high < 0
    assert found.whole is not None
    assert found.whole.p_value < 0.01
    assert (quick.median.value, slow.median.value) == (10, 19)
