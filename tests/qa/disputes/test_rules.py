"""Nobody decides about their own review, their own work, or an AI they own."""

import pytest

from orchestra.core.errors import NotPermittedError
from qa.disputes.rules import barred, check_decider, state_after, why_unfit
from qa.disputes.types import DisputeState, Unfit


@pytest.mark.parametrize(
    ("person", "words"),
    [("r", "You scored"), ("o", "You own this AI"), ("a", "your own work")],
)
def test_who_has_a_part_in_it_does_not_decide(person: str, words: str) -> None:
    with pytest.raises(NotPermittedError, match=words):
        check_decider(person=person, reviewer="r", judged={"o": True, "a": False})


def test_somebody_else_decides() -> None:
    check_decider(person="x", reviewer="r", judged={"o": True, "a": False})
    assert barred(reviewer="", judged=["a"]) == {"a"}


def test_the_same_answer_is_kept_and_another_is_a_change() -> None:
    assert state_after(first="no", decided="no") is DisputeState.KEPT
    assert state_after(first="no", decided="yes") is DisputeState.CHANGED


@pytest.mark.parametrize(
    ("person", "why"),
    [
        ("r", Unfit.SCORED),
        ("o", Unfit.OWNS),
        ("a", Unfit.WORKED),
        ("now", Unfit.HAS_IT),
        ("x", None),
    ],
)
def test_who_has_a_part_in_it_is_not_given_it(person: str, why: Unfit | None) -> None:
    judged = {"o": True, "a": False}
    assert why_unfit(person=person, current="now", reviewer="r", judged=judged) is why
