"""Where cases are now, and which cue is missed: one version of a cue sheet at a time."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.admin import reads
from cases.admin.cue_graph import Marks, describe_graph, owner_words, stage_title
from cases.admin.journey_list import DAYS, list_link
from cases.journeys import counting
from cases.journeys import selectors as journeys
from cases.journeys.counting import CueCounts, SheetCounts
from cases.journeys.listing import AT, LATE, WHICH
from cases.journeys.models import CueSheet, CueSheetVersion
from cases.journeys.rules import AI_OWNER
from cases.journeys.sums import day_begins, summed_at
from cases.journeys.types import CueSheetSpec, JourneyState, Stage, StepSpec
from governance.access.types import Capability
from governance.admin import reads as governed
from governance.admin.visit import Crumb, Visit, page, render
from governance.approvals.quality import wilson
from governance.reviews.types import DocumentState
from orchestra.core.errors import NotFoundError

#: Of fewer cases than this only the interval is told.
_FEW = 30
_WIDTH = 120
_NO_COUNTS = CueCounts()


@page("journeys/", name="journeys", capability=Capability.CASE_READ)
def journeys_page(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show the graph of one version with its counts, its missed cues, and all cue sheets."""
    since = day_begins(visit.now - timedelta(days=DAYS))
    queue = _queue(request)
    made_at = summed_at()
    is_summed = made_at is not None
    sheets = list(reads.list_cue_sheets())
    by_version = counting.count_sheets(
        authority=visit.authority,
        since=since,
        now=visit.now,
        queue=queue,
        is_summed=is_summed,
    )
    rows = [row for sheet in sheets for row in _rows(sheet, by_version, queue)]
    sheet, version = _chosen(request, sheets, rows)
    if version is None or sheet is None:
        return render(request, "cases/journeys.html", {**_frame(_("Journeys")), "rows": []})
    spec = journeys.spec_of(version)
    counts = counting.count_cues(
        authority=visit.authority,
        version=version,
        since=since,
        now=visit.now,
        queue=queue,
        is_summed=is_summed,
    )
    # Where the sums know of none, looking for them would go through all that is late elsewhere.
    late = (
        counting.list_overdue(
            authority=visit.authority, version=version, now=visit.now, queue=queue
        )
        if any(one.overdue for one in counts.values())
        else []
    )
    endings = by_version.get(version.pk, SheetCounts()).endings
    asked: dict[str, str | int] = {
        "cue_sheet": sheet.key,
        "version": version.number,
        "queue": queue,
    }
    return render(
        request,
        "cases/journeys.html",
        {
            **_frame(_headline(sheet, len({step.journey_id for step in late}))),
            "sheet": sheet,
            "version": version,
            "is_in_force": version.state == DocumentState.PUBLISHED,
            "since": since,
            "now": visit.now,
            "as_of": made_at or visit.now,
            "graph": describe_graph(
                spec.steps,
                label=_("%(title)s with how many cases reached, are at and missed each cue")
                % {"title": sheet.title},
                marks={
                    step.key: _mark(counts.get(step.key, _NO_COUNTS), _links(step, asked))
                    for step in spec.steps
                },
            ),
            "stages": _stages(spec, counts, asked),
            "missed": _missed(spec, counts, asked),
            "queue": queue,
            "queues": [(one.key, one.title) for one in governed.list_all_queues()],
            "late": [
                {
                    "case": step.journey.case.label,
                    "link": reverse(
                        "admin:journey",
                        args=[step.journey.case.public_id, step.journey.public_id],
                    ),
                    "title": step.title,
                    "due_at": step.due_at,
                }
                for step in late
            ],
            "total": sum(endings.values()),
            "endings": [
                (words, endings[state], list_link(**asked, state=str(state)))
                for state, words in _ending_words()
            ],
            "late_link": list_link(**asked, which=LATE),
            "rows": [{**row, "is_shown": row["version_id"] == version.pk} for row in rows],
            "sheet_link": reverse("admin:cue_sheet", args=[sheet.key])
            + f"?version={version.number}",
        },
    )


def _frame(title: str) -> dict[str, Any]:
    return {"title": title, "crumbs": [Crumb(_("Measure")), Crumb(_("Journeys"))]}


def _headline(sheet: CueSheet, overdue: int) -> str:
    if not overdue:
        return _("%(title)s: no case is overdue") % {"title": sheet.title}
    said = ngettext(
        "%(title)s: %(count)d case overdue", "%(title)s: %(count)d cases overdue", overdue
    )
    return said % {"title": sheet.title, "count": overdue}


