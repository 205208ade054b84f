"""What a check may be used for, by the counts of drawn reviews."""

from dataclasses import replace

import pytest

from qa.findings.licensing import Counts, LicenceState, next_state, state_of

GOOD = Counts(failures=61, caught=58, passes=214, passed=206)


@pytest.mark.parametrize(
    ("counts", "state"),
    [
        (GOOD, "licensed"),
        (Counts(52, 43, 242, 231), "licensed"),
        (Counts(71, 55, 226, 211), "advisory"),
        (Counts(64, 37, 219, 190), "stopped"),
        (Counts(29, 29, 300, 300), "advisory"),
        (Counts(30, 30, 300, 300), "licensed"),
        (Counts(0, 0, 300, 300), "advisory"),
        (Counts(40, 40, 0, 0), "advisory"),
        (Counts(40, 40, 200, 120), "stopped"),
        (Counts(29, 0, 300, 0), "advisory"),
        (Counts(), "advisory"),
    ],
)
def test_both_lower_ends_and_enough_failures_give_a_licence(counts: Counts, state: str) -> None:
    assert state_of(counts) == state


def test_what_was_stopped_comes_back_only_with_a_licence() -> None:
    stopped = LicenceState.STOPPED
    assert next_state(stopped, Counts(71, 55, 226, 211)) is stopped
    assert next_state(stopped, Counts()) is stopped
    assert next_state(stopped, GOOD) is LicenceState.LICENSED
    assert next_state(LicenceState.LICENSED, replace(GOOD, caught=45)) is LicenceState.ADVISORY
