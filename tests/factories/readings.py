"""Readings of interactions as values, for checks."""

from datetime import timedelta
from typing import Any

from qa.findings.reading import CallSeen, Reading, Utterance
from tests.factories.access import MADE_AT

#: One line a second apart.
STEP = timedelta(seconds=10)


def talk(*lines: str) -> tuple[Utterance, ...]:
    """Return messages of lines such as ``customer: Hello``, ten seconds apart, from ``m0`` on."""
    found = []
    for number, line in enumerate(lines):
        speaker, _, text = line.partition(": ")
        found.append(Utterance(f"m{number}", speaker, text, MADE_AT + number * STEP))
    return tuple(found)


def call_after(number: int, tool: str, **fields: Any) -> CallSeen:
    """Return a write that ran between a message of ``talk`` and the next."""
    at = MADE_AT + number * STEP + STEP / 4
    return CallSeen(
        "c1", tool, at, **{"writes": True, "settled_at": at + timedelta(seconds=2), **fields}
    )


def reading(*lines: str, **fields: Any) -> Reading:
    """Return a reading of lines as ``talk`` takes them."""
    return Reading(talk(*lines), **fields)
