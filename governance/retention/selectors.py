"""Reads of retention: the schedule, the last runs, and what would go."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from governance.privacy.selectors import list_blocking
from governance.retention import registry, rules
from governance.retention.models import RetentionPeriod, RetentionRun
from governance.retention.types import Figures, RecordClass, RunState

#: How many keys are looked at together.
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Scheduled:
    """One class and how long it is kept.

    Attributes:
        kept: The class.
        days: How long it is kept now.
        period: The row in which that was set; None where it is the usual time.
    """

    kept: RecordClass
    days: int
    period: RetentionPeriod | None = None


def list_schedule() -> list[Scheduled]:
    """Return every class with its period, in their order; one query."""
    rows = {row.code: row for row in RetentionPeriod.objects.select_related("set_by")}
    return [
        Scheduled(one, row.days if (row := rows.get(one.code)) else one.usual_days, row)
        for one in registry.in_order()
    ]


def days_of(code: str) -> int:
    """Return how long a class is kept."""
    row = RetentionPeriod.objects.filter(code=code).first()
    return row.days if row else registry.classes.get(code).usual_days


def last_run(*, is_dry: bool, ended: bool = False) -> RetentionRun | None:
    """Return the newest run, or the newest that ended."""
    rows = RetentionRun.objects.filter(is_dry=is_dry).order_by("-id")
    return rows.filter(state=RunState.DONE).first() if ended else rows.first()


def figures_of(run: RetentionRun) -> list[Figures]:
    """Return what a run came to so far, by class."""
    return [rules.read_figures(stored) for stored in run.classes]


def preview(*, now: datetime, at_once: int = AT_ONCE) -> Iterator[Figures]:
    """Yield what a run would come to, class by class; nothing is changed and no row is written.

    Args:
        now: The moment the run would speak of, UTC.
        at_once: How many keys are looked at together.
    """
    holds = list_blocking()
    for line in list_schedule():
        found = Figures(line.kept.code, line.days)
        before, after = rules.ends_before(now=now, days=line.days), 0
        while True:
            batch = line.kept.find_due(before=before, after=after, most=at_once)
            going, held = rules.part(batch, holds)
            found = rules.add(found, gone=sum(due.rows for due in going), held=held)
            if batch.through is None:
                break
            after = batch.through
        yield with_oldest(found, line.kept.oldest(before=before))


def with_oldest(figures: Figures, oldest: datetime | None) -> Figures:
    """Return figures that also know of the oldest record whose period is not over."""
    return replace(figures, oldest=rules.earliest([figures.oldest, oldest]))


def list_changes(code: str, *, most: int = 10) -> list[Any]:
    """Return how the period of a class was changed, newest first.

    Returns:
        Rows of its history: ``days``, ``history_date``, ``actor_label``, ``reason``.
    """
    rows = RetentionPeriod.history.filter(code=code)
    return list(rows.order_by("-history_id")[:most])
