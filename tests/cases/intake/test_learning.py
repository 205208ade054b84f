"""Learning from examples: measured on what was not seen, the same every time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.intake.learning import (
    Learnt,
    Tally,
    calibration_error,
    example_digest,
    learn_reading,
    measure_counted,
    measure_learnt,
)
from cases.intake.packing import pack
from cases.intake.scoring import Model, with_none
from tests.factories.intents import retail_intents


@pytest.fixture(scope="module")
def learnt() -> Learnt:
    return learn_reading(retail_intents())


def test_the_retail_examples_are_read_better_than_by_counting(learnt: Learnt) -> None:
    counted = measure_counted(retail_intents())
    assert counted.in_scope == Tally(296, 398)
    assert learnt.measured.in_scope == Tally(302, 398)
    assert learnt.measured.out_of_scope == Tally(114, 120)
    assert learnt.measured.calibration_error < 0.06
    assert sum(one.of for one in learnt.measured.by_intent.values()) == 398


def test_the_same_examples_give_the_same_bytes(learnt: Learnt) -> None:
    again = learn_reading(reversed(retail_intents()))
    assert pack(again.model) == pack(learnt.model)


def test_a_version_is_measured_by_what_it_had_seen(learnt: Learnt) -> None:
    specs = with_none(retail_intents())
    every = frozenset(
        example_digest(key, text) for key, spec in specs.items() for text in spec.examples
    )
    assert measure_learnt(retail_intents(), seen=every) == learnt.measured
    half = frozenset(one for one in every if int(one[0], 16) % 2)
    assert measure_learnt(retail_intents(), seen=half).in_scope.right < 302


def test_own_texts_without_a_need_replace_ours_once_there_are_enough() -> None:
    few = with_none([], ["Where is the moon?"])[""].examples
    own = [f"What about planet {number}?" for number in range(50)]
    assert few[-1] == "Where is the moon?"
    assert len(few) > 50
    assert with_none([], own)[""].examples == tuple(own)


def test_what_is_missed_out_of_scope_raises_the_bound() -> None:
    # Texts that look like needs but are none: the bound rises until four of five are known.
    none = [f"Tell me a story about an order number {n} to cancel" for n in range(30)]
    learnt = learn_reading(retail_intents(), none)
    assert learnt.measured.out_of_scope.share >= 0.8


@pytest.mark.parametrize(
    ("right", "of", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (170, 217, 0.7240, 0.8331), (0, 0, 0.0, 1.0)],
)
def test_wilson_intervals(right: int, of: int, low: float, high: float) -> None:
    assert Tally(right, of).interval == pytest.approx((low, high), abs=2e-4)


def test_calibration_error_of_known_tables() -> None:
    assert calibration_error([]) == 0.0
    assert calibration_error([(0.9, True)] * 9 + [(0.9, False)]) == pytest.approx(0.0)
    assert calibration_error([(0.95, False)] * 5 + [(0.15, True)] * 5) == pytest.approx(0.9)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=50))
def test_calibration_error_is_a_share(told: list[tuple[float, bool]]) -> None:
    assert 0 <= calibration_error(told) <= 1


def test_a_known_need_is_acted_on_by_either_reader(learnt: Learnt) -> None:
    model: Model = learnt.model
    one = model.guess("Please cancel my order")
    several = model.guess("I want to return the shoes. I also want to cancel my pending order.")
    assert (one.intent, one.leaned_on[0]) == ("cancel_order", "cancel")
    assert (several.intent, several.further) == ("return_items", ("cancel_order",))
    assert 0 < one.raw <= 1
    assert model.guess("What is the weather like on the moon?").intent == ""
