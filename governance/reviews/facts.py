"""The same difference as values: which entry of a document said what, and would say what; pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from governance.reviews.types import Sign

Json = Any
#: The entries that name an item of a list, in the order they are tried.
_NAMES = ("id", "key", "name", "fact", "tool")


@dataclass(frozen=True, slots=True)
class Fact:
    """One value that differs.

    Attributes:
        path: The entries that lead to it; items of a list by their name, or their number.
        before: What it was; None where it was not there.
        after: What it would be; None where it would not be there.
    """

    sign: Sign
    path: tuple[str, ...]
    before: Json = None
    after: Json = None


def list_facts(before: Mapping[str, Json] | None, after: Mapping[str, Json]) -> tuple[Fact, ...]:
    """Return every value in which two documents differ, in the order of the new one.

    Args:
        before: The document in force; None for none.
        after: The document that would be.
    """
    old = dict(_leaves(before or {}))
    new = dict(_leaves(after))
    changed = [
        Fact(Sign.CHANGED if path in old else Sign.ADDED, path, old.get(path), value)
        for path, value in new.items()
        if path not in old or not _same(old[path], value)
    ]
    gone = [Fact(Sign.REMOVED, path, value) for path, value in old.items() if path not in new]
    return (*changed, *gone)


def _same(one: Json, other: Json) -> bool:
    # To Python yes is 1 and 1.0 is 1; to a reader of the text they are not the same.
    return type(one) is type(other) and bool(one == other)


def _leaves(value: Json, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Json]]:
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _leaves(item, (*path, str(key)))
    elif isinstance(value, list) and any(isinstance(item, Mapping | list) for item in value):
        for name, item in zip(_named(value), value, strict=True):
            yield from _leaves(item, (*path, name))
    elif path:
        yield path, value


def _named(items: Sequence[Json]) -> list[str]:
    """Return a name for each item: its own where all have one and none twice, else its number."""
    for entry in _NAMES:
        names = [item.get(entry) if isinstance(item, Mapping) else None for item in items]
        if all(isinstance(name, str) for name in names) and len(set(names)) == len(names):
            return [str(name) for name in names]
    return [str(number) for number in range(1, len(items) + 1)]
