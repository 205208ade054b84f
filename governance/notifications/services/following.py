"""Read the ledger on from a cursor: make notices, and give the events to who subscribed.

The cursor moves in the transaction that writes what was made of the entries, so each entry is
made something of exactly once, however many workers read and wherever one ends.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import DatabaseError, DataError, IntegrityError

from governance.ledger.entries import SYSTEM_STREAM
from governance.ledger.placed import is_behind
from governance.ledger.selectors import first_index_since, list_placed, tree_size
from governance.ledger.services import append_entry, one_act, one_part
from governance.ledger.types import EntryDraft, PlacedEntry
from governance.notifications import entries, registry
from governance.notifications.kept import keeping
from governance.notifications.models import LedgerReader
from governance.notifications.services.telling import Outbox, tell
from governance.notifications.types import Event, Happened
from orchestra.core.actors import system
from orchestra.core.errors import ConflictError, OrchestraError
from orchestra.core.locking import compare_and_set, take_one
from orchestra.core.prepared import Prepared, fill

log = structlog.get_logger(__name__)

NOTIFICATIONS = system("notifications")
#: How many places one transaction reads over; most hold kinds nobody is told of.
WINDOW: Final = 500
MOST_WINDOWS: Final = 40
#: What is older when a reader begins, nobody needs to be told any more.
LOOKS_BACK: Final = timedelta(hours=1)
_READER: Final = "notices"
_EVENTS: Final = "events:"

_BEHIND: Final = Prepared(
    lambda names: (
        LedgerReader.objects.filter(name__in=names)
        .annotate(behind=is_behind("next_index"))
        .values_list("name", "behind")
    )
)

#: What one entry alone can be wrong in; anything else is tried again by the next run.
_OF_THE_ENTRY = (
    OrchestraError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    IntegrityError,
    DataError,
)


def follow_ledger(*, now: datetime, window: int = WINDOW, wait: bool = True) -> int:
    """Read on: make notices of what is new, and give it to every subscriber.

    Must not be called inside an act.

    Args:
        now: When, UTC.
        window: How many places one transaction reads over.
        wait: Whether to wait for another that reads on at this moment; if not, it is left to that.

    Returns:
        Over how many places the notices went on.
    """
    names = {name: f"{_EVENTS}{name}" for name in registry.subscribers}
    behind = _behind([_READER, *names.values()])
    done = 0
    if _READER in behind:
        kinds = list(registry.rules)
        done = _follow(
            _READER, lambda happened: _make_notices(happened, now), kinds, now, window, wait=wait
        )
    for name, reader in names.items():
        if reader in behind:
            _give_events(reader, registry.subscribers.get(name), now, window, wait=wait)
    return done


def event_of(entry: PlacedEntry) -> Event:
    """Return what leaves the installation of an entry."""
    return _as_event(_as_happened(entry))


def _behind(readers: Sequence[str]) -> set[str]:
    """Return the readers that there is something new for, or that never began."""
    known = dict(_BEHIND.rows(fill(readers)))
    return {name for name in readers if known.get(name, True)}


def _follow(
    name: str,
    take: Callable[[Sequence[Happened]], None],
    kinds: Collection[str],
    now: datetime,
    window: int,
    *,
    wait: bool,
) -> int:
    done = 0
    for _turn in range(MOST_WINDOWS):
        with one_act(durable=True):
            read = _read_window(name, take, kinds, now, window, wait=wait)
        done += read
        if read < window:
            break
    return done


def _read_window(
    name: str,
    take: Callable[[Sequence[Happened]], None],
    kinds: Collection[str],
    now: datetime,
    window: int,
    *,
    wait: bool,
) -> int:
    reader = _take_reader(name, now, wait=wait)
    if reader is None:
        return 0
    end = min(tree_size(), reader.next_index + window)
    read = max(0, end - reader.next_index)
    if not read:
        return 0
    placed = list_placed(begin=reader.next_index, end=end, of_kinds=kinds) if kinds else []
    if placed:
        take([_as_happened(entry) for entry in placed])
    compare_and_set(
        reader,
        expected={"next_index": reader.next_index},
        changes={"next_index": end, "read_at": now},
        actor=NOTIFICATIONS,
    )
    return read


def _take_reader(name: str, now: datetime, *, wait: bool) -> LedgerReader | None:
    # Begun once; two that begin at once find the same row.
    if not LedgerReader.objects.filter(name=name).exists():
        begin = first_index_since(at=now - LOOKS_BACK)
        LedgerReader.objects.bulk_create(
            [LedgerReader(name=name, next_index=begin, read_at=now)], ignore_conflicts=True
        )
    return take_one(LedgerReader.objects.filter(name=name), wait=wait)


def _as_happened(entry: PlacedEntry) -> Happened:
    return Happened(
        index=entry.index,
        event_id=str(uuid.UUID(entry.leaf_hash[:32])),
        kind=entry.kind,
        at=entry.at,
        actor_id=entry.actor_id,
        stream=entry.stream,
        subject_kind=entry.subject_kind,
        subject_id=entry.subject_id,
        payload=entry.payload or {},
    )


def _as_event(happened: Happened) -> Event:
    return Event(
        id=happened.event_id,
        type=happened.kind,
        subject_kind=happened.subject_kind,
        subject_id=happened.subject_id,
        at=happened.at,
        index=happened.index,
        stream=happened.stream,
    )


def _make_notices(happened: Sequence[Happened], now: datetime) -> None:
    """Make the notices of a window; an entry that cannot be read is recorded, and read over.

    Where one cannot be written, each is written by itself.
    """
    try:
        with one_part(), keeping():
            _tell(happened, now)
    except _OF_THE_ENTRY as error:
        if len(happened) == 1:
            _record_unreadable(happened[0], error, now)
            return
        for one in happened:
            _make_notices([one], now)


def _tell(happened: Sequence[Happened], now: datetime) -> None:
    outbox = Outbox()
    for ahead, those in _read_ahead(happened).items():
        ahead(those)
    for one in happened:
        try:
            tell(one, now=now, outbox=outbox)
        except DatabaseError:
            # The transaction is not what it was: the part goes as a whole.
            raise
        except _OF_THE_ENTRY as error:
            _record_unreadable(one, error, now)
    outbox.write(now)


def _read_ahead(
    happened: Sequence[Happened],
) -> Mapping[Callable[[Sequence[Happened]], None], list[Happened]]:
    found: dict[Callable[[Sequence[Happened]], None], list[Happened]] = defaultdict(list)
    for one in happened:
        if ahead := registry.rules.get(one.kind).ahead:
            found[ahead].append(one)
    return found


def _record_unreadable(happened: Happened, error: Exception, now: datetime) -> None:
    code = type(error).__name__
    log.warning("notices.unreadable", index=happened.index, kind=happened.kind, error=code)
    append_entry(
        actor=NOTIFICATIONS,
        now=now,
        draft=EntryDraft(
            stream=SYSTEM_STREAM,
            kind=entries.UNREADABLE,
            payload={"index": happened.index, "kind": happened.kind, "code": code},
            subject_kind="entry",
            subject_id=str(happened.index),
        ),
    )


def _give_events(
    reader: str, subscriber: registry.Subscriber, now: datetime, window: int, *, wait: bool
) -> None:
    """Give one subscriber what is new; where it fails, it alone is given the same again."""
    kinds = list(registry.rules) if subscriber.kinds is None else subscriber.kinds()

    def take(happened: Sequence[Happened]) -> None:
        for one in happened:
            subscriber.take(_as_event(one))

    try:
        _follow(reader, take, kinds, now, window, wait=wait)
    except (*_OF_THE_ENTRY, ConflictError) as error:
        name = reader.removeprefix(_EVENTS)
        log.warning("events.not_taken", subscriber=name, error=type(error).__name__)
