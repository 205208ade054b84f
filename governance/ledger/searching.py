"""Find entries by any filters, a page at a time, at any length of the ledger.

Every filter is a list of keys that the database keeps in order. The shortest list leads, the
others are looked up for what it names. A list that may be long is followed for a bounded piece
only, and the page says how far it looked, so no page reads the ledger and none skips rows that
it counted over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from django.db import connection
from django.db.models import QuerySet

from governance.ledger.conditions import ENTRY, Condition, Span, reading_conditions, reading_span
from governance.ledger.models import LedgerEntry
from governance.ledger.selection import EntrySelection
from orchestra.core.together import Reading, all_of, answer

#: A list up to here is read whole, and what matches counted exactly.
CAP: Final = 10_000
#: How many keys of a longer list one page looks at: a short piece first, then a long one.
PIECES: Final = (2_000, 20_000)
LARGEST_KEY: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins.

    Attributes:
        key: The entry beyond which it goes on, by its key; None for the end of the ledger.
        is_newer: Whether it goes on to newer entries instead of older ones.
    """

    key: int | None = None
    is_newer: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """One page of entries.

    Attributes:
        keys: Of the entries, newest first.
        older: Key to go on from to older entries; None where there are none.
        newer: Key to go on from to newer ones; None where there are none.
        count: How many entries match in all; None where they were not counted.
        at_least: How many are known to match where they were not counted.
        looked_to: Key to which the page looked without filling; None where it is full or the
            end was reached.
    """

    keys: tuple[int, ...] = ()
    older: int | None = None
    newer: int | None = None
    count: int | None = None
    at_least: int = 0
    looked_to: int | None = None

    @property
    def entries(self) -> tuple[LedgerEntry, ...]:
        """The entries themselves, newest first, payloads at hand: one query at each call."""
        return tuple(self.list_entries())

    def list_entries(self) -> QuerySet[LedgerEntry]:
        """Return the query of ``entries``, to be asked beside others."""
        rows = LedgerEntry.objects.select_related("payload").filter(pk__in=self.keys)
        return rows.order_by("-id")


@dataclass(slots=True)
class _Sql:
    text: str = ""
    params: list[Any] = field(default_factory=list)

    def add(self, text: str, params: Sequence[Any] = ()) -> "_Sql":
        self.text += text
        self.params += params
        return self


def search(selection: EntrySelection, *, place: Place, size: int) -> Found:
    """Return one page of the entries that a selection names; see ``reading_search``."""
    return answer(reading_search(selection, place=place, size=size))


def reading_search(
    selection: EntrySelection,
    *,
    unread: Mapping[str, Reading[Any]] | None = None,
    place: Place,
    size: int,
) -> Reading[Found]:
    """Come to one page of the entries that a selection names.

    Args:
        selection: What narrows.
        unread: What else narrows and has to be read first: fields of the selection, by name.
        place: Where the page begins.
        size: How many entries it holds at most.
    """
    parts: dict[str, Reading[Any]] = {
        "span": reading_span(selection),
        "conditions": reading_conditions(selection, unread or {}),
    }
    span, conditions = (yield from all_of(parts)).values()
    if span is None:
        return Found(count=0)
    lists = [one for one in conditions if one.is_list]
    lead, length = _shortest(lists, span)
    checks = [one for one in conditions if one is not lead]
    if length > CAP:
        return _pieces(lead, checks, span, place, size)
    if lead is None or checks or span.is_timed:
        return _whole(lead, checks, span, place, size)
    # The list is what matches, and has been counted.
    found = _pieces(lead, checks, span, place, size)
    return replace(found, count=length, at_least=length)


def _shortest(lists: Sequence[Condition], span: Span) -> tuple[Condition | None, int]:
    """Return the list to follow and its length, counted up to the cap."""
    everything = span.length
    if not lists:
        return None, everything
    counted = _Sql("SELECT ")
    for place, one in enumerate(lists):
        counted.add(", " if place else "").add("(SELECT count(*) FROM (")
        if one.is_disjoint:
            _in_no_order(counted, one, span, CAP + 1)
        else:
            _keys(counted, one, span, Place(), CAP + 1)
        counted.add(f") AS list{place})")
    lengths = _rows(counted)[0]
    length, place = min((length, place) for place, length in enumerate(lengths))
    return (None, everything) if everything < length else (lists[place], length)


def _whole(
    lead: Condition | None, checks: Sequence[Condition], span: Span, place: Place, size: int
) -> Found:
    """Return the page of a list that is read whole: what matches is counted exactly."""
    every = _Sql()
    _matching(every, lead, checks, span, Place(), CAP)
    keys = sorted((key for (key,) in _rows(every)), reverse=True)
    after = _beyond(keys, place)
    page = after[-size:] if place.is_newer else after[:size]
    return Found(
        keys=tuple(page),
        older=page[-1] if page and page[-1] != keys[-1] else None,
        newer=page[0] if page and page[0] != keys[0] else None,
        count=len(keys),
        at_least=len(keys),
    )


