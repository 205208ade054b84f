"""Read the ledger on from a cursor, and keep a row for each unit of work that ended.

The cursor moves in the transaction that writes the rows. A row says what stood when its unit
ended, so that reading the whole ledger again gives the same rows; only a merge, a return of the
customer or a person's flag changes it later, and nothing once a frame with it was drawn from.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

import structlog
from django.db import DataError, IntegrityError

from cases.handoff.entries import HANDOFF_OFFERED, HANDOFF_RETURNED
from cases.memory import entries as memory
from cases.memory.models import Case, CaseMerge
from governance.ledger.selectors import list_placed, tree_size
from governance.ledger.services import append_entry, one_act, one_part
from governance.ledger.types import EntryDraft, PlacedEntry
from governance.policies.entries import DECISION_RECORDED
from orchestra.core.actors import system
from orchestra.core.errors import OrchestraError
from orchestra.core.locking import compare_and_set, lock_one
from qa.population import entries, registry
from qa.population.composing import compose_units
from qa.population.models import PopulationReader, SamplingUnit
from qa.population.reading import (
    APPROVAL_ENDS,
    CONTACT_ENDS,
    ENDS,
    HANDOFF_ENDS,
    others_lately,
    read_case,
)
from qa.population.rules import COMES_BACK
from qa.population.services.marking import mark_days
from qa.population.types import TELLING

Json = Any
log = structlog.get_logger(__name__)

POPULATION: Final = system("population")
#: How many places one transaction reads over.
WINDOW: Final = 200
MOST_WINDOWS: Final = 50
_READER: Final = "population"
_CASE: Final = "case:"
_RETURNS: Final = frozenset({memory.CASE_OPENED, memory.INTERACTION_STARTED, memory.CUSTOMER_BOUND})
_MERGES: Final = frozenset({memory.CASE_MERGED, memory.CASE_UNMERGED, memory.CASE_TOOK_IN})
KINDS: Final = frozenset(
    {*ENDS, *CONTACT_ENDS, *HANDOFF_ENDS, *APPROVAL_ENDS, *_RETURNS, *_MERGES, DECISION_RECORDED}
    | {memory.CASE_REOPENED, entries.LEFT_OUT, entries.TAKEN_BACK}
)
#: What takes a case to another queue, and so its units to other readers.
MOVES: Final = frozenset({memory.CASE_MOVED, HANDOFF_OFFERED, HANDOFF_RETURNED})
#: What one case alone can be wrong in; anything else is tried again by the next run.
_OF_THE_CASE = (
    OrchestraError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    IntegrityError,
    DataError,
)


def follow_ledger(*, now: datetime, window: int = WINDOW) -> int:
    """Read on: write the units of every case on which something happened.

    Must not be called inside an act.

    Args:
        now: When, UTC.
        window: How many places one transaction reads over.

    Returns:
        Over how many places it went on.
    """
    done = 0
    for _turn in range(MOST_WINDOWS):
        with one_act(durable=True):
            read = _read_window(now, window)
        done += read
        if read < window:
            break
    return done


def _read_window(now: datetime, window: int) -> int:
    PopulationReader.objects.bulk_create(
        [PopulationReader(name=_READER, next_index=0, read_at=now)], ignore_conflicts=True
    )
    reader = lock_one(PopulationReader.objects.filter(name=_READER))
    end = min(tree_size(), reader.next_index + window)
    read = max(0, end - reader.next_index)
    if not read:
        return 0
    placed = list_placed(begin=reader.next_index, end=end, of_kinds=KINDS | MOVES)
    for case in _touched([one for one in placed if one.kind in KINDS]):
        _write_readable(case, now)
    _mark_moved([one.stream for one in placed if one.kind in MOVES], now)
    compare_and_set(
        reader,
        expected={"next_index": reader.next_index},
        changes={"next_index": end, "read_at": now},
        actor=POPULATION,
    )
    return read


def _mark_moved(streams: Iterable[str], now: datetime) -> None:
    cases = {one.removeprefix(_CASE) for one in streams if one.startswith(_CASE)}
    if cases:
        rows = SamplingUnit.objects.filter(case__public_id__in=cases)
        mark_days(now=now, ended=rows.values_list("ended_at", flat=True))


def _touched(placed: Iterable[PlacedEntry]) -> Iterator[Case]:
    """Yield the cases whose units may have changed, each once."""
    told = {one.stream.removeprefix(_CASE): one for one in placed if one.stream.startswith(_CASE)}
    returned = {one.stream.removeprefix(_CASE): one.at for one in placed if one.kind in _RETURNS}
    seen: set[int] = set()
    for case in Case.objects.filter(public_id__in=list(told)).order_by("pk"):
        more = [one.absorbed for one in _merges_of(case)]
        if at := returned.get(str(case.public_id)):
            more += others_lately(case=case, since=COMES_BACK, at=at)
        for each in (case, *more):
            if each.pk not in seen:
                seen.add(each.pk)
                yield each


def _merges_of(case: Case) -> Iterable[CaseMerge]:
    return CaseMerge.objects.filter(survivor=case).select_related("absorbed").order_by("pk")


def _write_readable(case: Case, now: datetime) -> None:
    """Write the units of one case; one that cannot be read is recorded, and read over."""
    try:
        with one_part():
            write_case(case=case, now=now)
    except _OF_THE_CASE as error:
        code = type(error).__name__
        log.warning("population.unreadable", case=case.pk, error=code)
        append_entry(
            actor=POPULATION,
            now=now,
            draft=EntryDraft(
                stream=case.stream,
                kind=entries.UNREADABLE,
                payload={"case": case.label, "code": code},
                subject_kind="case",
                subject_id=str(case.public_id),
            ),
        )


@one_act()
def write_case(*, case: Case, now: datetime) -> int:
    """Write every unit of a case that ended, and change those that came out otherwise.

    Args:
        case: The case.
        now: When, UTC.

    Returns:
        How many rows were written or changed.
    """
    wanted = list(compose_units(read_case(case=case)))
    present = {(row.kind, row.subject): row for row in SamplingUnit.objects.filter(case=case)}
    still = registry.frozen_of([row.pk for row in present.values()])
    ended = {row.ended_at for row in present.values()}
    new = [
        SamplingUnit(case=case, **fields)
        for fields in wanted
        if (fields["kind"], fields["subject"]) not in present
    ]
    SamplingUnit.objects.bulk_create(new)
    changed = []
    for fields in wanted:
        row = present.get((fields["kind"], fields["subject"]))
        if row is not None and _change(row, fields, is_frozen=row.pk in still):
            changed.append(row)
    if new or changed:
        # A day that a unit no longer ends on changed as well.
        mark_days(now=now, ended={row.ended_at for row in [*new, *changed]} | ended)
        registry.tell_written(now=now, rows=[*new, *changed])
    return len(new) + len(changed)


def _change(row: SamplingUnit, fields: dict[str, Json], *, is_frozen: bool) -> bool:
    """Bring a row up to date; in a frozen one only what no frame is filtered or cut by."""
    kept = {*TELLING, "started_at", "ended_at", "left_out", "left_out_reason", "position"}
    changes = {
        name: value
        for name, value in fields.items()
        if getattr(row, name) != value and not (is_frozen and name in kept)
    }
    if not changes:
        return False
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))
    return True
