"""Which reviewed text tells customers that they talk to an AI, and where it was shown; reads only.

The text is an article for customers about ``TOPIC``; its reviewed versions are its history. One
that also names a channel as a topic is for that channel only.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from cases.memory.entries import DISCLOSURE_SHOWN
from cases.memory.models import Case, Interaction, Message
from cases.memory.rules import is_for_channel
from cases.memory.types import (
    Channel,
    Conversation,
    DisclosureShown,
    DisclosureText,
    Speaker,
)
from governance.knowledge.loading import read_article
from governance.knowledge.models import ArticleInForce
from governance.ledger.selection import EntrySelection, select
from governance.ledger.selectors import payload_of
from orchestra.core.clock import parse_rfc3339
from orchestra.core.errors import ConflictError

TOPIC: Final = "ai_disclosure"
#: So many conversations are read at once.
PAGE: Final = 500


def list_texts(*, channel: Channel) -> list[DisclosureText]:
    """Return the reviewed texts in force for a channel, by language and key: one query.

    A stored text that is not the one that was published is none.
    """
    rows = ArticleInForce.objects.filter(for_customer=True, topics__contains=TOPIC)
    found = []
    for row in rows.select_related("article", "version"):
        try:
            article = read_article(row.version)
        except ConflictError:
            continue
        if TOPIC in article.topics and is_for_channel(topics=article.topics, channel=channel):
            text = article.body.strip()
            found.append(
                DisclosureText(
                    article=article.key,
                    number=row.version.number,
                    version_digest=row.version.digest,
                    language=article.language,
                    text=text,
                    text_digest=hashlib.sha256(text.encode()).hexdigest(),
                )
            )
    return sorted(found, key=lambda one: (one.language, one.article))


def list_shown(*, case: Case) -> list[DisclosureShown]:
    """Return what was shown on a case, in the order it was recorded: one query."""
    return [_shown(entry) for entry in _entries(EntrySelection(streams=(case.stream,)))]


def shown_among(entries: Iterable[Any]) -> list[DisclosureShown]:
    """Return what was shown on a case, of the entries of its stream in their order."""
    return [_shown(entry) for entry in entries if entry.kind == DISCLOSURE_SHOWN]


def list_shown_in(*, interaction_ids: Collection[str]) -> dict[str, datetime]:
    """Return when a disclosure was first shown, by public id of the contact: one query."""
    found: dict[str, datetime] = {}
    if interaction_ids:
        for entry in _entries(EntrySelection(subject_ids=tuple(interaction_ids))):
            at = _shown(entry).shown_at
            found[entry.subject_id] = min(at, found.get(entry.subject_id, at))
    return found


def was_shown(*, interaction: Interaction) -> bool:
    """Return whether a disclosure is on record for a contact: one query."""
    selection = EntrySelection(kinds=(DISCLOSURE_SHOWN,), subject_ids=(str(interaction.public_id),))
    return select(selection).exists()


def contacts_between(since: datetime, until: datetime) -> QuerySet[Interaction]:
    """Return the query of all contacts begun in a span."""
    return Interaction.objects.filter(started_at__gte=since, started_at__lt=until)


def first_contacts(*, since: datetime, until: datetime) -> QuerySet[Any]:
    """Return the query of the first page that ``list_conversations`` goes through."""
    return _page(since, until, None)


def list_conversations(
    *, since: datetime, until: datetime, begun: Sequence[Any] | None = None
) -> Iterator[Conversation]:
    """Yield the contacts begun in a span in which an AI spoke, oldest first.

    Two queries for each ``PAGE`` such contacts of the span, however long it is.

    Args:
        since: Begun at or after this moment, UTC.
        until: Begun before this moment, UTC.
        begun: The rows of ``first_contacts``; read where they are not given.
    """
    page = list(first_contacts(since=since, until=until)) if begun is None else begun
    while True:
        yield from _told(page)
        if len(page) < PAGE:
            return
        page = list(_page(since, until, (page[-1].started_at, page[-1].pk)))


def _page(since: datetime, until: datetime, after: tuple[datetime, int] | None) -> QuerySet[Any]:
    rows = contacts_between(since, until)
    if after is not None:
        at, pk = after
        rows = rows.filter(started_at__gte=at).filter(Q(started_at__gt=at) | Q(pk__gt=pk))
    # Looked up for the contacts of the page, where a grouping would go through all after it.
    spoken = Message.objects.filter(interaction=OuterRef("pk"), speaker=Speaker.AI)
    first = Subquery(spoken.order_by("at").values("at")[:1])
    told = rows.filter(Exists(spoken)).annotate(first_ai_at=first).select_related("case")
    return told.order_by("started_at", "pk")[:PAGE]


def _told(rows: Iterable[Any]) -> Iterator[Conversation]:
    by_id = {str(row.public_id): row for row in rows}
    shown: dict[str, list[DisclosureShown]] = {}
    if by_id:
        for entry in _entries(EntrySelection(subject_ids=tuple(by_id))):
            shown.setdefault(entry.subject_id, []).append(_shown(entry))
    for key, row in by_id.items():
        yield Conversation(
            case_id=str(row.case.public_id),
            label=row.case.label,
            channel=Channel(row.channel),
            began_at=row.started_at,
            first_ai_at=row.first_ai_at,
            shown=min(shown.get(key, ()), key=lambda one: one.shown_at, default=None),
        )


def _entries(selection: EntrySelection) -> Iterable[Any]:
    rows = select(selection).filter(kind=DISCLOSURE_SHOWN)
    return rows.select_related("payload").order_by("id")


def _shown(entry: Any) -> DisclosureShown:
    payload = payload_of(entry=entry)
    told = payload or {}
    return DisclosureShown(
        interaction_id=entry.subject_id,
        # Once erased, when it was recorded is what is left, and it was no earlier.
        shown_at=parse_rfc3339(told["shown_at"]) if told else entry.at,
        article=told.get("article", ""),
        number=told.get("version", 0),
        language=told.get("language", ""),
        channel=told.get("channel", ""),
        text_digest=told.get("text_digest", ""),
        is_erased=payload is None,
    )