def _pieces(
    lead: Condition | None, checks: Sequence[Condition], span: Span, place: Place, size: int
) -> Found:
    """Return the page of a list that may be long: a bounded piece of it is looked at."""
    pieces = PIECES if checks or span.is_timed else (size + 1,)
    keys, reached = _looked(lead, checks, span, place, pieces, size)
    is_more, page = len(keys) > size, keys[:size]
    if place.is_newer:
        page.reverse()
    beyond = page[0 if place.is_newer else -1] if is_more else reached
    back = page[-1 if place.is_newer else 0] if page else place.key
    behind = back if place.key is not None else None
    return Found(
        keys=tuple(page),
        older=behind if place.is_newer else beyond,
        newer=beyond if place.is_newer else behind,
        count=None,
        at_least=CAP if lead is not None and not checks and not span.is_timed else len(page),
        looked_to=None if is_more else reached,
    )


def _looked(
    lead: Condition | None,
    checks: Sequence[Condition],
    span: Span,
    place: Place,
    pieces: Sequence[int],
    size: int,
) -> tuple[list[int], int | None]:
    """Return the keys that match, one more than a page at most, and how far was looked.

    A longer piece is looked at only where the one before did not fill the page: the database
    skips a part whose condition on what was met before is false. How far is None where the page
    is full, or the list ends within the longest piece.
    """
    found = _Sql()
    for number, piece in enumerate(pieces):
        found.add(f"{', ' if number else 'WITH '}met{number} AS (")
        if number:
            before = f"(SELECT count(*) FROM met{number - 1})"  # noqa: S608  constants only
            found.add(f"SELECT id FROM met{number - 1} WHERE {before} > %s", [size])  # noqa: S608  constants only
            found.add(" UNION ALL SELECT id FROM (")
        _matching(found, lead, checks, span, place, piece)
        found.add(f" ORDER BY e.id {_order(place)} LIMIT %s", [size + 1])
        if number:
            found.add(f") AS more{number} WHERE {before} <= %s", [size])
        found.add(")")
    met = f"met{len(pieces) - 1}"
    found.add(f" SELECT id, 1 FROM {met} UNION ALL SELECT CASE WHEN")  # noqa: S608  constants only
    found.add(f" (SELECT count(*) FROM {met}) <= %s THEN", [size])  # noqa: S608  constants only
    found.add(" (SELECT CASE WHEN count(*) >= %s THEN", [pieces[-1]])
    found.add(" max(id)" if place.is_newer else " min(id)").add(" END FROM (")
    _keys(found, lead, span, place, pieces[-1])
    rows = _rows(found.add(") AS seen) END, 0"))
    keys = sorted((key for key, is_met in rows if is_met), reverse=not place.is_newer)
    return keys, next(key for key, is_met in rows if not is_met)


def _matching(
    sql: _Sql,
    lead: Condition | None,
    checks: Sequence[Condition],
    span: Span,
    place: Place,
    most: int,
) -> None:
    """Add the keys of a piece of a list that also meet the other conditions."""
    sql.add("SELECT e.id FROM (")
    _keys(sql, lead, span, place, most)
    if not checks and not span.is_timed:
        sql.add(") AS e")
        return
    sql.add(f") AS lead JOIN {ENTRY} AS e ON e.id = lead.id WHERE 1 = 1")
    for one in checks:
        sql.add(" AND ").add(*one.as_check())
    sql.add(*span.as_check())


def _keys(sql: _Sql, lead: Condition | None, span: Span, place: Place, most: int) -> None:
    """Add the next keys of a list, at most so many, in the order of the page."""
    order = _order(place)
    branches = lead.branches if lead else ((ENTRY, "id", "1 = 1", ()),)
    for number, (table, key, condition, params) in enumerate(branches):
        sql.add(" UNION " if number else "")
        sql.add(f"SELECT id FROM (SELECT {key} AS id FROM {table} WHERE {condition}", params)  # noqa: S608  constants only
        low, high = span.first, span.last
        if place.key is not None:
            low, high = (
                (max(low, min(place.key, LARGEST_KEY - 1) + 1), high)
                if place.is_newer
                else (low, min(high, max(place.key, 1 - LARGEST_KEY) - 1))
            )
        sql.add(f" AND {key} BETWEEN %s AND %s ORDER BY {key} {order} LIMIT %s", [low, high, most])
        sql.add(f") AS branch{number}")
    if len(branches) > 1:
        sql.add(f" ORDER BY 1 {order} LIMIT %s", [most])


def _in_no_order(sql: _Sql, lead: Condition, span: Span, most: int) -> None:
    """Add keys of a list to be counted, at most so many: the database stops at the last one."""
    for number, (table, key, condition, params) in enumerate(lead.branches):
        sql.add(" UNION ALL " if number else "")
        sql.add(f"SELECT {key} AS id FROM {table} WHERE {condition}", params)  # noqa: S608  constants only
        sql.add(f" AND {key} BETWEEN %s AND %s", [span.first, span.last])
    sql.add(" LIMIT %s", [most])


def _beyond(keys: Sequence[int], place: Place) -> list[int]:
    if place.key is None:
        return list(keys)
    if place.is_newer:
        return [key for key in keys if key > place.key]
    return [key for key in keys if key < place.key]


def _order(place: Place) -> str:
    return "ASC" if place.is_newer else "DESC"


def _rows(sql: _Sql) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.params)
        return list(cursor.fetchall())
