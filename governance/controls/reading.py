"""Reads entries page by page, so that a report holds no more of a long span than a page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, Final

from django.db.models import QuerySet

from governance.access_reviews.past import PastRows, past_of, rows_at
from governance.access_reviews.types import Given, Holdings
from governance.controls.types import Asked, Seen
from governance.ledger.entries import ACTOR_LABEL
from governance.ledger.selection import EntrySelection, select
from governance.ledger.selectors import entry_sentence, opened, payload_of
from orchestra.core import clock
from orchestra.core.redaction import mask_value
from orchestra.core.together import Reading, answer

#: So many rows are read at once.
PAGE: Final = 500


class Pages:
    """Rows by key, page by page: one query a page, of which the first may be asked with others.

    Args:
        found: The rows, in any order.
        most: How many a page holds; None for the usual.
    """

    def __init__(self, found: QuerySet[Any], *, most: int | None = None) -> None:
        self._found, self._size = found.order_by("pk"), most or PAGE
        self._begun: list[Any] | None = None

    def page(self, *, after: int = 0) -> QuerySet[Any]:
        """Return the query of the page after a key."""
        return self._found.filter(pk__gt=after)[: self._size]

    def begin(self, rows: list[Any]) -> None:
        """Take the rows of the first page, for the next who goes through the pages."""
        self._begun = rows

    def __iter__(self) -> Iterator[list[Any]]:
        """Yield each page, the last of them perhaps empty."""
        page, self._begun = self._begun, None
        if page is None:
            page = list(self.page())
        while True:
            yield page
            if len(page) < self._size:
                return
            page = list(self.page(after=page[-1].pk))


class Entries:
    """The entries of some kinds in a span, oldest first: one query a page.

    Attributes:
        pages: Their pages.
    """

    def __init__(self, found: QuerySet[Any]) -> None:
        self.pages = Pages(found.select_related("payload"))

    def rows(self) -> Iterator[Any]:
        """Yield them as rows, payloads at hand."""
        for page in self.pages:
            yield from page

    def __iter__(self) -> Iterator[Seen]:
        """Yield them as the reports look at them."""
        return map(see, self.rows())


def each(asked: Asked, kinds: tuple[str, ...], *, actor_kind: str = "") -> Entries:
    """Return the entries of some kinds in a span, yet to be read.

    Args:
        asked: The span.
        kinds: Kinds; one that ends in a dot is a beginning.
        actor_kind: Only what such an actor did; empty for all.
    """
    return Entries(among(asked, kinds, actor_kind=actor_kind))


class Whole:
    """The rows of a query that is asked once, perhaps with others."""

    def __init__(self, found: QuerySet[Any, Any]) -> None:
        self._found = found
        self._begun: list[Any] | None = None

    @property
    def is_begun(self) -> bool:
        """Whether its rows are at hand."""
        return self._begun is not None

    def page(self) -> QuerySet[Any, Any]:
        """Return the query."""
        return self._found

    def begin(self, rows: list[Any]) -> None:
        """Take its rows, for the next who asks for them."""
        self._begun = rows

    def rows(self) -> list[Any]:
        """Return the rows: those it was given, else one query."""
        found, self._begun = self._begun, None
        return list(self._found) if found is None else found


class Past:
    """All authority that stood at the end of a span; read once, perhaps with others."""

    def __init__(self, asked: Asked) -> None:
        self._at = min(asked.until, clock.now())
        self._rows = rows_at(self._at)
        self._parts = {one.name: Whole(getattr(self._rows, one.name)) for one in fields(PastRows)}
        self._found: tuple[Holdings, Mapping[str, Given]] | None = None

    @property
    def parts(self) -> Sequence[Whole]:
        """What it is made out from."""
        return tuple(self._parts.values())

    def read(self) -> tuple[Holdings, Mapping[str, Given]]:
        """Return what ``read_past`` does, of rows read with others; else in one statement."""
        if self._found is None:
            if not all(one.is_begun for one in self.parts):
                answer(begin(*self.parts))
            told: dict[str, Any] = {name: one.rows() for name, one in self._parts.items()}
            self._found = past_of(replace(self._rows, **told), at=self._at)
        return self._found


def begin(*parts: Pages | Whole) -> Reading[None]:
    """Wait for the rows of some queries, or for their first page."""
    found = yield [part.page() for part in parts]
    for part, rows in zip(parts, found, strict=True):
        part.begin(rows)


def among(asked: Asked, kinds: tuple[str, ...], *, actor_kind: str = "") -> QuerySet[Any]:
    """Return the same entries as a query, in no order yet."""
    found = select(EntrySelection(kinds=kinds, since=asked.since, until=asked.until))
    return found.filter(actor_kind=actor_kind) if actor_kind else found


def see(entry: Any) -> Seen:
    """Return an entry as the reports look at it."""
    payload, origin = opened(entry=entry)
    return Seen(
        ref=f"{entry.stream} {entry.seq}",
        kind=entry.kind,
        at=entry.at,
        actor_kind=entry.actor_kind,
        actor_id=entry.actor_id,
        subject_id=entry.subject_id,
        subject_kind=entry.subject_kind,
        payload=payload or {},
        origin=origin,
        erased=payload is None,
    )


def say(entry: Any) -> str:
    """Return an entry in words with personal data masked; its kind once it was erased."""
    payload = payload_of(entry=entry)
    if payload is None:
        return str(entry.kind)
    shown = {**mask_value(payload), ACTOR_LABEL: payload.get(ACTOR_LABEL, "")}
    return entry_sentence(entry=entry, payload=shown)
