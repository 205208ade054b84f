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
    wanted = sorted(set(ids))
    rows = LedgerEntry.objects.filter(at__lte=moment)
    bound = rows.order_by("-at", "-id").values_list("id", flat=True).first()
    if not wanted or bound is None:
        return {}
    before = LedgerEntry.objects.filter(id__lte=bound)
    told = {
        f"{way}_{place}": Subquery(_newest(before.filter(**{column: each})))
        for place, each in enumerate(wanted)
        for way, column in (("acted", "actor_id"), ("named", "subject_id"))
    }
    rows_told: list[Any] = list(LedgerEntry.objects.order_by("id").values(**told)[:1])
    places: dict[str, Any] = rows_told[0]
    numbers = [number for number in places.values() if number]
    entries = LedgerEntry.objects.select_related("payload").in_bulk(numbers)
    found = {}
    for place, each in enumerate(wanted):
        acted = entries.get(places[f"acted_{place}"])
        named = entries.get(places[f"named_{place}"])
        name = _text(acted, (ACTOR_LABEL,)) or _text(named, _NAMED_AS)
        if name:
            found[each] = name
    return found


def _newest(rows: QuerySet[LedgerEntry]) -> "QuerySet[LedgerEntry, Any]":
    return rows.order_by("-id").values("id")[:1]


def _text(entry: LedgerEntry | None, keys: Collection[str]) -> str:
    payload = (payload_of(entry=entry) if entry else None) or {}
    return next((str(payload[key]) for key in keys if payload.get(key)), "")
