"""Reads entries page by page, so that a report holds no more of a long span than a page."""

from collections.abc import Iterator
from typing import Any, Final

from django.db.models import QuerySet

from governance.controls.types import Asked, Seen
from governance.ledger.entries import ACTOR_LABEL
from governance.ledger.selection import EntrySelection, select
from governance.ledger.selectors import entry_sentence, opened, payload_of
from orchestra.core.redaction import mask_value

#: So many rows are read at once.
PAGE: Final = 500


def each(asked: Asked, kinds: tuple[str, ...], *, actor_kind: str = "") -> Iterator[Seen]:
    """Yield the entries of some kinds in a span, oldest first: one query a page.

    Args:
        asked: The span.
        kinds: Kinds; one that ends in a dot is a beginning.
        actor_kind: Only what such an actor did; empty for all.
    """
    for row in rows(asked, kinds, actor_kind=actor_kind):
        yield see(row)


def rows(asked: Asked, kinds: tuple[str, ...], *, actor_kind: str = "") -> Iterator[Any]:
    """Yield the same entries as rows, payloads at hand."""
    found = among(asked, kinds, actor_kind=actor_kind)
    for page in pages(found.select_related("payload")):
        yield from page


def pages(found: QuerySet[Any], *, most: int | None = None) -> Iterator[list[Any]]:
    """Yield rows by key, page by page, the last of them perhaps empty: one query a page.

    Args:
        found: The rows, in any order.
        most: How many a page holds; None for the usual.
    """
    size, after = most or PAGE, 0
    while True:
        page = list(found.order_by("pk").filter(pk__gt=after)[:size])
        yield page
        if len(page) < size:
            return
        after = page[-1].pk


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
