"""A selection of entries as conditions that the database keeps lists of keys for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Count, Max, Min, QuerySet, Subquery
from django.db.models.functions import Coalesce

from governance.ledger.indexing import word_digests
from governance.ledger.models import EntryHour, EntryIndex, LedgerEntry
from governance.ledger.registry import kinds
from governance.ledger.selection import FACETS, EntrySelection
from orchestra.core.text_query import parse_query
from orchestra.core.together import Reading, all_of, read, read_sums

ENTRY: Final = "governance_ledgerentry"
_FACET: Final = "governance_entryfacet"
_WORD: Final = "governance_entryword"
_HOUR: Final = timedelta(hours=1)
#: More values than this are one list in no order, rather than as many lists in order.
_MOST_BRANCHES: Final = 40
#: Beyond so many entries that the index has not read, a span is looked for without it.
_MOST_UNREAD: Final = 100_000
#: A customer's cases that are followed, the newest first.
_MOST_CASES: Final = 500

#: Table, column of the entry's key, condition, and its values.
Branch = tuple[str, str, str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on entries: a list of keys, and a check of one entry ``e``.

    Attributes:
        branches: Lists of keys in order that make up the list together.
        check: Condition in SQL on the entry ``e``, with its values.
        is_list: Whether the database keeps such a list; else it only checks.
        is_disjoint: Whether no entry stands in two of the lists that make it up.
    """

    branches: tuple[Branch, ...]
    check: tuple[str, tuple[Any, ...]]
    is_list: bool = True
    is_disjoint: bool = False

    def as_check(self) -> tuple[str, tuple[Any, ...]]:
        """Return the condition on one entry, and its values."""
        return self.check


@dataclass(frozen=True, slots=True)
class Span:
    """Between which keys a selection's time lies, and the times themselves.

    Attributes:
        first: Smallest key.
        last: Largest key.
        since: As in the selection.
        until: As in the selection.
    """

    first: int
    last: int
    since: datetime | None = None
    until: datetime | None = None

    @property
    def length(self) -> int:
        """How many keys there are at most."""
        return max(0, self.last - self.first + 1)

    @property
    def is_timed(self) -> bool:
        """Whether an entry within the keys may lie outside the times."""
        return self.since is not None or self.until is not None

    def as_check(self) -> tuple[str, list[Any]]:
        """Return the condition on the time of the entry ``e``, and its values."""
        adapt = connection.ops.adapt_datetimefield_value
        text, values = "", []
        if self.since is not None:
            text, values = " AND e.at >= %s", [adapt(self.since)]
        if self.until is not None:
            text, values = text + " AND e.at < %s", [*values, adapt(self.until)]
        return text, values


def reading_span(selection: EntrySelection) -> Reading[Span | None]:
    """Come to between which keys to look, or None where nothing can lie: one trip.

    An hour of the index says between which keys its entries lie; what the index has not read
    yet lies within the keys of what it has not read.
    """
    is_timed = selection.since is not None or selection.until is not None
    parts = {"all": _reading_ends(LedgerEntry.objects.all())}
    if is_timed:
        parts["hours"] = read_sums(_hours(selection), first=Min("first"), last=Max("last"))
        # Few rows: what waits for the tree, and what the index is behind by.
        parts["unsequenced"] = _reading_ends(LedgerEntry.objects.filter(leaf_index__isnull=True))
        parts["unread"] = _reading_ends(_unread(), count=Count("id"))
    found = yield from all_of(parts)
    whole = found.pop("all")
    if whole["last"] is None:
        return None
    if is_timed and found["unread"].pop("count") <= _MOST_UNREAD:
        ends = [key for part in found.values() for key in part.values() if key is not None]
        if not ends:
            return None
        whole = {"first": min(ends), "last": max(ends)}
    return Span(whole["first"], whole["last"], selection.since, selection.until)


def _unread() -> QuerySet[LedgerEntry]:
    """Return what the index has not read, and no more of it than tells that it is too much."""
    begin = EntryIndex.objects.order_by("pk").values("next_index")[:1]
    after = LedgerEntry.objects.filter(leaf_index__gte=Coalesce(Subquery(begin), 0))
    return LedgerEntry.objects.filter(
        pk__in=after.order_by("leaf_index").values("pk")[: _MOST_UNREAD + 1]
    )


def _reading_ends(rows: QuerySet[LedgerEntry], **more: Count) -> Reading[dict[str, Any]]:
    return (yield from read_sums(rows, first=Min("id"), last=Max("id"), **more))


def _hours(selection: EntrySelection) -> QuerySet[EntryHour]:
    hours = EntryHour.objects.all()
    if selection.since is not None:
        hours = hours.filter(hour__gt=selection.since - _HOUR)
    if selection.until is not None:
        hours = hours.filter(hour__lt=selection.until)
    return hours


