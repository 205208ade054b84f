"""The breaker as a machine over given times."""

from hypothesis import given
from hypothesis import strategies as st

from orchestra.core.breaker import FAILURES_TO_OPEN, OPEN_SECONDS, Breaker


def opened() -> Breaker:
    breaker = Breaker()
    for _ in range(FAILURES_TO_OPEN):
        assert breaker.admit(0.0)
        breaker.failed(0.0)
    return breaker


def test_one_trial_at_a_time() -> None:
    breaker = opened()

    assert not breaker.admit(OPEN_SECONDS - 0.1)
    assert breaker.admit(OPEN_SECONDS)
    assert not breaker.admit(OPEN_SECONDS)
    assert breaker.state.state == "trial"


def test_a_failed_trial_opens_again() -> None:
    breaker = opened()
    breaker.admit(OPEN_SECONDS)
    breaker.failed(OPEN_SECONDS)

    assert not breaker.admit(OPEN_SECONDS + 1)
    assert breaker.admit(2 * OPEN_SECONDS)


def test_a_good_trial_closes() -> None:
    breaker = opened()
    breaker.admit(OPEN_SECONDS)
    breaker.succeeded()

    assert breaker.admit(OPEN_SECONDS)
    assert breaker.state.failures == 0


@given(st.lists(st.booleans(), max_size=60))
def test_never_more_than_five_failures_in_a_row_pass(results: list[bool]) -> None:
    breaker, in_a_row = Breaker(), 0
    for good in results:
        if not breaker.admit(1.0):
            assert in_a_row >= FAILURES_TO_OPEN
            continue
        if good:
            breaker.succeeded()
            in_a_row = 0
        else:
            breaker.failed(1.0)
            in_a_row += 1
        assert in_a_row <= FAILURES_TO_OPEN
