"""A typed registry that checks what is put in it."""

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Registry(Generic[T]):
    """Named values put in at start-up and read afterwards.

    Args:
        what: What it holds, for messages, such as ``ledger kind``.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._items: dict[str, T] = {}

    def register(self, key: str, item: T) -> T:
        """Put an item in; the same item again is harmless.

        Raises:
            ValueError: Another item already has this key.
        """
        present = self._items.get(key)
        if present is not None and present != item:
            raise ValueError(f"the {self._what} {key!r} is registered twice")
        self._items[key] = item
        return item

    def get(self, key: str) -> T:
        """Return the item of a key.

        Raises:
            LookupError: Nothing is registered under it.
        """
        try:
            return self._items[key]
        except KeyError:
            raise LookupError(f"no {self._what} {key!r} is registered") from None

    def find(self, key: str) -> T | None:
        """Return the item of a key, or None."""
        return self._items.get(key)

    def __contains__(self, key: str) -> bool:
        return key in self._items

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._items))

    def __len__(self) -> int:
        return len(self._items)
