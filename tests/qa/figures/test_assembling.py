"""From rows to figures: what is said, and above all when nothing is."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.estimates.types import Verdict
from qa.figures.assembling import (
    advise,
    assemble,
    assemble_span,
    break_down,
    half_of,
    held_back,
    reviews_to_tell,
)
from qa.figures.types import FEWEST_SHOWN, PeriodRows, Reviewed, Standing, Stratum
from qa.population.types import Dimension
from qa.sampling.types import PeriodState

START = datetime(2026, 11, 9, tzinfo=UTC)


def reviews(name: str, *counts: tuple[int, bool, bool | None]) -> tuple[Reviewed, ...]:
    found: list[Reviewed] = []
    for count, passed, judged in counts:
        first = len(found)
        found.extend(
            Reviewed(f"{name}-{first + place:03}", passed, judged, seconds=300)
            for place in range(count)
        )
    return tuple(found)


#: Vector W2 of the specification, as one period.
HIGH = Stratum(
    "high", 200, 40, judged=200, would_pass=176,
    reviews=reviews(
        "h", (28, True, True), (2, True, False), (6, False, True), (4, False, False)
    ),
)  # fmt: skip
LOW = Stratum(
    "low", 1800, 60, judged=1800, would_pass=1692,
    reviews=reviews(
        "l", (54, True, True), (1, True, False), (3, False, True), (2, False, False)
    ),
)  # fmt: skip
W2 = PeriodRows(
    plan="weekly",
    version=1,
    period="p-46",
    starts_at=START,
    ends_at=START + timedelta(days=7),
    state=PeriodState.DRAWN,
    frame_digest="f" * 64,
    series="rules/1",
    editions=("conversations/1",),
    strata=(HIGH, LOW),
)


def test_the_four_ways_to_say_how_good_it_was() -> None:
    found = assemble(W2)
    assert found.standing is Standing.KNOWN
    assert (found.size, found.drawn, found.reviewed, found.checked) == (2000, 100, 100, 2000)
    assert found.judge_alone == pytest.approx(0.9340)
    assert found.unweighted == pytest.approx(0.8500)
    assert found.weighted is not None
    assert found.weighted.value == pytest.approx(0.9000)
    assert found.weighted.standard_error == pytest.approx(0.03244, abs=5e-6)
    assert found.used is not None
    assert found.used.value == pytest.approx(0.8959, abs=5e-5)
    assert found.used.standard_error == pytest.approx(0.02843, abs=5e-6)
    assert found.used.effective == pytest.approx(0.8959 * 0.1041 / 0.02843**2, rel=1e-3)
    half, wide = half_of(found.used), half_of(found.weighted)
    assert half is not None
    assert wide is not None
    assert half < wide


def test_without_checks_the_reviews_alone_are_used() -> None:
    bare = tuple(
        replace(
            one, judged=0, would_pass=0, reviews=tuple(replace(r, judged=None) for r in one.reviews)
        )
        for one in W2.strata
    )
    found = assemble(replace(W2, series="", strata=bare))
    assert found.used == found.weighted
    assert found.judge_alone is None


def test_what_was_not_checked_does_not_stop_the_estimate() -> None:
    part = replace(LOW, judged=1750, would_pass=1650)
    found = assemble(replace(W2, strata=(HIGH, part)))
    assert found.judge_alone == pytest.approx((176 + 1650) / 1950)
    assert found.used is not None
    assert found.used.value == pytest.approx(0.9, abs=0.02)


def test_no_number_before_each_stratum_is_four_fifths_reviewed() -> None:
    short = replace(LOW, reviews=LOW.reviews[:47])
    found = assemble(replace(W2, strata=(HIGH, short)))
    assert (found.standing, found.short) == (Standing.WAITING, ("low",))
    assert (found.used, found.weighted, found.unweighted, found.judge_alone) == (None,) * 4
    assert (found.reviewed, found.drawn) == (87, 100)
    enough = replace(LOW, reviews=LOW.reviews[:48])
    assert assemble(replace(W2, strata=(HIGH, enough))).standing is Standing.KNOWN


@pytest.mark.parametrize(
    ("rows", "standing"),
    [
        (replace(W2, state=PeriodState.HELD), Standing.HELD),
        (replace(W2, state=PeriodState.COMMITTED), Standing.NOT_DRAWN),
        (replace(W2, state=PeriodState.OPEN), Standing.NOT_DRAWN),
        (replace(W2, strata=()), Standing.EMPTY),
        (replace(W2, strata=(HIGH, Stratum("low", 1800, 0))), Standing.UNCOVERED),
    ],
)
def test_what_gives_no_number(rows: PeriodRows, standing: Standing) -> None:
    found = assemble(rows)
    assert found.standing is standing
    assert found.used is None


def test_the_same_rows_in_any_order_give_the_same_digest() -> None:
    turned = replace(
        W2, strata=tuple(replace(one, reviews=one.reviews[::-1]) for one in W2.strata[::-1])
    )
    assert assemble(turned).digest == assemble(W2).digest
    assert assemble(turned).used == assemble(W2).used
    other = replace(HIGH.reviews[0], passed=False)
    changed = replace(W2, strata=(replace(HIGH, reviews=(other, *HIGH.reviews[1:])), LOW))
    assert assemble(changed).digest != assemble(W2).digest


def test_a_span_holds_only_periods_with_a_number() -> None:
    later = replace(W2, period="p-47", starts_at=W2.ends_at)
    held = replace(W2, period="p-48", state=PeriodState.HELD)
    found = assemble_span([W2, later, held])
    assert (found.size, found.reviewed) == (4000, 200)
    assert found.used is not None
    assert found.used.value == pytest.approx(0.8959, abs=5e-5)
    assert found.used.standard_error == pytest.approx(0.02843 / 2**0.5, abs=5e-5)
    assert found.digest == assemble_span([W2, later]).digest
    assert assemble_span([held]).standing is Standing.EMPTY


def with_channels(*names: str) -> PeriodRows:
    pool = [*HIGH.reviews, *LOW.reviews]
    valued = [
        replace(each, values={Dimension.CHANNEL: name})
        for each, name in zip(pool, names, strict=True)
    ]
    high, low = tuple(valued[:40]), tuple(valued[40:])
    return replace(W2, strata=(replace(HIGH, reviews=high), replace(LOW, reviews=low)))


def test_a_breakdown_shows_each_cell_with_enough_reviews() -> None:
    rows = with_channels(*(["chat", "voice"] * 50))
    found = break_down([rows], Dimension.CHANNEL)
    assert [(one.value, one.reviews) for one in found.cells] == [("chat", 50), ("voice", 50)]
    assert sum(one.size or 0 for one in found.cells) == 2000
    assert found.held_back == 0


def test_a_small_cell_is_held_back_with_another() -> None:
    rows = with_channels(*(["chat"] * 50 + ["voice"] * 31 + ["email"] * 19))
    found = break_down([rows], Dimension.CHANNEL)
    assert [one.value for one in found.cells] == ["chat", "email", "voice"]
    assert [one.estimate is None for one in found.cells] == [False, True, True]
    assert found.cells[1].reviews is found.cells[1].size is None
    assert found.held_back == 2


@given(st.dictionaries(st.text(max_size=3), st.integers(1, 90), max_size=8))
def test_what_is_held_back_cannot_be_found_by_subtraction(counts: dict[str, int]) -> None:
    hidden = held_back(Counter(counts))
    assert all(counts[value] >= FEWEST_SHOWN for value in counts if value not in hidden)
    if hidden and len(hidden) < len(counts):
        assert len(hidden) > 1
        assert sum(counts[value] for value in hidden) >= FEWEST_SHOWN


def test_checks_on_all_buy_a_shorter_interval_for_the_same_reviews() -> None:
    found = advise(W2, [50, 100, 200, 5000])
    assert [one.reviews for one in found] == [50, 100, 200]
    assert [one.seconds for one in found] == [15_000, 30_000, 60_000]
    for one in found:
        assert one.checked is not None
        assert one.checked < one.alone
    assert found[0].alone > found[1].alone > found[2].alone
    assert advise(replace(W2, strata=()), [50]) == ()


@pytest.mark.parametrize(
    ("target", "verdict"),
    [(0.80, Verdict.MET), (0.90, Verdict.NOT_SHOWN), (0.99, Verdict.MISSED)],
)
def test_a_plans_target_is_held_against_the_interval(target: float, verdict: Verdict) -> None:
    rows = replace(W2, target=target)
    assert assemble(rows).verdict is verdict
    assert assemble_span([rows, rows]).target == target
    # Where the target changed on the way, the span has none.
    assert assemble_span([rows, replace(rows, target=0.5)]).verdict is None
    assert assemble(W2).verdict is None
    waiting = replace(rows, state=PeriodState.HELD)
    assert assemble(waiting).verdict is Verdict.NOT_SHOWN


def test_advice_says_how_many_reviews_would_tell() -> None:
    rows = replace(W2, target=0.93)
    enough = reviews_to_tell(rows)
    assert enough is not None
    few, many = advise(rows, [enough - 1, enough])
    assert (few.tells, many.tells) == (False, True)
    used = assemble(rows).used
    assert used is not None
    assert used.value is not None
    assert many.checked is not None
    assert many.checked <= 0.93 - used.value
    assert reviews_to_tell(replace(W2, target=used.value)) is None
    assert reviews_to_tell(W2) is None
    assert [one.tells for one in advise(W2, [100])] == [None]


def test_units_of_one_case_say_less_and_the_digest_tells_them_apart() -> None:
    together = tuple(
        replace(
            one,
            reviews=tuple(
                replace(each, case=f"{one.name}-{place // 5}")
                for place, each in enumerate(one.reviews)
            ),
        )
        for one in W2.strata
    )
    alone, found = assemble(W2), assemble(replace(W2, strata=together))
    assert alone.used is not None
    assert found.used is not None
    assert (found.used.value, found.used.clustered > 1.2) == (alone.used.value, True)
    assert alone.digest != found.digest
    wide, narrow = advise(replace(W2, strata=together), [100]), advise(W2, [100])
    assert wide[0].alone > narrow[0].alone
