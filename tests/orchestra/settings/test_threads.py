"""How many streams a process may hold."""

import pytest

from orchestra.settings.threads import live_streams


@pytest.mark.parametrize(
    ("said", "streams"), [(None, 0), ("48", 32), ("16", 0), ("4", 0), ("many", 0), ("", 0)]
)
def test_sixteen_threads_are_for_everything_else(
    said: str | None, streams: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GRANIAN_BLOCKING_THREADS", raising=False)
    if said is not None:
        monkeypatch.setenv("GRANIAN_BLOCKING_THREADS", said)
    assert live_streams() == streams
