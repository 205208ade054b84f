"""Agreement: the published values, libraries as oracles, and what is not defined."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats import inter_rater

from qa.calibration.agreement import (
    Level,
    Ratings,
    Weights,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    most_divided,
    pabak,
    percent_agreement,
    with_interval,
)

#: Krippendorff 2007/2011: four observers, twelve units.
FOUR = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)


def units(*observers: str) -> list[list[Any]]:
    """Rows of observers as units by raters; numbers where they are."""
    rows = [row.split() if " " in row else list(row) for row in observers]
    return [
        [None if one == "." else int(one) if one.isdigit() else one for one in unit]
        for unit in zip(*rows, strict=True)
    ]


@pytest.mark.parametrize(
    ("level", "value"),
    [
        (Level.NOMINAL, 0.743),
        (Level.ORDINAL, 0.815),
        (Level.INTERVAL, 0.849),
        (Level.RATIO, 0.797),
    ],
)
def test_krippendorffs_example_at_every_level(level: Level, value: float) -> None:
    assert krippendorff_alpha(units(*FOUR), level=level) == pytest.approx(value, abs=5e-4)


def test_krippendorffs_two_observers() -> None:
    binary = units("0100000010", "1110010000")
    assert krippendorff_alpha(binary) == pytest.approx(0.095, abs=5e-4)
    nominal = units("a a b b d c c c e d d a", "b a b b b c c c e d d d")
    assert krippendorff_alpha(nominal) == pytest.approx(0.692, abs=5e-4)


#: Fleiss' table of ten subjects and fourteen raters.
FLEISS = [
    [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
]  # fmt: skip


def test_fleiss_table() -> None:
    assert fleiss_kappa(FLEISS) == pytest.approx(0.210, abs=5e-4)


@pytest.mark.parametrize(
    ("table", "value"),
    [
        ([[20, 5], [10, 15]], 0.400),
        ([[45, 15], [25, 15]], 0.1304),
        ([[25, 35], [5, 35]], 0.2593),
    ],
)
def test_cohens_tables(table: list[list[float]], value: float) -> None:
    assert cohen_kappa(table) == pytest.approx(value, abs=5e-5)


def test_the_prevalence_paradox() -> None:
    pairs: Ratings = [["y", "y"]] * 90 + [["y", "n"]] * 5 + [["n", "y"]] * 5
    assert percent_agreement(pairs) == pytest.approx(0.90)
    assert cohen_kappa([[90, 5], [5, 0]]) == pytest.approx(-0.0526, abs=5e-5)
    assert gwet_ac1(pairs) == pytest.approx(0.8895, abs=5e-5)
    assert pabak(pairs, categories=2) == pytest.approx(0.80)


tables = st.integers(2, 4).flatmap(
    lambda size: st.lists(
        st.lists(st.integers(0, 30), min_size=size, max_size=size), min_size=size, max_size=size
    )
)


@given(tables, st.sampled_from(list(Weights)))
def test_cohens_kappa_equals_the_library(table: list[list[int]], weights: Weights) -> None:
    ours = cohen_kappa(table, weights=weights)
    if ours is None:
        return
    named = {Weights.NONE: None, Weights.LINEAR: "linear", Weights.QUADRATIC: "quadratic"}
    theirs = inter_rater.cohens_kappa(table, wt=named[weights], return_results=False)
    assert ours == pytest.approx(theirs, abs=1e-9)


@given(st.lists(st.permutations([0, 1, 3]), min_size=2, max_size=12))
def test_fleiss_kappa_equals_the_library(counts: list[list[int]]) -> None:
    ours = fleiss_kappa(counts)
    assert ours == pytest.approx(inter_rater.fleiss_kappa(counts), abs=1e-9)


@given(
    st.lists(
        st.lists(st.sampled_from([None, 1, 2, 3]), min_size=3, max_size=3), min_size=1, max_size=20
    ),
    st.randoms(use_true_random=False),
)
def test_neither_the_order_of_raters_nor_of_units_matters(
    ratings: list[list[int | None]], shuffler: random.Random
) -> None:
    mixed = [shuffler.sample(row, k=len(row)) for row in ratings]
    shuffler.shuffle(mixed)
    for measure in (percent_agreement, gwet_ac1, krippendorff_alpha):
        before, after = measure(ratings), measure(mixed)
        assert (before is None) == (after is None)
        if before is not None:
            assert after == pytest.approx(before)


@pytest.mark.parametrize(
    "ratings",
    [[], [[1]], [[1, None], [None, 2]], [[1, 1], [1, 1]]],
    ids=["no unit", "one rater", "no pair", "constant"],
)
def test_what_is_not_defined_is_none_and_never_full_agreement(ratings: Ratings) -> None:
    assert krippendorff_alpha(ratings) is None
    assert gwet_ac1(ratings) is None


def test_constant_ratings_agree_without_a_kappa() -> None:
    assert percent_agreement([[1, 1], [1, 1]]) == 1.0
    assert cohen_kappa([[7, 0], [0, 0]]) is None
    assert fleiss_kappa([[3, 0], [3, 0]]) is None
    assert gwet_ac1([[1, 1], [1, 1]], categories=[1, 2]) == 1.0


def test_units_of_one_rating_are_no_pair() -> None:
    with_single = [*units(*FOUR), [9, None, None, None]]
    assert krippendorff_alpha(with_single) == krippendorff_alpha(units(*FOUR))


def test_the_item_that_divides_comes_first() -> None:
    assert most_divided([[1, 1, 1], [1, 2, 3], [1, 1, 2], [None, 1, None]]) == [1, 2, 0]


def test_an_interval_is_the_same_for_everybody_and_holds_the_value() -> None:
    first, again = (
        with_interval(units(*FOUR), krippendorff_alpha, rounds=300, seed=7) for _ in range(2)
    )
    assert first == again
    assert first.value is not None
    assert first.low is not None
    assert first.high is not None
    assert first.low <= first.value <= first.high
    assert (first.units, first.pairable) == (11, 40)
    assert sum(first.prevalence.values()) == pytest.approx(1)


def test_one_unit_has_no_interval() -> None:
    found = with_interval([[1, 2]], percent_agreement)
    assert (found.value, found.low, found.high) == (0.0, None, None)


def test_the_recorded_tables_give_their_known_answers() -> None:
    path = Path(__file__).parents[4] / "shared" / "data" / "agreement" / "known_answers.json"
    if not path.exists():
        pytest.skip("the developers' data is not beside this checkout")
    known = json.loads(path.read_text())["wikipedia_krippendorff"]
    rows = [[None if one == "*" else int(one) for one in row] for row in known["data"]]
    ratings = [list(unit) for unit in zip(*rows, strict=True)]
    assert set(known["alpha"]) >= {"nominal", "ordinal", "interval"}
    for level, value in known["alpha"].items():
        assert krippendorff_alpha(ratings, level=Level(level)) == pytest.approx(value, abs=5e-6)
