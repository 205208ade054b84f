import pytest

from governance.switches import rules
from governance.switches.types import Drill, StopScope


@pytest.mark.parametrize("scope", list(StopScope))
def test_only_a_stop_of_everything_is_lifted_by_two(scope: StopScope) -> None:
    assert rules.needs_two(scope) == (scope is StopScope.EVERYTHING)


@pytest.mark.parametrize(
    ("asked_by", "person", "may"), [("", "a", False), ("a", "a", False), ("a", "b", True)]
)
def test_another_than_who_asked_agrees(asked_by: str, person: str, *, may: bool) -> None:
    assert rules.may_agree(asked_by=asked_by, person=person) is may


@pytest.mark.parametrize(
    ("seconds", "held", "passed"),
    [(0.0, 3, True), (2.0, 1, True), (2.01, 3, False), (0.1, 0, False)],
)
def test_a_drill_shows_something_only_in_time_and_with_something_held(
    seconds: float, held: int, *, passed: bool
) -> None:
    drill = Drill(seconds=seconds, ran=1, late=0, held=held, resumed=held)
    assert rules.drill_passed(drill) is passed
