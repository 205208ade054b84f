"""How long records are kept: the schedule, what went, holds, and how far the ledger reaches."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Min

from governance.controls.reading import each, rows, say, see
from governance.controls.rules import cover
from governance.controls.types import Asked, Cell, EntryRef, Line, Seen, Table
from governance.ledger.selection import EntrySelection, select
from orchestra.core.said import said

CHANGED: Final = "retention.changed"
RAN: Final = "retention.ran"
ERASED: Final = "subject.erased"
#: Source: EU AI Act, Articles 19(1) and 26(6): at least six months.
SIX_MONTHS: Final = timedelta(days=184)


def lines(*, since: datetime, until: datetime) -> tuple[Line, ...]:
    """Return what is on record of keeping and deleting: five queries and more for long spans."""
    asked = Asked(since, until)
    schedule = _schedule(until)
    oldest = _oldest()
    return (
        cover(
            "schedule",
            said("A retention schedule was recorded"),
            (("-", bool(schedule and (schedule.erased or schedule.payload.get("classes")))),),
        ),
        cover(
            "runs",
            said("A run says for each class how many went and how many were held"),
            (
                (one.ref, None if one.erased else _is_told(one.payload))
                for one in each(asked, (RAN,))
            ),
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
                for one in each(asked, (ERASED,))
            ),
        ),
    )


def tables(asked: Asked) -> tuple[Table, ...]:
    """Return the schedule in force, its runs, erasures and holds of a span."""
    return (
        Table(
            "reach",
            said("How far the record reaches"),
            (said("What"), said("When")),
            _reach(),
        ),
        Table(
            "schedule",
            said("Retention schedule at the end of the span"),
            (said("Class"), said("Kept, days"), said("Since"), said("By"), said("Entry")),
            _classes(asked),
            said("The newest recorded before the end of the span. No row: none was recorded."),
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
            _runs(asked),
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
            _erasures(asked),
            said("The entry of what was erased stays, and still verifies."),
        ),
        Table(
            "holds",
            said("Legal holds"),
            (said("When"), said("What"), said("By"), said("Entry")),
            _holds(asked),
        ),
    )


def _schedule(until: datetime) -> Seen | None:
    found = select(EntrySelection(kinds=(CHANGED,), until=until)).select_related("payload")
    newest = found.order_by("-id").first()
    return see(newest) if newest is not None else None


def _oldest() -> datetime | None:
    found: datetime | None = select(EntrySelection()).aggregate(oldest=Min("at"))["oldest"]
    return found


def _is_told(payload: Mapping[str, Any]) -> bool:
    classes = _each_class(payload)
    return bool(classes) and all({"gone", "held"} <= set(one) for one in classes)


def _each_class(payload: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = payload.get("classes")
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _reach() -> Iterator[Sequence[Cell]]:
    yield (said("Oldest entry of the ledger"), _oldest())


def _classes(asked: Asked) -> Iterator[Sequence[Cell]]:
    newest = _schedule(asked.until)
    if newest is None:
        return
    for one in _each_class(newest.payload):
        yield (str(one.get("name")), one.get("days"), newest.at, newest.actor, newest.entry)


def _runs(asked: Asked) -> Iterator[Sequence[Cell]]:
    for run in each(asked, (RAN,)):
        for one in _each_class(run.payload):
            name, days = str(one.get("name")), one.get("days")
            yield (run.at, name, days, one.get("gone"), one.get("held"), run.entry)


def _erasures(asked: Asked) -> Iterator[Sequence[Cell]]:
    for one in each(asked, (ERASED,)):
        told = one.payload
        yield (
            one.at,
            str(told.get("reason") or "") or None,
            str(told.get("reference") or "") or None,
            told.get("count"),
            one.actor,
            one.entry,
        )


def _holds(asked: Asked) -> Iterator[Sequence[Cell]]:
    for row in rows(asked, ("legal_hold.",)):
        yield (row.at, say(row), see(row).actor, EntryRef(row.stream, row.seq))
