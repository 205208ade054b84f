"""What people were called at a past moment, as far as the ledger has told it by then."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import QuerySet, Subquery

from governance.ledger.entries import ACTOR_LABEL
from governance.ledger.models import LedgerEntry
from governance.ledger.selectors import payload_of

#: Keys of payloads about a person that hold their name.
_NAMED_AS = ("person", "holder")


def names_at(*, ids: Collection[str], moment: datetime) -> dict[str, str]:
    """Return the names of some people as they were, by public id: three queries.

    The newest entry by then in which a person acted says it, else the newest about them. Whose
    name no entry tells, or whose was erased, is left out.

    Args:
        ids: Public ids.
        moment: The moment, UTC.
    """
    bound = last_by(moment).first()
    return named_in(places_of(ids=ids, bound=bound))


def last_by(moment: datetime) -> "QuerySet[LedgerEntry, int]":
    """Return the key of the last entry by a moment: one row, or none."""
    rows = LedgerEntry.objects.filter(at__lte=moment)
    return rows.order_by("-at", "-id").values_list("id", flat=True)[:1]


Places = tuple[list[str], "QuerySet[LedgerEntry, tuple[int | None, ...]]"]


def places_of(*, ids: Collection[str], bound: int | None) -> Places:
    """Return some people, and the one row of the entries that tell their names, for ``named_in``.

    Args:
        ids: Public ids.
        bound: Key of the last entry that is looked at; None where there is none.
    """
    wanted = sorted(set(ids)) if bound is not None else []
    before = LedgerEntry.objects.filter(id__lte=bound or 0)
    told = [
        Subquery(_newest(before.filter(**{column: each})))
        for each in wanted
        for column in ("actor_id", "subject_id")
    ]
    rows: Any = LedgerEntry.objects.order_by("id")
    return wanted, rows.values_list(*told)[:1] if told else rows.none()


def named_in(places: Places) -> dict[str, str]:
    """Return the names of some people, by public id, of the entries that tell them: one query."""
    wanted, rows = places
    numbers = next(iter(rows), ())
    if not numbers:
        return {}
    entries = LedgerEntry.objects.select_related("payload").in_bulk(
        [number for number in numbers if number]
    )
    found = {}
    for each, acting, naming in zip(wanted, numbers[::2], numbers[1::2], strict=True):
        acted, named = entries.get(acting or 0), entries.get(naming or 0)
        name = _text(acted, (ACTOR_LABEL,)) or _text(named, _NAMED_AS)
        if name:
            found[each] = name
    return found


def _newest(rows: QuerySet[LedgerEntry]) -> "QuerySet[LedgerEntry, Any]":
    return rows.order_by("-id").values("id")[:1]


def _text(entry: LedgerEntry | None, keys: Collection[str]) -> str:
    payload = (payload_of(entry=entry) if entry else None) or {}
    return next((str(payload[key]) for key in keys if payload.get(key)), "")
