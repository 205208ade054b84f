"""How long records are kept: the schedule, what went, holds, and how far the ledger reaches."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from governance.controls.reading import Entries, Whole, begin, each, say, see
from governance.controls.rules import cover
from governance.controls.types import Asked, Cell, EntryRef, Line, Table
from governance.ledger.selection import EntrySelection, select
from orchestra.core.said import said
from orchestra.core.together import Reading

CHANGED: Final = "retention.changed"
RAN: Final = "retention.ran"
ERASED: Final = "subject.erased"
#: Source: EU AI Act, Articles 19(1) and 26(6): at least six months.
SIX_MONTHS: Final = timedelta(days=184)


def lines(*, since: datetime, until: datetime) -> Reading[tuple[Line, ...]]:
    """Come to what is on record of keeping and deleting: one statement, more for long spans."""
    asked = Asked(since, until)
    runs, erasures = each(asked, (RAN,)), each(asked, (ERASED,))
    recorded, first = _schedule(until), _oldest()
    yield from begin(recorded, first, runs.pages, erasures.pages)
    schedule = next(map(see, recorded.rows()), None)
    oldest = next(iter(first.rows()), None)
    return (
        cover(
            "schedule",
            said("A retention schedule was recorded"),
            (("-", bool(schedule and (schedule.erased or schedule.payload.get("classes")))),),
        ),
        cover(
            "runs",
            said("A run says for each class how many went and how many were held"),
            ((one.ref, None if one.erased else _is_told(one.payload)) for one in runs),
        ),
        cover(
            "reach",
            said("The ledger reaches back six months before the end of the span"),
            (("-", oldest is not None and oldest <= until - SIX_MONTHS),),
        ),
        cover(
            "erasures",
            said("An erasure says why, and under which reference"),
            (
                (
                    one.ref,
                    None
                    if one.erased
                    else bool(one.payload.get("reason") and one.payload.get("reference")),
                )
                for one in erasures
            ),
        ),
    )


def tables(asked: Asked) -> tuple[Table, ...]:
    """Return the schedule in force, its runs, erasures and holds of a span."""
    runs, erasures, holds = (each(asked, (kind,)) for kind in (RAN, ERASED, "legal_hold."))
    oldest, schedule = _oldest(), _schedule(asked.until)
    return (
        Table(
            "reach",
            said("How far the record reaches"),
            (said("What"), said("When")),
            _reach(oldest),
            begins=(oldest,),
        ),
        Table(
            "schedule",
            said("Retention schedule at the end of the span"),
            (said("Class"), said("Kept, days"), said("Since"), said("By"), said("Entry")),
            _classes(schedule),
            said("The newest recorded before the end of the span. No row: none was recorded."),
            begins=(schedule,),
        ),
        Table(
            "runs",
            said("Runs of the schedule"),
            (
                said("When"),
                said("Class"),
                said("Kept, days"),
                said("Went"),
                said("Held back"),
                said("Entry"),
            ),
            _runs(runs),
            begins=(runs.pages,),
        ),
        Table(
            "erasures",
            said("Erasures"),
            (
                said("When"),
                said("Why"),
                said("Reference"),
                said("Payloads"),
                said("By"),
                said("Entry"),
            ),
            _erasures(erasures),
            said("The entry of what was erased stays, and still verifies."),
            begins=(erasures.pages,),
        ),
        Table(
            "holds",
            said("Legal holds"),
            (said("When"), said("What"), said("By"), said("Entry")),
            _holds(holds),
            begins=(holds.pages,),
        ),
    )


def _schedule(until: datetime) -> Whole:
    found = select(EntrySelection(kinds=(CHANGED,), until=until)).select_related("payload")
    return Whole(found.order_by("-id")[:1])


def _oldest() -> Whole:
    return Whole(select(EntrySelection()).order_by("at").values_list("at", flat=True)[:1])


def _is_told(payload: Mapping[str, Any]) -> bool:
    classes = _each_class(payload)
    return bool(classes) and all({"gone", "held"} <= set(one) for one in classes)


def _each_class(payload: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = payload.get("classes")
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _reach(oldest: Whole) -> Iterator[Sequence[Cell]]:
    yield (said("Oldest entry of the ledger"), next(iter(oldest.rows()), None))


def _classes(schedule: Whole) -> Iterator[Sequence[Cell]]:
    newest = next(map(see, schedule.rows()), None)
    if newest is None:
        return
    for one in _each_class(newest.payload):
        yield (str(one.get("name")), one.get("days"), newest.at, newest.actor, newest.entry)


def _runs(runs: Entries) -> Iterator[Sequence[Cell]]:
    for run in runs:
        for one in _each_class(run.payload):
            name, days = str(one.get("name")), one.get("days")
            yield (run.at, name, days, one.get("gone"), one.get("held"), run.entry)


def _erasures(erasures: Entries) -> Iterator[Sequence[Cell]]:
    for one in erasures:
        told = one.payload
        yield (
            one.at,
            str(told.get("reason") or "") or None,
            str(told.get("reference") or "") or None,
            told.get("count"),
            one.actor,
            one.entry,
        )


def _holds(holds: Entries) -> Iterator[Sequence[Cell]]:
    for row in holds.rows():
        yield (row.at, say(row), see(row).actor, EntryRef(row.stream, row.seq))
