"""Cue sheets and tools, readable: who does what, after what, and what a tool changes."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.admin import reads
from cases.admin.cue_graph import describe_graph
from cases.admin.cue_sheet_trial import move_words
from cases.journeys import selectors as journeys
from cases.journeys.describing import condition_words
from cases.journeys.models import CueSheet, CueSheetVersion
from cases.journeys.types import CueSheetSpec, Stage, StepSpec
from governance.access.types import Capability
from governance.admin.change_new import describe_beginning
from governance.admin.changes import describe_opening
from governance.admin.compare import describe_compared
from governance.admin.in_ledger import in_ledger
from governance.admin.visit import Crumb, Visit, page, render
from governance.reviews.types import DocumentState
from orchestra.core import words
from orchestra.core.bounded import in_short
from orchestra.core.errors import NotFoundError

_ENDS = {"retry", "hand_off", "skip"}


@page("cue-sheets/", name="cue_sheets", capability=Capability.CUE_SHEET_READ)
def cue_sheets(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show every cue sheet with the version in force."""
    return render(
        request,
        "cases/cue_sheets.html",
        {
            "title": _("Cue sheets"),
            "crumbs": [Crumb(_("Govern")), Crumb(_("Cue sheets"))],
            "rows": [_row(sheet) for sheet in reads.list_cue_sheets()],
            "beginning": describe_beginning(visit, journeys.DOCUMENT_KIND),
        },
    )


@page("cue-sheets/<str:key>/", name="cue_sheet", capability=Capability.CUE_SHEET_READ)
def cue_sheet(request: HttpRequest, visit: Visit, key: str) -> HttpResponse:
    """Show one version of a cue sheet by stage; without a number, the one in force."""
    found = reads.list_cue_sheets().filter(key=key).first()
    versions = list(found.versions.all()) if found else []
    shown = _chosen(versions, request.GET.get("version", ""))
    if found is None or shown is None:
        raise NotFoundError(_("There is no such cue sheet."))
    spec = journeys.spec_of(shown)
    running = reads.count_running(version=shown)
    return render(
        request,
        "cases/cue_sheet.html",
        {
            "title": found.title,
            "crumbs": [
                Crumb(_("Govern")),
                Crumb(_("Cue sheets"), reverse("admin:cue_sheets")),
                Crumb(found.title),
            ],
            "sheet": found,
            "spec": spec,
            "version": shown,
            "in_force": shown.state == DocumentState.PUBLISHED,
            **_moving(visit, found, shown, spec),
            "graph": describe_graph(
                spec.steps, label=_("%(title)s, drawn") % {"title": found.title}
            ),
            "stages": _stages(spec),
            "running": running,
            "running_shown": in_short(running),
            "versions": [_version(each, found, shown) for each in versions],
            "compared": describe_compared(
                kind=journeys.DOCUMENT_KIND,
                key=found.key,
                numbers=[each.number for each in versions],
                shown=shown.number,
                asked=request.GET.get("compare", ""),
            ),
            "opening": describe_opening(
                visit,
                kind=journeys.DOCUMENT_KIND,
                key=found.key,
                number=shown.number if shown.state == DocumentState.RETIRED else None,
            ),
            "history_link": reverse("admin:history", args=["cue_sheet_version", shown.pk]),
            "ledger_link": in_ledger(visit, subject=shown.public_id),
        },
    )


def _moving(
    visit: Visit, sheet: CueSheet, shown: CueSheetVersion, spec: CueSheetSpec
) -> dict[str, Any]:
    """Return the journeys that could go on under the version shown, where it is in force."""
    if shown.state != DocumentState.PUBLISHED or not visit.may(Capability.CASE_WORK):
        return {"moving": [], "move_digest": ""}
    found = journeys.list_movable(authority=visit.authority, key=sheet.key)
    return {"moving": [move_words(one, spec) for one in found], "move_digest": shown.digest}


def _chosen(versions: list[CueSheetVersion], number: str) -> CueSheetVersion | None:
    if number.isdigit():
        return next((each for each in versions if each.number == int(number)), None)
    in_force = (each for each in versions if each.state == DocumentState.PUBLISHED)
    return next(in_force, versions[0] if versions else None)


def _row(sheet: CueSheet) -> dict[str, Any]:
    versions = list(sheet.versions.all())
    current = _chosen(versions, "")
    document = current.document if current else {}
    return {
        "key": sheet.key,
        "title": sheet.title,
        "link": reverse("admin:cue_sheet", args=[sheet.key]),
        "in_force": current is not None and current.state == DocumentState.PUBLISHED,
        "number": current.number if current else None,
        "since": current.published_at if current else None,
        "pattern": str(current.pattern) if current else "",
        "queue": words.plain(str(document.get("queue", ""))),
        "steps": len(document.get("steps", [])),
    }


def _stages(spec: CueSheetSpec) -> list[dict[str, Any]]:
    titles = {step.key: step.title for step in spec.steps}
    return [
        {
            "title": str(stage),
            "steps": [_step(step, titles) for step in spec.steps if step.stage == stage],
        }
        for stage in Stage
    ]


def _step(step: StepSpec, titles: dict[str, str]) -> dict[str, Any]:
    return {
        "title": step.title,
        "owner": step.owner,
        "does": words.plain(str(step.does)),
        "target": step.target,
        "any_of": step.any_of,
        "after": [titles.get(key, key) for key in step.after],
        "when": [condition_words(when) for when in step.when],
        "due": step.due_in_minutes,
        "optional": step.optional,
        "skills": ", ".join(words.plain(one) for one in step.skills),
        "bound": bool(step.bind),
        "otherwise": words.plain(step.otherwise)
        if step.otherwise in _ENDS
        else _("go to “%(step)s”") % {"step": titles.get(step.otherwise, step.otherwise)},
    }


def _version(version: CueSheetVersion, sheet: CueSheet, shown: CueSheetVersion) -> dict[str, Any]:
    return {
        "is_shown": version.pk == shown.pk,
        "number": version.number,
        "state": version.state,
        "author": version.author_label,
        "created_at": version.created_at,
        "published_at": version.published_at,
        "retired_at": version.retired_at,
        "link": reverse("admin:cue_sheet", args=[sheet.key]) + f"?version={version.number}",
    }
