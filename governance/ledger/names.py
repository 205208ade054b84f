"""What people were called at a past moment, as far as the ledger has told it by then."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet, Subquery

from governance.ledger.entries import ACTOR_LABEL
from governance.ledger.models import LedgerEntry
from governance.ledger.selectors import payload_of

#: Keys of payloads about a person that hold their name.
_NAMED_AS = ("person", "holder")


def last_by(moment: datetime) -> "QuerySet[LedgerEntry, int]":
    """Return the key of the last entry by a moment: one row, or none."""
    rows = LedgerEntry.objects.filter(at__lte=moment)
    return rows.order_by("-at", "-id").values_list("id", flat=True)[:1]


def telling(*, ids: Collection[str], bound: int | None) -> QuerySet[LedgerEntry]:
    """Return the entries that tell the names of some people, payloads at hand, for ``named_in``.

    Of each the newest in which they acted, and the newest about them. Whose name no entry tells,
    or whose was erased, is left out.

    Args:
        ids: Public ids.
        bound: Key of the last entry that is looked at; None where there is none.
    """
    if bound is None:
        return LedgerEntry.objects.none()
    before = LedgerEntry.objects.filter(id__lte=bound)
    newest: list[Any] = [
        Subquery(_newest(before.filter(**{column: each})))
        for each in sorted(set(ids))
        for column in ("actor_id", "subject_id")
    ]
    return LedgerEntry.objects.select_related("payload").filter(id__in=newest).order_by("id")


def named_in(ids: Collection[str], entries: Iterable[LedgerEntry]) -> dict[str, str]:
    """Return the names of some people, by public id, of the entries that tell them.

    Args:
        ids: Public ids, those that were asked for.
        entries: What ``telling`` returned, oldest first.
    """
    acted, about = {}, {}
    for entry in entries:
        acted[entry.actor_id] = about[entry.subject_id] = entry
    found = {}
    for each in ids:
        name = _text(acted.get(each), (ACTOR_LABEL,)) or _text(about.get(each), _NAMED_AS)
        if name:
            found[each] = name
    return found


def _newest(rows: QuerySet[LedgerEntry]) -> "QuerySet[LedgerEntry, Any]":
    return rows.order_by("-id").values("id")[:1]


def _text(entry: LedgerEntry | None, keys: Collection[str]) -> str:
    payload = (payload_of(entry=entry) if entry else None) or {}
    return next((str(payload[key]) for key in keys if payload.get(key)), "")
