"""Make the lines of the reports over a long span beside the page, and give them to it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Q

from governance.controls import registry
from governance.controls.models import ReportRun
from governance.controls.types import Line
from governance.ledger.selectors import list_entries
from orchestra.core.dispatch import enqueue
from orchestra.core.said import Said, said
from orchestra.core.together import Reading, all_of, answer, read, read_count

MAKE_TASK: Final = "governance.controls.make"
#: A span is read while somebody waits where it has at most so many entries, and so many rows of
#: whatever else a report goes through.
FEW: Final = 5_000
FEW_ROWS: Final = 500
#: Lines older than this are made anew when somebody looks.
FRESH: Final = timedelta(minutes=10)
#: A worker that does not come back after so long is taken for lost.
LEASE: Final = timedelta(minutes=30)
#: Lines that nobody looked at for so long are forgotten.
KEPT: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Made:
    """What stands ready of a span.

    Attributes:
        is_read_now: Whether the span is short enough to be read while somebody waits.
        lines: Code of a report to its lines; empty where they are still being made.
        as_of: When they were made; None where they are of now, or not there yet.
        asked_at: Since when they are being made, for the first time or anew; None where not.
    """

    is_read_now: bool
    lines: Mapping[str, tuple[Line, ...]]
    as_of: datetime | None = None
    asked_at: datetime | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether there is nothing to show yet."""
        return not self.is_read_now and self.as_of is None


def find_or_ask(*, since: datetime, until: datetime, now: datetime) -> Made:
    """Return the lines of a span that stand ready; ask for them where there are none of late.

    Args:
        since: From when on.
        until: Up to before when.
        now: When, UTC.
    """
    # Looking at a short span writes nothing, and opens no transaction.
    span = ReportRun.objects.filter(since=since, until=until)
    found = answer(all_of({"is_short": _is_short(since, until), "runs": read(span[:1])}))
    if found["is_short"]:
        return Made(is_read_now=True, lines={})
    return _find_or_ask(next(iter(found["runs"]), None), since=since, until=until, now=now)


@transaction.atomic
def _find_or_ask(run: ReportRun | None, *, since: datetime, until: datetime, now: datetime) -> Made:
    span = ReportRun.objects.filter(since=since, until=until)
    if run is None:
        # Two who ask at once find the same row.
        run = ReportRun(since=since, until=until, asked_at=now, looked_at=now)
        ReportRun.objects.bulk_create([run], ignore_conflicts=True)
        run = span.get()
    is_asked = run.made_at is None or run.asked_at > run.made_at
    if not is_asked and run.made_at is not None and now - run.made_at > FRESH:
        run.asked_at, is_asked = now, True
        span.update(asked_at=now)
    if now - run.looked_at > FRESH:
        span.update(looked_at=now)
    if is_asked:
        enqueue(MAKE_TASK)
    return Made(
        is_read_now=False,
        lines={code: tuple(map(_line, lines)) for code, lines in run.lines.items()},
        as_of=run.made_at,
        asked_at=run.asked_at if is_asked else None,
    )


def make_asked(*, now: datetime) -> int:
    """Make what was asked for, and forget what nobody looks at; in no transaction.

    Args:
        now: When, UTC; what is asked for while it is made is made again.

    Returns:
        How many spans were made.
    """
    ReportRun.objects.filter(looked_at__lt=now - KEPT).delete()
    asked = Q(made_at__isnull=True) | Q(asked_at__gt=F("made_at"))
    free = Q(begun_at__isnull=True) | Q(begun_at__lt=F("asked_at")) | Q(begun_at__lt=now - LEASE)
    made = 0
    for run in ReportRun.objects.filter(asked, free).order_by("asked_at", "pk"):
        # Whoever comes first makes it; another finds it begun.
        if not ReportRun.objects.filter(asked, free, pk=run.pk).update(begun_at=now):
            continue
        found = {
            report.code: [_told(line) for line in report.gaps(since=run.since, until=run.until)]
            for report in registry.ordered()
        }
        ReportRun.objects.filter(pk=run.pk).update(lines=found, made_at=now)
        made += 1
    return made


def _is_short(since: datetime, until: datetime) -> Reading[bool]:
    """Come to whether little happened in a span; counts no further than that takes."""
    entries = list_entries().filter(at__gte=since, at__lt=until).order_by()
    others = {
        report.code: read_count(report.rows(since, until).order_by()[: FEW_ROWS + 1])
        for report in registry.ordered()
        if report.rows is not None
    }
    found = yield from all_of({"entries": read_count(entries[: FEW + 1]), "others": all_of(others)})
    most = max(found["others"].values(), default=0)
    return bool(found["entries"] <= FEW and most <= FEW_ROWS)


def _told(line: Line) -> dict[str, Any]:
    """Return a line as it is kept: its title as a sentence and its values, to be translated."""
    title: dict[str, Any] = {"text": str(line.title)}
    if isinstance(line.title, Said):
        title = {"template": line.title.template, "values": dict(line.title.values)}
    told = {one.name: getattr(line, one.name) for one in fields(line)}
    return {**told, "title": title, "cases": dict(line.cases)}


def _line(told: Mapping[str, Any]) -> Line:
    title = told["title"]
    text = said(title["template"], **title["values"]) if "template" in title else title["text"]
    return Line(**{**told, "title": text, "missing": tuple(told["missing"])})
