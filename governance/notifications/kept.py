"""What was read while one window of the ledger is read on: many entries ask for the same.

Rights, people and requests are read once a window, in its transaction, and forgotten with it.
Who is told is no right: whoever follows a notice is let see and do what they may at that moment.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, TypeVar

T = TypeVar("T")

_kept: Final[ContextVar[dict[tuple[Hashable, ...], Any] | None]] = ContextVar("kept", default=None)


@contextmanager
def keeping() -> Iterator[None]:
    """Keep what is read inside; once more inside of it begins anew."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def once(key: tuple[Hashable, ...], read: Callable[[], T]) -> T:
    """Return what a read gives, from the first time it was asked for in the window.

    Outside of a window it is read each time.

    Args:
        key: What is read, and of what.
        read: Reads it.
    """
    kept = _kept.get()
    if kept is None:
        return read()
    if key not in kept:
        kept[key] = read()
    found: T = kept[key]
    return found


def keep(found: Mapping[tuple[Hashable, ...], Any]) -> None:
    """Keep what was read ahead for many entries at once; nothing outside of a window."""
    kept = _kept.get()
    if kept is not None:
        kept.update(found)
