"""What a session shows: the measures, their reading, and when there are none."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.calibration.agreement import (
    Level,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    percent_agreement,
    with_interval,
)
from qa.calibration.results import divided, lean, question_result
from qa.calibration.types import Asked, Reading

YES_NO = {"yes": 1.0, "no": 0.0}
Rows = tuple[tuple[str | None, ...], ...]


def asked(rows: Rows, *, numbered: bool = False) -> Asked:
    passing = {str(step): step / 4 for step in range(5)} if numbered else YES_NO
    return Asked("kept", "Was it kept?", numbered, passing, rows)


def close(one: float | None, other: float | None) -> bool:
    return one == other or (one is not None and other is not None and abs(one - other) < 1e-9)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(*[st.sampled_from(["yes", "no", None])] * 4), min_size=10, max_size=14).map(
        tuple
    )
)
def test_the_measures_are_those_of_the_published_formulas(rows: Rows) -> None:
    found = question_result(asked(rows), seed=7, people=4)
    assert close(found.same.value, percent_agreement(rows))
    if found.units < 10:
        assert found.reading is Reading.TOO_FEW
        return
    assert close(found.alpha.value, krippendorff_alpha(rows))
    assert close(found.ac1.value, gwet_ac1(rows, categories=["yes", "no"]))
    whole = [row for row in rows if None not in row]
    wanted = fleiss_kappa([[row.count("yes"), row.count("no")] for row in whole])
    assert close(found.kappa.value, wanted)


def test_intervals_are_those_of_the_slow_way_with_the_same_seed() -> None:
    chance = random.Random(3)  # noqa: S311  data of a test
    rows: Rows = tuple(
        tuple("no" if chance.random() < 0.3 else "yes" for _ in range(5)) for _ in range(24)
    )
    found = question_result(asked(rows), seed=20261119, people=5)
    slow = with_interval(rows, krippendorff_alpha, seed=20261119)
    assert found.alpha.low == pytest.approx(slow.low)
    assert found.alpha.high == pytest.approx(slow.high)
    assert (found.units, found.pairable) == (slow.units, slow.pairable)
    assert found.prevalence == pytest.approx(slow.prevalence[found.common])


def test_steps_of_a_scale_lie_apart_by_their_numbers() -> None:
    rows: Rows = tuple((str(n % 5), str(min(4, n % 5 + 1)), str(n % 5)) for n in range(12))
    found = question_result(asked(rows, numbered=True), seed=1, people=3)
    numbers = [tuple(int(one or 0) for one in row) for row in rows]
    wanted = krippendorff_alpha(numbers, level=Level.INTERVAL)
    assert close(found.alpha.value, wanted)


def test_where_all_say_the_same_kappa_and_alpha_do_not_exist() -> None:
    found = question_result(asked((("yes",) * 4,) * 12), seed=1, people=4)
    assert found.reading is Reading.ALL_ALIKE
    assert (found.kappa.value, found.alpha.value) == (None, None)
    assert (found.same.value, found.prevalence, found.common) == (1, 1, "yes")


@pytest.mark.parametrize(
    ("rows", "people"),
    [
        ((("yes", "no"),) * 12, 2),
        ((("yes", "no", "yes"),) * 9, 3),
        ((("yes", None, None),) * 12, 3),
        ((), 3),
    ],
    ids=["two people", "nine units", "one rater a unit", "nothing"],
)
def test_too_few_give_shares_only(rows: Rows, people: int) -> None:
    found = question_result(asked(rows), seed=1, people=people)
    assert found.reading is Reading.TOO_FEW
    assert (found.kappa.value, found.alpha.value, found.ac1.value) == (None,) * 3


def test_a_question_is_kept_watched_or_reworded_by_the_whole_interval() -> None:
    clear: Rows = (("yes",) * 4,) * 12 + (("no",) * 4,) * 8
    assert question_result(asked(clear), seed=1, people=4).reading is Reading.KEEP
    chance = random.Random(5)  # noqa: S311  data of a test
    noise: Rows = tuple(tuple(chance.choice(["yes", "no"]) for _ in range(4)) for _ in range(24))
    assert question_result(asked(noise), seed=1, people=4).reading is Reading.CHANGE
    mixed = clear[6:16] + noise[:3]
    assert question_result(asked(mixed), seed=1, people=4).reading is Reading.WATCH


def test_when_most_say_the_same_ac1_is_read() -> None:
    rows: Rows = (("yes",) * 4,) * 22 + (("yes", "yes", "yes", "no"),) * 2
    found = question_result(asked(rows), seed=1, people=4)
    assert found.best == "ac1"
    assert found.kappa.value is not None
    assert found.ac1.value is not None
    assert found.kappa.value < 0.1
    assert found.ac1.value > 0.9


def test_what_divides_has_two_on_each_side() -> None:
    rows: Rows = (
        ("yes", "yes", "no", "no"),
        ("yes", "yes", "yes", "no"),
        ("no", "yes", "no", "yes"),
        (None, "yes", "no", None),
    )
    assert [(one.unit, one.same) for one in divided([asked(rows)])] == [(0, 1 / 3), (2, 1 / 3)]


def test_a_lean_is_against_the_majority_of_the_others() -> None:
    rows: Rows = (("no", "yes", "yes", "yes"),) * 3 + (("yes",) * 4,) * 7
    found = lean([asked(rows)], 0)
    assert found.points == pytest.approx(-30)
    assert (found.answers, found.agrees) == (10, 0.7)
    assert found.low is not None
    assert found.high is not None
    assert found.low < -30 < found.high
    assert not found.outside
    assert lean([asked(rows)], 1).points == 0
    strict: Rows = (("no", "yes", "yes"),) * 12 + (("yes",) * 3,) * 12
    assert lean([asked(strict)], 0).outside


def test_where_the_others_are_split_nobody_leans() -> None:
    rows: Rows = (("no", "yes", "no"),) * 5
    found = lean([asked(rows)], 1)
    assert (found.points, found.answers) == (100, 5)
    split: Rows = (("no", "yes", None, "no"), ("yes", "no", "yes", None))
    assert lean([asked(split)], 3).points is None
