"""Queries over what somebody may see, compiled once for as long as they hold what they hold."""

from collections.abc import Callable, Hashable
from functools import partial
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet

from governance.access.types import Authority
from orchestra.core.compiled import Compiled
from orchestra.core.prepared import Prepared

R = TypeVar("R")

#: Of so many people and ways of asking the texts are kept.
_MOST = 512


class PreparedFor(Generic[R]):
    """A query of one shape for each person and way of asking.

    What a person may see decides much of a query's text, and seldom changes. Where it did, the
    query is compiled again: the authority of each run is compared, with all that it says.

    Args:
        build: Makes the query from an authority, a way of asking, and values as those of
            ``Prepared``. It depends on nothing else, and asks the database for nothing.
    """

    def __init__(self, build: "Callable[..., QuerySet[Any, R]]") -> None:
        self._build = build
        self._known: dict[tuple[str, Hashable], tuple[Authority, Prepared[R]]] = {}

    def rows(self, authority: Authority, asked: Hashable, *values: Any) -> list[R]:
        """Run the query and return its rows."""
        return self._of(authority, asked).rows(*values)

    def beside(self, authority: Authority, asked: Hashable, *values: Any) -> Compiled:
        """Return the query with its values, to be read together with others."""
        return self._of(authority, asked).beside(*values)

    def _of(self, authority: Authority, asked: Hashable) -> Prepared[R]:
        key = authority.actor.id, asked
        held, prepared = self._known.get(key, (None, None))
        if prepared is None or held != authority:
            prepared = Prepared(partial(self._build, authority, asked))
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[key] = authority, prepared
        return prepared
