"""Which kinds of entry may be written, and how each reads in words."""

from collections.abc import Callable

from governance.ledger import entries
from governance.ledger.types import EntryKind
from orchestra.core.registry import Registry
from orchestra.core.together import Reading, all_of

__all__ = ["EntryKind", "joined_streams", "kinds", "reading_streams_with", "register_kinds"]

#: Every kind that may be appended; the rooms add theirs at start-up.
kinds: Registry[EntryKind] = Registry("ledger kind")


def register_kinds(*items: EntryKind) -> None:
    """Let entries of these kinds be appended; the same kind again is harmless.

    Raises:
        ValueError: Another kind already has this code.
    """
    for item in items:
        kinds.register(item.code, item)


register_kinds(*entries.KINDS)

#: Who knows which further streams are read together with one, by app; each comes to the stream
#: itself first.
joined_streams: Registry[Callable[[str], Reading[tuple[str, ...]]]] = Registry("joined streams")


def reading_streams_with(stream: str) -> Reading[tuple[str, ...]]:
    """Come to a stream with those that are read together with it, itself first."""
    found = yield from all_of({name: joined_streams.get(name)(stream) for name in joined_streams})
    return tuple(dict.fromkeys([stream, *(one for joined in found.values() for one in joined)]))
