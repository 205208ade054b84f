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
    ("seconds", "ran", "refused", "resumed", "passed"),
    [
        (0.0, 3, 1, 2, True),
        (2.0, 1, 1, 2, True),
        (2.01, 3, 1, 2, False),
        (0.1, 0, 1, 2, False),
        (0.1, 3, 0, 2, False),
        (0.1, 3, 1, 1, False),
    ],
)
def test_a_drill_shows_something_only_where_work_ran_ended_in_time_and_went_on(
    seconds: float, ran: int, refused: int, resumed: int, *, passed: bool
) -> None:
    drill = Drill(seconds=seconds, ran=ran, late=0, refused=refused, held=2, resumed=resumed)
    assert rules.drill_passed(drill) is passed
