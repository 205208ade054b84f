"""Which entries are meant: a value that says it, and the rows it names."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from governance.ledger.models import LedgerEntry


@dataclass(frozen=True, slots=True)
class EntrySelection:
    """Entries by what they are about; every field that is given narrows, none means all.

    Attributes:
        streams: Names of streams, such as ``case:<uuid>``.
        kinds: Kinds, such as ``approval.granted``; one that ends in a dot is a beginning, such
            as ``approval.``.
        actor_ids: Ids of who acted.
        subject_ids: Public ids of what was acted on.
        since: Recorded at or after this moment, UTC.
        until: Recorded before this moment, UTC.
    """

    streams: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    actor_ids: tuple[str, ...] = ()
    subject_ids: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


def select(selection: EntrySelection) -> QuerySet[LedgerEntry]:
    """Return the entries that a selection names, in no order yet."""
    rows = LedgerEntry.objects.all()
    if selection.streams:
        rows = rows.filter(stream__in=selection.streams)
    if selection.kinds:
        rows = rows.filter(_of_kinds(selection.kinds))
    if selection.actor_ids:
        rows = rows.filter(actor_id__in=selection.actor_ids)
    if selection.subject_ids:
        rows = rows.filter(subject_id__in=selection.subject_ids)
    if selection.since is not None:
        rows = rows.filter(at__gte=selection.since)
    if selection.until is not None:
        rows = rows.filter(at__lt=selection.until)
    return rows


def _of_kinds(kinds: tuple[str, ...]) -> Q:
    wanted = Q(kind__in=[one for one in kinds if not one.endswith(".")])
    for one in kinds:
        if one.endswith("."):
            wanted |= Q(kind__startswith=one)
    return wanted
