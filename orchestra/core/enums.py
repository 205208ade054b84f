"""Turns a StrEnum into model choices."""

from enum import StrEnum


def choices(enum: type[StrEnum]) -> list[tuple[str, str]]:
    """Return Django choices for a StrEnum, labelled in sentence case."""
    return [(member.value, member.value.replace("_", " ").capitalize()) for member in enum]


def length(enum: type[StrEnum]) -> int:
    """Return the length of the longest value."""
    return max(len(member.value) for member in enum)
