"""Keeps what was parsed from versioned documents, by their digest."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class ParsedDocuments(Generic[T]):
    """Values parsed from documents, each once for its digest; the longest unused goes first.

    A digest names one document for ever, so nothing here grows stale.
    """

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._values: OrderedDict[str, T] = OrderedDict()
        self._lock = Lock()

    def get(self, digest: str, parse: Callable[[], T]) -> T:
        """Return the value of a digest, parsed now where it is not kept.

        Args:
            digest: Names the document.
            parse: Reads and parses it; what it raises is passed on and nothing is kept.
        """
        with self._lock:
            if digest in self._values:
                self._values.move_to_end(digest)
                return self._values[digest]
        value = parse()
        with self._lock:
            self._values[digest] = value
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        return value
