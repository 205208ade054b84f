"""Read the ledger on from a cursor, and keep a row for each unit of work that ended.

The cursor moves in the transaction that writes the rows. A row says what stood when its unit
ended, so that reading the whole ledger again gives the same rows; only a merge, a return of the
customer or a person's flag changes it later, and nothing once a frame with it was drawn from.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog
from django.db import DataError, IntegrityError

from cases.handoff.entries import HANDOFF_OFFERED, HANDOFF_RETURNED
from cases.intake import entries as intake
from cases.memory import entries as memory
from cases.memory.models import Case
from governance.ledger.placed import is_behind, list_touched
from governance.ledger.selectors import tree_size
from governance.ledger.services import append_entry, one_act, one_part
from governance.ledger.types import EntryDraft
from governance.policies.entries import DECISION_RECORDED
from orchestra.core.actors import system
from orchestra.core.errors import OrchestraError
from orchestra.core.locking import compare_and_set, take_one
from orchestra.core.prepared import Prepared, fill, update_row
from qa.population import entries, registry
from qa.population.beside import changed_with, read_past
from qa.population.composing import compose_units
from qa.population.models import PopulationReader, SamplingUnit
from qa.population.reading import read_cases
from qa.population.services.marking import mark_days
from qa.population.story import (
    APPROVAL_ENDS,
    CONTACT_ENDS,
    ENDS,
    HANDOFF_ENDS,
    CaseStory,
    Past,
)
from qa.population.types import TELLING

Json = Any
log = structlog.get_logger(__name__)

POPULATION: Final = system("population")
#: How many places one transaction reads over.
WINDOW: Final = 200
MOST_WINDOWS: Final = 50
#: How many cases are read by one set of queries.
AT_ONCE: Final = 100
_READER: Final = "population"
_CASE: Final = "case:"
#: What makes a contact, or tells whose it is and what about.
_RETURNS: Final = frozenset(
    {memory.CASE_OPENED, memory.INTERACTION_STARTED, memory.CUSTOMER_BOUND}
    | {intake.CASE_CLASSIFIED, intake.INTAKE_CORRECTED}
)
_MERGES: Final = frozenset({memory.CASE_MERGED, memory.CASE_UNMERGED, memory.CASE_TOOK_IN})
KINDS: Final = frozenset(
    {*ENDS, *CONTACT_ENDS, *HANDOFF_ENDS, *APPROVAL_ENDS, *_RETURNS, *_MERGES, DECISION_RECORDED}
    | {memory.CASE_REOPENED, entries.LEFT_OUT, entries.TAKEN_BACK}
)
#: What takes a case to another queue, and so its units to other readers.
MOVES: Final = frozenset({memory.CASE_MOVED, HANDOFF_OFFERED, HANDOFF_RETURNED})
#: What a row of a drawn frame keeps, whatever is known later.
_STANDS_STILL: Final = frozenset(
    {*TELLING, "started_at", "ended_at", "left_out", "left_out_reason", "position"}
)
#: What somebody's first work is found by.
_OF_PAST: Final = frozenset({"agent", "started_at", "ended_at"})
_BEHIND: Final = Prepared(
    lambda name: (
        PopulationReader.objects.filter(name=name)
        .annotate(behind=is_behind("next_index"))
        .values_list("behind", flat=True)
    )
)
_CASES: Final = Prepared(
    lambda wanted: Case.objects.filter(public_id__in=wanted).select_related("queue").order_by("pk")
)
_UNITS: Final = Prepared(lambda cases: SamplingUnit.objects.filter(case__in=cases).order_by("pk"))
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


def follow_ledger(*, now: datetime, window: int = WINDOW, wait: bool = True) -> int:
    """Read on: write the units of every case on which something happened.

    Must not be called inside an act.

    Args:
        now: When, UTC.
        window: How many places one transaction reads over.
        wait: Whether to wait for another that reads on at this moment; if not, it is left to that.

    Returns:
        Over how many places it went on.
    """
    done = 0
    if not (_BEHIND.rows(_READER) or [True])[0]:
        return done
    for _turn in range(MOST_WINDOWS):
        with one_act(durable=True):
            read = _read_window(now, window, wait=wait)
        done += read
        if read < window:
            break
    return done


def _read_window(now: datetime, window: int, *, wait: bool) -> int:
    PopulationReader.objects.bulk_create(
        [PopulationReader(name=_READER, next_index=0, read_at=now)], ignore_conflicts=True
    )
    reader = take_one(PopulationReader.objects.filter(name=_READER), wait=wait)
    if reader is None:
        return 0
    end = min(tree_size(), reader.next_index + window)
    read = max(0, end - reader.next_index)
    if not read:
        return 0
    placed = list_touched(begin=reader.next_index, end=end, of_kinds=KINDS | MOVES)
    cases = _touched([one for one in placed if one[1] in KINDS])
    for begin in range(0, len(cases), AT_ONCE):
        _write_readable(cases[begin : begin + AT_ONCE], now)
    _mark_moved([stream for stream, kind, _at in placed if kind in MOVES], now)
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


def _touched(placed: Iterable[tuple[str, str, datetime]]) -> list[Case]:
    """Return the cases whose units may have changed, each once."""
    told: dict[str, bool] = {}
    for stream, kind, _at in placed:
        if stream.startswith(_CASE):
            name = stream.removeprefix(_CASE)
            told[name] = kind in _RETURNS or told.get(name, False)
    if not told:
        return []
    rows = _CASES.rows(fill([UUID(one) for one in told]))
    touched = {case: told[str(case.public_id)] for case in rows}
    more = changed_with(touched=touched)
    return list(dict.fromkeys(each for case in touched for each in (case, *more.get(case.pk, ()))))


def _write_readable(cases: Sequence[Case], now: datetime) -> None:
    """Write the units of some cases; one that cannot be read is recorded, and read over.

    It is found by halves, so that the others are still read together.
    """
    try:
        with one_part():
            write_cases(cases=cases, now=now)
    except _OF_THE_CASE as error:
        if len(cases) == 1:
            _record_unreadable(cases[0], type(error).__name__, now)
            return
        half = len(cases) // 2
        _write_readable(cases[:half], now)
        _write_readable(cases[half:], now)


def _record_unreadable(case: Case, code: str, now: datetime) -> None:
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
def write_cases(*, cases: Sequence[Case], now: datetime) -> int:
    """Write every unit of cases that ended, and change those that came out otherwise.

    The rows are those of one case after the other, in their order.

    Args:
        cases: The cases, each once; their queues at hand.
        now: When, UTC.

    Returns:
        How many rows were written or changed.
    """
    stories = read_cases(cases=cases)
    present: dict[int, dict[tuple[str, str], SamplingUnit]] = {case.pk: {} for case in cases}
    for row in _UNITS.rows(fill([case.pk for case in cases])) if cases else ():
        present[row.case_id][row.kind, row.subject] = row
    still = registry.frozen_of([row.pk for rows in present.values() for row in rows.values()])
    written, waiting = 0, list(cases)
    while waiting:
        past = read_past(stories=[stories[case.pk] for case in waiting])
        batch = _Batch()
        while waiting and not batch.changes_past:
            case = waiting.pop(0)
            batch.take_in(stories[case.pk], past, present[case.pk], still)
        written += batch.write(now)
    return written


@dataclass(slots=True)
class _Batch:
    """Rows to write of several cases.

    Attributes:
        ended: When the rows of the cases end that any of these belongs to, before and after.
        changes_past: Whether a row changed by which somebody's first work is found.
    """

    new: list[SamplingUnit] = field(default_factory=list)
    changed: list[tuple[SamplingUnit, dict[str, Json]]] = field(default_factory=list)
    ended: set[datetime] = field(default_factory=set)
    changes_past: bool = False

    def take_in(
        self,
        story: CaseStory,
        past: Past,
        present: Mapping[tuple[str, str], SamplingUnit],
        frozen: Collection[int],
    ) -> None:
        """Compose the units of one case and keep what differs from the rows that are there."""
        before = {row.ended_at for row in present.values()}
        new: list[SamplingUnit] = []
        changed: list[tuple[SamplingUnit, dict[str, Json]]] = []
        for fields in list(compose_units(story, past)):
            row = present.get((fields["kind"], fields["subject"]))
            if row is None:
                new.append(SamplingUnit(case=story.case, **fields))
            elif changes := _changes(row, fields, is_frozen=row.pk in frozen):
                changed.append((row, changes))
        for row in new:
            past.take_in(by=row.agent, started_at=row.started_at, ended_at=row.ended_at)
        for row, changes in changed:
            self.changes_past = self.changes_past or not _OF_PAST.isdisjoint(changes)
            for name, value in changes.items():
                setattr(row, name, value)
        if new or changed:
            # A day that a unit no longer ends on changed as well.
            self.ended |= {row.ended_at for row in new} | {row.ended_at for row, _ in changed}
            self.ended |= before
        self.new += new
        self.changed += changed

    def write(self, now: datetime) -> int:
        """Write the rows, and return how many."""
        for row, changes in self.changed:
            update_row(row, expected={}, changes=changes)
        SamplingUnit.objects.bulk_create(self.new)
        rows = [*self.new, *(row for row, _changes_ in self.changed)]
        if rows:
            mark_days(now=now, ended=self.ended)
            registry.tell_written(now=now, rows=rows)
        return len(rows)


def _changes(row: SamplingUnit, fields: dict[str, Json], *, is_frozen: bool) -> dict[str, Json]:
    """Return what brings a row up to date; of a frozen one what no frame is filtered or cut by."""
    return {
        name: value
        for name, value in fields.items()
        if getattr(row, name) != value and not (is_frozen and name in _STANDS_STILL)
    }
