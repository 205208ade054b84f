"""The figures of a connection at its work: what counts as a failure, and how far back."""

from datetime import timedelta

import pytest

from cases.tools.at_work import Figures, Tried, figures_of, list_at_work
from cases.tools.types import AttemptOutcome, CallState
from tests.cases.tools.conftest import World
from tests.conftest import NOW
from tests.factories.tools import cut

MINUTE = timedelta(minutes=1)


def tried(outcome: AttemptOutcome, minutes: float, connection: str = "store") -> Tried:
    return Tried(connection, outcome, NOW - minutes * MINUTE)


def test_what_brought_no_answer_failed_and_a_refusal_is_an_answer() -> None:
    found = figures_of(
        [
            tried(AttemptOutcome.UNKNOWN, 1),
            tried(AttemptOutcome.ERROR, 2),
            tried(AttemptOutcome.REFUSED, 3),
            tried(AttemptOutcome.ANSWERED, 4),
            tried(AttemptOutcome.STALE, 5),
            tried(AttemptOutcome.ANSWERED, 1, "other"),
        ],
        now=NOW,
    )
    assert found == {
        "store": Figures(tried=4, failed=2, worked_at=NOW - 3 * MINUTE),
        "other": Figures(tried=1, failed=0, worked_at=NOW - MINUTE),
    }
    assert found["store"].failed_share == 0.5


def test_what_is_over_an_hour_ago_is_only_the_last_answer() -> None:
    rows = [tried(AttemptOutcome.ANSWERED, 60), tried(AttemptOutcome.ERROR, 61)]
    assert figures_of(rows, now=NOW)["store"] == Figures(worked_at=NOW - 60 * MINUTE)
    assert Figures().failed_share == 0
    assert figures_of([], now=NOW) == {}


@pytest.mark.django_db
def test_calls_are_counted_by_where_they_stand(world: World) -> None:
    lost = world.propose()
    for _ in range(5):
        world.store.after.append(cut())
    assert world.execute_until_settled(lost) is CallState.UNKNOWN
    assert world.propose("get_order").state == CallState.READY

    [one] = [each for each in list_at_work(now=world.clock()) if each.figures.tried]

    assert (one.waiting, one.running, one.unknown) == (1, 0, 1)
    assert (one.figures.failed, one.figures.tried) == (5, 5)
    assert one.figures.worked_at is None
