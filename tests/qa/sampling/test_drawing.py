"""The seeded sample: the published vector, any order of the frame, fair in the long run."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestra.core.errors import InvalidInputError
from qa.sampling.drawing import (
    SCALE,
    draw,
    frame_digest,
    replacements,
    seed_commitment,
    unit_number,
)

SEED, PLAN = "orchestra-demo-seed", "plan-1"
#: Vector V1 of the specification.
VECTOR = [
    ("case-0012", 0.079873),
    ("case-0004", 0.199009),
    ("case-0005", 0.217108),
    ("case-0003", 0.266514),
    ("case-0001", 0.322752),
    ("case-0007", 0.348351),
    ("case-0011", 0.424543),
    ("case-0002", 0.455786),
    ("case-0006", 0.609814),
    ("case-0008", 0.609931),
    ("case-0009", 0.671602),
    ("case-0010", 0.803617),
]
FRAME = {unit: "all" for unit, _number in sorted(VECTOR)}


def test_the_vector_comes_out_in_its_order_with_its_numbers() -> None:
    [found] = draw(frame=FRAME, sizes={"all": 12}, seed=SEED, plan=PLAN, version=1)
    assert [one.unit for one in found.drawn] == [unit for unit, _number in VECTOR]
    for one, (_unit, number) in zip(found.drawn, VECTOR, strict=True):
        assert one.number / SCALE == pytest.approx(number, abs=5e-7)


@given(st.randoms(use_true_random=False), st.integers(0, 12))
def test_the_order_of_the_frame_changes_nothing(shuffler: random.Random, size: int) -> None:
    units = list(FRAME)
    shuffler.shuffle(units)
    shuffled = {unit: FRAME[unit] for unit in units}
    sizes = {"all": size}
    assert draw(frame=shuffled, sizes=sizes, seed=SEED, plan=PLAN, version=1) == draw(
        frame=FRAME, sizes=sizes, seed=SEED, plan=PLAN, version=1
    )
    assert frame_digest(shuffled) == frame_digest(FRAME)


@given(st.sets(st.text(min_size=1, max_size=8), min_size=2, max_size=40), st.data())
def test_a_sample_grows_and_never_forgets(units: set[str], data: st.DataObject) -> None:
    frame = dict.fromkeys(units, "s")
    size = data.draw(st.integers(0, len(units) - 1))
    small, large = (
        {
            one.unit
            for one in draw(frame=frame, sizes={"s": n}, seed="x", plan="p", version=1)[0].drawn
        }
        for n in (size, size + 1)
    )
    assert small < large


def test_every_unit_is_drawn_equally_often_over_seeds() -> None:
    units = [f"u{n}" for n in range(20)]
    counts = dict.fromkeys(units, 0)
    for seed in range(2_000):
        found = draw(
            frame=dict.fromkeys(units, "s"), sizes={"s": 5}, seed=str(seed), plan="p", version=1
        )
        for one in found[0].drawn:
            counts[one.unit] += 1
    # 2,000 x 5 / 20 = 500 expected; five standard deviations are 97.
    assert all(403 <= count <= 597 for count in counts.values())


def test_another_seed_plan_or_version_draws_otherwise() -> None:
    numbers = {
        unit_number(seed=seed, plan=plan, version=version, unit="case-0001")
        for seed, plan, version in (("a", "p", 1), ("b", "p", 1), ("a", "q", 1), ("a", "p", 2))
    }
    assert len(numbers) == 4


def test_strata_are_drawn_apart_with_their_probabilities() -> None:
    frame = {**dict.fromkeys(["a", "b", "c", "d"], "low"), "e": "high"}
    high, low = draw(frame=frame, sizes={"low": 1, "high": 1}, seed="x", plan="p", version=1)
    assert (high.stratum, high.size, high.inclusion) == ("high", 1, 1.0)
    assert (low.stratum, low.size, low.inclusion) == ("low", 4, 0.25)


def test_an_empty_stratum_is_drawn_empty() -> None:
    [found] = draw(frame={}, sizes={"low": 0}, seed="x", plan="p", version=1)
    assert (found.drawn, found.inclusion) == ((), 0.0)


@pytest.mark.parametrize(
    ("frame", "sizes"),
    [({"a": "low"}, {"low": 2}), ({"a": "low"}, {"low": -1}), ({"a": "low"}, {"high": 0})],
    ids=["more than there are", "less than none", "a stratum without a size"],
)
def test_what_cannot_be_drawn_is_refused(frame: dict[str, str], sizes: dict[str, int]) -> None:
    with pytest.raises(InvalidInputError):
        draw(frame=frame, sizes=sizes, seed="x", plan="p", version=1)


def test_the_next_in_line_take_the_places_of_the_lost() -> None:
    [found] = draw(frame=FRAME, sizes={"all": 3}, seed=SEED, plan=PLAN, version=1, reserve=2)
    told = replacements(found, lost=["case-0004", "case-0003", "case-0012"])
    assert [(unit, one.unit if one else None) for unit, one in told] == [
        ("case-0004", "case-0003"),
        ("case-0003", "case-0001"),
        ("case-0012", None),
    ]


def test_the_commitment_hides_the_seed_and_binds_it() -> None:
    assert seed_commitment("a") == seed_commitment("a")
    assert seed_commitment("a") != seed_commitment("b")
    assert "a" * 3 not in seed_commitment("aaa")
