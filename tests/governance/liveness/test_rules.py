from datetime import UTC, datetime, timedelta

from governance.liveness.rules import silence_seconds

NOW = datetime(2026, 11, 19, 19, 5, tzinfo=UTC)


def test_silence_runs_from_the_last_sign_and_never_before_the_first() -> None:
    assert silence_seconds(last=None, now=NOW) == 0
    assert silence_seconds(last=NOW - timedelta(seconds=31), now=NOW) == 31
    assert silence_seconds(last=NOW + timedelta(seconds=1), now=NOW) == 0
