"""Which rows fired in the decisions of the last days, read from their records and kept."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from governance.policies.models import DecisionRecord
from governance.policies.records import read_json
from governance.policies.replay import RecordError, read_record
from governance.policies.selectors import list_newest

Json = Any

FIRED_DAYS: Final = 30
#: Newer decisions than these are counted; a page need not wait for older ones.
MOST_READ: Final = 20_000
#: Bodies that are held at once, some thousand bytes each.
_AT_ONCE: Final = 1_000
#: What ends the facts of a record. Text within a record has its quotes escaped, and nothing after
#: the facts holds objects in objects, so the last one is the right one.
_END_OF_FACTS: Final = b'}},"fired":['


class _Seen(NamedTuple):
    """What one record says of rows: the versions that judged, and ``policy:rule`` that fired."""

    judged: frozenset[tuple[str, int]]
    fired: frozenset[str]


#: Digest of a record to what it says; bodies are never edited, so neither is this.
_seen: dict[str, _Seen] = {}


@dataclass(frozen=True, slots=True)
class FiredCounts:
    """How often the rows of one version fired.

    Attributes:
        since: From this moment on.
        decisions: Decisions that the version judged.
        rows: Id of a row, or key of a limit, to the decisions in which it fired.
        silent: Decisions in which no row of the version fired.
        is_partial: Whether older decisions of the span were left out.
    """

    since: datetime
    decisions: int
    rows: Mapping[str, int]
    silent: int
    is_partial: bool


def count_fired(*, policy_key: str, version: int, now: datetime) -> FiredCounts:
    """Return how often the rows of a version fired in the last ``FIRED_DAYS`` days.

    Args:
        policy_key: Key of the policy.
        version: Number of the version.
        now: End of the span, UTC.
    """
    since = now - timedelta(days=FIRED_DAYS)
    records = _records(since, now)
    rows: Counter[str] = Counter()
    decisions = silent = 0
    for _pk, seen in records:
        if (policy_key, version) not in seen.judged:
            continue
        decisions += 1
        own = [name for name in seen.fired if name.startswith(f"{policy_key}:")]
        rows.update(name.removeprefix(f"{policy_key}:") for name in own)
        silent += not own
    return FiredCounts(since, decisions, rows, silent, len(records) >= MOST_READ)


def list_fired(*, policy_key: str, version: int, rule: str, now: datetime) -> list[int]:
    """Return the records in which a row fired in the same span, newest first.

    Args:
        policy_key: Key of the policy.
        version: Number of the version that judged.
        rule: Id of the row, or key of the limit.
        now: End of the span, UTC.
    """
    name = f"{policy_key}:{rule}"
    return [
        pk
        for pk, seen in _records(now - timedelta(days=FIRED_DAYS), now)
        if name in seen.fired and (policy_key, version) in seen.judged
    ]


def _records(since: datetime, until: datetime) -> list[tuple[int, _Seen]]:
    rows = list_newest(since=since, until=until)
    named = list(rows.values_list("pk", "digest")[:MOST_READ])
    missing = [pk for pk, digest in named if digest not in _seen]
    if len(_seen) + len(missing) > 2 * MOST_READ:
        _seen.clear()
        missing = [pk for pk, _digest in named]
    if missing:
        # A few by their keys; a statement that names thousands takes longer than reading all.
        few = len(missing) <= _AT_ONCE
        bodies = DecisionRecord.objects.filter(pk__in=missing) if few else rows[:MOST_READ]
        for digest, body in bodies.values_list("digest", "body").iterator(chunk_size=_AT_ONCE):
            _seen[digest] = _read(bytes(body))
    nothing = _Seen(frozenset(), frozenset())
    return [(pk, _seen.get(digest, nothing)) for pk, digest in named]


def _read(body: bytes) -> _Seen:
    try:
        value = _without_facts(body)
        judged = frozenset((key, version) for key, (version, _digest) in value["policies"].items())
        fired = frozenset(f"{row[0]}:{row[2]}" for row in value.get("fired", []))
    except (RecordError, LookupError, AttributeError, TypeError, ValueError, RecursionError):
        # What cannot be read counts for no row; its own page says that it cannot.
        return _Seen(frozenset(), frozenset())
    return _Seen(judged, fired)


def _without_facts(body: bytes) -> Mapping[str, Json]:
    """Return a record without its facts, which are most of it and say of no row that it fired."""
    end = body.rfind(_END_OF_FACTS)
    return read_record(body).value if end < 0 else read_json(b"{" + body[end + 3 :])
