"""Crash points do nothing unless a fault test asks, twice over."""

import os
import signal
from typing import Any

import pytest

from orchestra.core import crash
from orchestra.core.crash import crash_point


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    calls: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: calls.append((pid, number)))
    monkeypatch.setattr(crash, "_passed", type(crash._passed)())
    return calls


def test_kills_at_the_named_pass_only(
    monkeypatch: pytest.MonkeyPatch, killed: list[tuple[int, int]]
) -> None:
    monkeypatch.setenv(crash.VARIABLE, "during-send:2")

    crash_point("during-send")
    crash_point("after-commit-before-ack")
    assert killed == []
    crash_point("during-send")
    assert killed == [(os.getpid(), signal.SIGKILL)]


def test_the_setting_is_needed_too(
    monkeypatch: pytest.MonkeyPatch, killed: list[tuple[int, int]], settings: Any
) -> None:
    monkeypatch.setenv(crash.VARIABLE, "during-send")
    settings.ORCHESTRA = {**settings.ORCHESTRA, "CRASH_POINTS": False}

    crash_point("during-send")

    assert killed == []


def test_nothing_asked(killed: list[tuple[int, int]]) -> None:
    crash_point("during-send")

    assert killed == []


def test_a_planted_fault_happens_once_at_its_pass(settings: Any) -> None:
    met: list[str] = []
    crash.plant("during-send", lambda: met.append("here"), turn=2)
    crash_point("during-send")
    assert met == []
    settings.ORCHESTRA = {**settings.ORCHESTRA, "CRASH_POINTS": False}
    crash_point("during-send")
    assert met == []
    settings.ORCHESTRA = {**settings.ORCHESTRA, "CRASH_POINTS": True}
    crash_point("during-send")
    crash_point("during-send")
    assert met == ["here"]


def test_what_a_planted_fault_raises_is_raised_there() -> None:
    def fail() -> None:
        raise RuntimeError("planted")

    crash.plant("during-send", fail)
    with pytest.raises(RuntimeError, match="planted"):
        crash_point("during-send")
