"""Which kinds of entry may be written, and how each reads in words."""

from collections.abc import Callable

from governance.ledger import entries
from governance.ledger.types import EntryKind
from orchestra.core.registry import Registry

__all__ = ["EntryKind", "joined_streams", "kinds", "register_kinds", "streams_with"]

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

#: Who knows which further streams are read together with one, by app; each returns the stream
#: itself first.
joined_streams: Registry[Callable[[str], tuple[str, ...]]] = Registry("joined streams")


def streams_with(stream: str) -> tuple[str, ...]:
    """Return a stream with those that are read together with it, itself first."""
    found = [stream]
    for _name, joins in ((name, joined_streams.get(name)) for name in joined_streams):
        found.extend(one for one in joins(stream) if one not in found)
    return tuple(found)