def _chosen(
    request: HttpRequest, sheets: list[CueSheet], rows: list[dict[str, Any]]
) -> tuple[CueSheet | None, CueSheetVersion | None]:
    """Return the version asked for; without one, that with the most cases overdue or open.

    Raises:
        NotFoundError: There is no such cue sheet or version.
    """
    key, number = request.GET.get("sheet", ""), request.GET.get("version", "")
    if picked := request.GET.get("pick", ""):
        key, _colon, number = picked.partition(":")
    if not key:
        ranked = sorted(rows, key=lambda row: (row["overdue"], row["now"], row["started"]))
        if not ranked:
            return None, None
        key, number = ranked[-1]["key"], str(ranked[-1]["number"])
    sheet = next((one for one in sheets if one.key == key), None)
    versions = list(sheet.versions.all()) if sheet else []
    found = [one for one in versions if str(one.number) == number] if number else versions
    in_force = [one for one in found if one.state == DocumentState.PUBLISHED]
    version = next(iter(in_force or found), None)
    if version is None:
        raise NotFoundError(_("There is no such cue sheet."))
    return sheet, version


def _rows(sheet: CueSheet, counts: Mapping[int, SheetCounts], queue: str) -> list[dict[str, Any]]:
    """Return a row for every version that is in force or still has journeys: never merged."""
    found = []
    for version in sheet.versions.all():
        counted = counts.get(version.pk, SheetCounts())
        in_force = version.state == DocumentState.PUBLISHED
        if not in_force and not counted.now:
            continue
        middle = counted.median_hours if counted.timed >= _FEW else None
        found.append(
            {
                "key": sheet.key,
                "version_id": version.pk,
                "title": sheet.title,
                "number": version.number,
                "pattern": str(version.pattern),
                "now": counted.now,
                "started": counted.started,
                "overdue": counted.overdue,
                "median": None if middle is None else round(middle, 1),
                "link": reverse("admin:journeys")
                + f"?{urlencode({'sheet': sheet.key, 'version': version.number, 'queue': queue})}",
            }
        )
    return found


def _queue(request: HttpRequest) -> str:
    """Return the queue asked for; empty for every queue.

    Raises:
        NotFoundError: There is no such queue.
    """
    key = request.GET.get("queue", "")[:100]
    if key and not governed.list_all_queues().filter(key=key).exists():
        raise NotFoundError(_("There is no such queue."))
    return key


def _links(step: StepSpec, asked: Mapping[str, Any]) -> dict[str, str]:
    """Return where each count of a cue leads to: the cases behind it."""
    return {which: list_link(**asked, cue=step.key, which=which) for which in WHICH}


def _mark(counts: CueCounts, links: Mapping[str, str]) -> Marks:
    return Marks(
        corner=_("%(count)d now") % {"count": counts.now},
        left=_("%(count)d reached") % {"count": counts.reached},
        right=_("%(count)d missed") % {"count": counts.missed} if counts.missed else "",
        is_hot=counts.overdue > 0,
        link=links[AT],
    )


def _stages(
    spec: CueSheetSpec, counts: Mapping[str, CueCounts], asked: Mapping[str, Any]
) -> list[dict[str, Any]]:
    return [
        {
            "title": stage_title(stage),
            "cues": [
                {
                    "title": step.title,
                    "who": owner_words(step),
                    "links": _links(step, asked),
                    **_numbers(step, counts),
                }
                for step in spec.steps
                if step.stage == stage
            ],
        }
        for stage in Stage
    ]


def _numbers(step: StepSpec, counts: Mapping[str, CueCounts]) -> dict[str, int]:
    found = counts.get(step.key, _NO_COUNTS)
    return {
        "reached": found.reached,
        "now": found.now,
        "missed": found.missed,
        "overdue": found.overdue,
    }


def _missed(
    spec: CueSheetSpec, counts: Mapping[str, CueCounts], asked: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the cues that have a deadline and were reached, the most missed first."""
    found = []
    for step in spec.steps:
        numbers = counts.get(step.key, _NO_COUNTS)
        if step.due_in_minutes is None or not numbers.reached:
            continue
        missed = min(numbers.missed, numbers.reached)
        share = round(100 * missed / numbers.reached, 1)
        low, high = wilson(hits=missed, total=numbers.reached)
        found.append(
            {
                "title": step.title,
                "who": owner_words(step),
                "links": _links(step, asked),
                "is_person": step.owner != AI_OWNER,
                "missed": missed,
                "reached": numbers.reached,
                "overdue": numbers.overdue,
                "share": None if numbers.reached < _FEW else share,
                "low": round(100 * low, 1),
                "high": round(100 * high, 1),
                "from_x": round(_WIDTH * low),
                "to_x": round(_WIDTH * high),
                "at_x": round(_WIDTH * missed / numbers.reached),
            }
        )
    return sorted(found, key=lambda row: (-row["overdue"], -row["missed"], row["title"]))


def _ending_words() -> tuple[tuple[JourneyState, str], ...]:
    return (
        (JourneyState.COMPLETED, _("Complete")),
        (JourneyState.RUNNING, _("Running")),
        (JourneyState.PAUSED, _("Paused")),
        (JourneyState.HANDED_OFF, _("Handed over")),
        (JourneyState.CANCELLED, _("Cancelled")),
    )
