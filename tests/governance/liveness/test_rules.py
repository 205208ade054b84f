from datetime import UTC, datetime, timedelta

from governance.liveness.rules import (
    FORGOTTEN_AFTER,
    Standing,
    Told,
    silence_seconds,
    standing_of,
)
from orchestra.core.breaker import CLOSED, OPEN, OPEN_SECONDS, TRIAL

NOW = datetime(2026, 11, 19, 19, 5, tzinfo=UTC)


def test_silence_runs_from_the_last_sign_and_never_before_the_first() -> None:
    assert silence_seconds(last=None, now=NOW) == 0
    assert silence_seconds(last=NOW - timedelta(seconds=31), now=NOW) == 31
    assert silence_seconds(last=NOW + timedelta(seconds=1), now=NOW) == 0


def test_the_worst_that_a_process_sees_is_how_a_connection_stands() -> None:
    told = [Told(OPEN, 5, NOW), Told(OPEN, 7, NOW - timedelta(seconds=10)), Told(CLOSED, 0, NOW)]
    standing = standing_of(told, now=NOW + timedelta(seconds=5))
    assert standing == Standing(OPEN, 2, 7, NOW + timedelta(seconds=OPEN_SECONDS))


def test_once_its_time_is_over_the_next_call_tries_it() -> None:
    over = NOW + timedelta(seconds=OPEN_SECONDS)
    assert standing_of([Told(OPEN, 5, NOW)], now=over) == Standing(TRIAL, 1, 5)
    assert standing_of([Told(TRIAL, 6, NOW)], now=NOW) == Standing(TRIAL, 1, 6)


def test_what_a_process_told_that_is_gone_is_forgotten() -> None:
    assert standing_of([Told(OPEN, 5, NOW)], now=NOW + FORGOTTEN_AFTER) == Standing()
    assert standing_of([], now=NOW) == Standing()
    assert standing_of([Told(CLOSED, 0, NOW)], now=NOW) == Standing()
