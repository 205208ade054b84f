"""When a period is over, which hold keeps a record, and what a run adds up to; pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from governance.privacy.rules import is_case_held
from governance.privacy.types import Holds
from governance.retention.types import Batch, Due, Figures, Json
from orchestra.core.clock import parse_rfc3339, rfc3339

#: Longer than anything has to be kept; more digits than a person means.
MOST_DAYS = 36_500


def ends_before(*, now: datetime, days: int) -> datetime:
    """Return the moment from before which records are due.

    Args:
        now: The moment of the run, UTC.
        days: How long they are kept, whole days.
    """
    return now - timedelta(days=days)


def is_allowed(*, days: int, least: int) -> bool:
    """Return whether a period may be set: no shorter than what the class is kept for."""
    return least <= days <= MOST_DAYS


def holding(due: Due, holds: Sequence[tuple[str, Holds]]) -> str:
    """Return the number of the first hold that keeps a record, or an empty text.

    A record of a case is held with the case or its customer; one that belongs to no case is
    held by a span it came about in, since nothing tells whom it concerns.

    Args:
        due: The record.
        holds: Number of each hold and what it covers, oldest first.
    """
    for number, covered in holds:
        if not due.cases:
            if any(span.begins_at <= due.at <= span.ends_at for span in covered.spans):
                return number
        elif any(
            one.customer_id in covered.customers or is_case_held(one.case, covered)
            for one in due.cases
        ):
            return number
    return ""


def part(
    batch: Batch, holds: Sequence[tuple[str, Holds]]
) -> tuple[list[Due], list[tuple[str, Due]]]:
    """Return what goes, and what stays with the number of the hold that keeps it."""
    judged = [(holding(due, holds), due) for due in batch.due]
    return (
        [due for number, due in judged if not number],
        [(number, due) for number, due in judged if number],
    )


def add(figures: Figures, *, gone: int, held: Iterable[tuple[str, Due]]) -> Figures:
    """Return figures with one more batch in them."""
    kept = list(held)
    by = dict(figures.held_by)
    for number, due in kept:
        by[number] = by.get(number, 0) + due.rows
    moments = [due.at for _number, due in kept]
    return Figures(
        name=figures.name,
        days=figures.days,
        gone=figures.gone + gone,
        held=figures.held + sum(due.rows for _number, due in kept),
        oldest=earliest([figures.oldest, *moments]),
        held_by=by,
    )


def earliest(moments: Iterable[datetime | None]) -> datetime | None:
    """Return the earliest moment that is known."""
    return min((one for one in moments if one is not None), default=None)


def as_json(figures: Figures) -> dict[str, Json]:
    """Return figures as they are stored."""
    return {
        "name": figures.name,
        "days": figures.days,
        "gone": figures.gone,
        "held": figures.held,
        "oldest": rfc3339(figures.oldest) if figures.oldest else "",
        "held_by": dict(figures.held_by),
    }


def read_figures(stored: Mapping[str, Json]) -> Figures:
    """Return figures as they were stored."""
    oldest = stored.get("oldest", "")
    return Figures(
        name=stored["name"],
        days=stored["days"],
        gone=stored.get("gone", 0),
        held=stored.get("held", 0),
        oldest=parse_rfc3339(oldest) if oldest else None,
        held_by=stored.get("held_by", {}),
    )


def recorded(figures: Sequence[Figures]) -> dict[str, Json]:
    """Return what the entry of a run says: counts by class, and the oldest record that is kept."""
    oldest = earliest(one.oldest for one in figures)
    return {
        "classes": [
            {"name": one.name, "days": one.days, "gone": one.gone, "held": one.held}
            for one in figures
        ],
        "oldest": rfc3339(oldest) if oldest else "",
    }