def reading_conditions(
    selection: EntrySelection, unread: Mapping[str, Reading[Any]]
) -> Reading[list[Condition]]:
    """Come to every condition of a selection but its span.

    Args:
        selection: What narrows.
        unread: What else narrows and has to be read first: fields of the selection, by name.
    """
    parts = {"unread": all_of(unread), "about": _of_customers(selection.customers)}
    read_first, about = (yield from all_of(parts)).values()
    selection = replace(selection, **read_first)
    found: list[Condition] = about + [
        _of_column(column, values, is_list=column != "actor_kind")
        for column, values in (
            ("stream", selection.streams),
            ("actor_id", selection.actor_ids),
            ("actor_kind", selection.actor_kinds),
            ("subject_id", selection.subject_ids),
            ("kind", tuple(kinds_of(selection.kinds)) if selection.kinds else ()),
        )
        if values
    ]
    if selection.kinds and not kinds_of(selection.kinds):
        found.append(_nothing())
    for name, facet in FACETS.items():
        values = getattr(selection, name)
        if values:
            found.append(_of_facet(facet, values))
    if selection.text:
        found.extend(_of_text(selection.text))
    return found


def kinds_of(wanted: Iterable[str]) -> list[str]:
    """Return the registered kinds that are named, or begin as is named."""
    beginnings = tuple(one for one in wanted if one.endswith("."))
    named = [one for one in wanted if not one.endswith(".")]
    return sorted({*named, *(code for code in kinds if beginnings and code.startswith(beginnings))})


def _of_column(column: str, values: Sequence[str], *, is_list: bool = True) -> Condition:
    check = (f"e.{column} IN ({_marks(values)})", tuple(values))
    # An entry has one value in a column.
    return Condition(_by_value(ENTRY, "id", column, values), check, is_list, is_disjoint=True)


def _of_facet(facet: str, values: Sequence[str]) -> Condition:
    branches = tuple(
        (_FACET, "entry_id", "name = %s AND value = %s", (str(facet), value)) for value in values
    )
    check = (
        f"EXISTS (SELECT 1 FROM {_FACET} AS f WHERE f.entry_id = e.id AND f.name = %s "  # noqa: S608  constants only
        f"AND f.value IN ({_marks(values)}))"
    )
    return Condition(branches, (check, (str(facet), *values)))


def _of_text(text: str) -> list[Condition]:
    query = parse_query(text)
    wanted = word_digests(word for term in query.terms for word in term)
    if not wanted:
        return [_nothing()]
    found = [_of_word(digests) for digests in wanted.values()]
    for term in query.banned:
        checks = [_of_word(digests).check for digests in word_digests(term).values()]
        if checks:
            text = " AND ".join(check for check, _values in checks)
            values = tuple(value for _check, held in checks for value in held)
            found.append(Condition((), (f"NOT ({text})", values), is_list=False))
    return found


def _of_word(digests: tuple[int, ...]) -> Condition:
    check = (
        f"EXISTS (SELECT 1 FROM {_WORD} AS w WHERE w.payload_id = e.id "  # noqa: S608  constants only
        f"AND w.digest IN ({_marks(digests)}))"
    )
    return Condition(_by_value(_WORD, "payload_id", "digest", digests), (check, digests))


def _of_customers(customers: Sequence[str]) -> Reading[list[Condition]]:
    """Entries about customers, and all entries of the cases that were bound to them: one trip."""
    if not customers:
        return []
    about = LedgerEntry.objects.filter(subject_id__in=customers, stream__startswith="case:")
    newest = about.order_by("-id").values_list("stream", flat=True)[: _MOST_CASES * 4]
    cases = tuple(dict.fromkeys((yield from read(newest))))[:_MOST_CASES]
    named = f"e.subject_id IN ({_marks(customers)})"
    branches = _by_value(ENTRY, "id", "subject_id", customers)
    if not cases:
        return [Condition(branches, (named, tuple(customers)))]
    check = (f"({named} OR e.stream IN ({_marks(cases)}))", (*customers, *cases))
    return [Condition((*branches, *_by_value(ENTRY, "id", "stream", cases)), check)]


def _by_value(table: str, key: str, column: str, values: Sequence[Any]) -> tuple[Branch, ...]:
    if len(values) > _MOST_BRANCHES:
        return ((table, key, f"{column} IN ({_marks(values)})", tuple(values)),)
    return tuple((table, key, f"{column} = %s", (value,)) for value in values)


def _nothing() -> Condition:
    return Condition(((ENTRY, "id", "1 = 0", ()),), ("1 = 0", ()))


def _marks(values: Sequence[Any]) -> str:
    return ", ".join(["%s"] * len(values))
