"""Read the ledger on into the index that its entries are found by.

The cursor moves in the transaction that writes what was read, so every entry is read exactly
once, however many workers read and wherever one ends. Everything in the index is derived: it
proves nothing, and reading again from 0 makes it again.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db import connection

from governance.ledger.facets import OF_PAYLOAD, Facet, Fact, read_facts, read_words
from governance.ledger.indexing import index_digests, key_id
from governance.ledger.models import EntryFacet, EntryHour, EntryIndex, LedgerEntry
from governance.ledger.placed import is_behind
from governance.ledger.selectors import payload_of, tree_size
from governance.ledger.services.appending import one_act
from governance.ledger.types import Json
from orchestra.core.locking import take_one
from orchestra.core.prepared import Prepared

#: How many places one transaction reads over, and how often one run goes on.
WINDOW: Final = 500
MOST_WINDOWS: Final = 40
_ROW: Final = 1
_WORDS: Final = (
    "INSERT INTO governance_entryword (payload_id, digest) {rows} ON CONFLICT DO NOTHING"
)
_WORDS_AT_ONCE: Final = _WORDS.format(rows="SELECT * FROM unnest(%s::bigint[], %s::bigint[])")
_WORD: Final = _WORDS.format(rows="VALUES (%s, %s)")
_CALL: Final = "tool_call"

_BEHIND: Final = Prepared(
    lambda row: (
        EntryIndex.objects.filter(pk=row)
        .annotate(behind=is_behind("next_index"))
        .values_list("key_id", "behind")
    )
)

Facts = dict[str, set[Fact]]


def index_entries(
    *, window: int = WINDOW, most_windows: int = MOST_WINDOWS, wait: bool = True
) -> int:
    """Read the entries that came into the tree since, until none is left or the run is long.

    Must not be called inside an act.

    Args:
        window: How many places one transaction reads over.
        most_windows: After how many of them to leave the rest to the next run.
        wait: Whether to wait for another that reads on at this moment; if not, it is left to that.

    Returns:
        Over how many places it went on.
    """
    done = 0
    if not _is_behind():
        return done
    for _turn in range(most_windows):
        with one_act(durable=True):
            read = _read_window(window, wait=wait)
        done += read
        if read < window:
            break
    return done


def _is_behind() -> bool:
    known = _BEHIND.first(_ROW)
    # Words under another key are read again from the beginning.
    return known is None or known != (key_id(), False)


def hold_index() -> None:
    """Lock the row by which the index goes on, so that nothing is read while it is held.

    Must be called in a transaction.
    """
    _take_index(wait=True)


def forget_facts(keys: list[int]) -> None:
    """Remove what the index read out of payloads that are erased; the words go by themselves.

    Args:
        keys: Keys of the entries.
    """
    EntryFacet.objects.filter(entry_id__in=keys, name__in=OF_PAYLOAD).delete()


def _take_index(*, wait: bool) -> EntryIndex | None:
    EntryIndex.objects.get_or_create(pk=_ROW)
    return take_one(EntryIndex.objects.filter(pk=_ROW), wait=wait)


def _read_window(window: int, *, wait: bool) -> int:
    index = _take_index(wait=wait)
    if index is None:
        return 0
    if index.key_id != key_id():
        # Words under another key are not found by this one, so all is read again.
        index.key_id, index.next_index = key_id(), 0
        index.save(update_fields=["key_id", "next_index"])
    begin = index.next_index
    end = min(tree_size(), begin + window)
    if end <= begin:
        return 0
    rows = LedgerEntry.objects.filter(leaf_index__gte=begin, leaf_index__lt=end)
    _write(list(rows.select_related("payload").order_by("leaf_index")), end)
    index.next_index = end
    index.save(update_fields=["next_index"])
    return end - begin


def _write(entries: list[LedgerEntry], end: int) -> None:
    facts: dict[int, set[Fact]] = {}
    about: dict[int, str] = {}
    words: list[tuple[int, int]] = []
    for entry in entries:
        payload = payload_of(entry=entry)
        facts[entry.pk] = read_facts(_envelope(entry), payload or {})
        if payload is None:
            continue
        about[entry.pk] = _call_of(entry, payload)
        words += [(entry.pk, digest) for digest in set(index_digests(read_words(payload)))]
    _spread(facts, about, end)
    EntryFacet.objects.bulk_create(
        (
            EntryFacet(entry_id=key, name=name, value=value)
            for key, found in facts.items()
            for name, value in found
        ),
        ignore_conflicts=True,
    )
    _put_words(words)
    _note_hours(entries)


def _put_words(words: Sequence[tuple[int, int]]) -> None:
    """Write the words of payloads, without an object for each: an entry has up to hundreds."""
    if not words:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            keys, digests = map(list, zip(*words, strict=True))
            cursor.execute(_WORDS_AT_ONCE, [keys, digests])
        else:
            cursor.executemany(_WORD, words)


def _spread(facts: dict[int, set[Fact]], about: dict[int, str], end: int) -> None:
    """Give every entry about one tool call what one of them tells of it."""
    calls = sorted({call for call in about.values() if call})
    if not calls:
        return
    known = _known(calls)
    told: Facts = defaultdict(set, {call: set(found) for call, found in known.items()})
    for key, call in about.items():
        if call:
            told[call] |= {fact for fact in facts[key] if fact[0] in OF_PAYLOAD}
    fresh = [call for call in calls if told[call] - known.get(call, set())]
    earlier = LedgerEntry.objects.filter(
        subject_kind=_CALL, subject_id__in=fresh, leaf_index__lt=end, payload__isnull=False
    )
    for key, call in earlier.values_list("pk", "subject_id"):
        about.setdefault(key, call)
    for key, call in about.items():
        if call:
            facts.setdefault(key, set()).update(told[call])


def _known(calls: list[str]) -> Facts:
    known: Facts = defaultdict(set)
    rows = EntryFacet.objects.filter(
        entry__subject_kind=_CALL, entry__subject_id__in=calls, name__in=OF_PAYLOAD
    )
    for call, name, value in rows.values_list("entry__subject_id", "name", "value").distinct():
        known[call].add((Facet(name), value))
    return known


def _call_of(entry: LedgerEntry, payload: Mapping[str, Json]) -> str:
    """Return the id of the tool call that an entry is about, empty for none."""
    if entry.subject_kind == _CALL:
        return entry.subject_id
    subject = payload.get("subject")
    if isinstance(subject, Mapping) and subject.get("kind") == _CALL:
        return str(subject.get("id", ""))[:100]
    return ""


def _envelope(entry: LedgerEntry) -> dict[str, Json]:
    try:
        found = json.loads(bytes(entry.leaf_bytes))
    except ValueError:
        # An altered leaf is for the verification to report; the index goes on.
        return {}
    return found if isinstance(found, dict) else {}


def _note_hours(entries: Iterable[LedgerEntry]) -> None:
    keys: dict[datetime, list[int]] = defaultdict(list)
    for entry in entries:
        keys[entry.at.replace(minute=0, second=0, microsecond=0)].append(entry.pk)
    for hour in EntryHour.objects.filter(hour__in=list(keys)):
        keys[hour.hour] += [hour.first, hour.last]
    EntryHour.objects.bulk_create(
        [EntryHour(hour=hour, first=min(found), last=max(found)) for hour, found in keys.items()],
        update_conflicts=True,
        unique_fields=["hour"],
        update_fields=["first", "last"],
    )
