"""Hides what a tool calls sensitive where a system of record says it back; pure."""

from collections.abc import Iterator, Sequence
from typing import Final

from cases.tools.types import Json
from orchestra.core.redaction import DOT, mask_arguments

_HIDDEN: Final = DOT * 3
#: Shorter texts are hidden only where they stand alone: within others they are chance.
_SHORTEST_PART: Final = 4


def without_echoes(value: Json, *, arguments: Json, sensitive: Sequence[str]) -> Json:
    """Return an answer without the sensitive arguments of the call that it answers.

    They are hidden where the answer has them under the same path, and wherever their own
    values stand in it, whole or as a part of a text.

    Args:
        value: What a system of record said, or a text about it; it is not changed.
        arguments: What the call was sent with.
        sensitive: Paths of the arguments that its tool calls sensitive.
    """
    secrets = frozenset(_leaves_hidden(arguments, mask_arguments(arguments, sensitive)))
    return _hide(mask_arguments(value, sensitive), secrets) if sensitive else value


def _leaves_hidden(value: Json, masked: Json) -> Iterator[str]:
    """Yield the texts and numbers that masking took away."""
    if value == masked:
        return
    if masked == _HIDDEN:
        yield from _leaves(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves_hidden(item, masked[key])
    elif isinstance(value, list):
        for item, other in zip(value, masked, strict=True):
            yield from _leaves_hidden(item, other)


def _leaves(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif value not in (None, "") and not isinstance(value, bool):
        yield str(value)


def _hide(value: Json, secrets: frozenset[str]) -> Json:
    if isinstance(value, dict):
        return {key: _hide(item, secrets) for key, item in value.items()}
    if isinstance(value, list):
        return [_hide(item, secrets) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if str(value) in secrets:
        return _HIDDEN
    return _hide_parts(value, secrets) if isinstance(value, str) else value


def _hide_parts(text: str, secrets: frozenset[str]) -> str:
    # The longest first: one may be a part of another.
    for secret in sorted(secrets, key=lambda one: (-len(one), one)):
        if len(secret) >= _SHORTEST_PART:
            text = text.replace(secret, _HIDDEN)
    return text
