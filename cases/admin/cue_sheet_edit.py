"""The draft of a cue sheet, edited in fields, with its graph, its checks and a trial."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.admin.cue_graph import Marks, describe_graph, stage_title
from cases.admin.cue_sheet_form import act_on, describe_head, describe_step, read_document
from cases.journeys import selectors as journeys
from cases.journeys.describing import describe_changes
from cases.journeys.parsing import read_cue_sheet
from cases.journeys.rules import AI_OWNER
from cases.journeys.services import find_errors
from cases.journeys.types import CueSheetSpec, DoesKind, Otherwise, Pattern, Stage
from cases.tools.models import ToolDefinition
from governance.access.models import Queue
from governance.access.types import Capability, Role
from governance.admin.change_table import STALE, editor_name, save_text, saved_at
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from governance.reviews import rules, selectors, services
from governance.reviews.models import ChangeRequest
from governance.reviews.types import ChangePurpose, ChangeState
from orchestra.core import words
from orchestra.core.errors import (
    FieldError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)

Json = Any
Document = dict[str, Any]
_ROUTE = "change-requests/<uuid:change_id>/cue-sheet/"
_LONGEST_BASE = 400_000
_MOST_DRAWN = 100


@page(
    _ROUTE,
    name="change_cue_sheet",
    capability=Capability.CHANGE_READ,
    methods=("GET", "HEAD", "POST"),
)
def change_cue_sheet(request: HttpRequest, visit: Visit, change_id: UUID) -> HttpResponse:
    """Show the draft in fields; save it, hand it in, or draw what stands in the form."""
    found = find_draft(visit, change_id)
    may_edit = _may_edit(visit, found)
    if request.method == "POST" and not may_edit:
        raise NotPermittedError(_("You may read this change, not edit it."))
    document, act = _posted(request, found), request.POST.get("do", "")
    if act == "live":
        return render(request, "cases/cue_sheet_live.html", _described(document))
    stale = False
    if act in {"save", "submit"}:
        error = save_text(request, visit, found, document)
        if error is None:
            return _after(request, visit, found, document)
        stale = error.error_code == STALE
        found = find_draft(visit, change_id)
    return render(
        request,
        "cases/change_cue_sheet.html",
        {
            **_context(found, document),
            **_described(document),
            "may_edit": may_edit,
            "conflict": _conflict(found, document) if stale else None,
        },
        status=409 if stale else 200,
    )


def find_draft(visit: Visit, change_id: UUID) -> ChangeRequest:
    """Return the change of a cue sheet that a page is about.

    Raises:
        NotFoundError: There is none, or it edits no cue sheet.
    """
    found = selectors.get_change(authority=visit.authority, change_id=change_id)
    if found.kind != journeys.DOCUMENT_KIND or found.purpose != ChangePurpose.EDIT:
        raise NotFoundError(_("There is no such page."))
    return found


def _may_edit(visit: Visit, found: ChangeRequest) -> bool:
    if not editor_name(found):
        return False
    return visit.may_on(Capability.CUE_SHEET_EDIT, kind=found.kind, key=found.document_key)


def _posted(request: HttpRequest, found: ChangeRequest) -> Document:
    if request.method != "POST":
        return dict(found.document)
    base = _base(request.POST.get("base", "")) or dict(found.document)
    document = read_document(base, dict(request.POST.lists()))
    return act_on(document, request.POST.get("do", ""))


def _base(text: str) -> Document | None:
    """Return the document that a form was built from; None where it is none."""
    if not text or len(text) > _LONGEST_BASE:
        return None
    try:
        base = json.loads(text)
    except ValueError:
        return None
    return base if isinstance(base, dict) else None


def _after(
    request: HttpRequest, visit: Visit, found: ChangeRequest, document: Document
) -> HttpResponse:
    here = reverse("admin:change_cue_sheet", args=[found.public_id])
    if request.POST.get("do") != "submit":
        messages.success(request, _("Saved as a draft. Nothing is in force before others approve."))
        return HttpResponseRedirect(here)
    if _findings(document):
        messages.error(request, _("Saved, and not submitted: mend what is found first."))
        return HttpResponseRedirect(here)
    error = attempt(
        request,
        lambda: services.submit(actor=visit.actor, now=visit.now, change_id=found.public_id),
        refusal=as_refusal("change.submit", found.public_id),
    )
    if error is not None:
        return HttpResponseRedirect(here)
    messages.success(request, _("Submitted. Others vote on it now."))
    return HttpResponseRedirect(reverse("admin:change", args=[found.public_id]))


def _findings(document: Document) -> tuple[FieldError, ...]:
    """Return all that is wrong: what the plan itself has, or else what it lacks around it."""
    _spec, own = read_cue_sheet(document)
    return own or find_errors(document)


def _conflict(found: ChangeRequest, document: Document) -> dict[str, Any]:
    try:
        differences = describe_changes(found.document, document)
    except InvalidInputError:
        differences = ()
    return {"who": found.editor_label, "at": saved_at(found), "differences": differences}


def _described(document: Document) -> dict[str, Any]:
    """Return the drawing of a draft and everything found in it."""
    spec, _own = read_cue_sheet(document)
    findings = _findings(document)
    wrong = {place for finding in findings if (place := _place(finding)) is not None}
    marks = {
        step.key: Marks(is_wrong=index in wrong, right=_("look here") if index in wrong else "")
        for index, step in enumerate(spec.steps)
    }
    return {
        "graph": describe_graph(
            spec.steps[:_MOST_DRAWN], label=_("The draft as a graph"), marks=marks
        ),
        "findings": [_finding(finding, spec) for finding in findings],
        "wrong": wrong,
    }


def _place(finding: FieldError) -> int | None:
    if not finding.field.startswith("steps["):
        return None
    number = finding.field[len("steps[") :].partition("]")[0]
    return int(number) if number.isdigit() else None


def _finding(finding: FieldError, spec: CueSheetSpec) -> dict[str, str]:
    place = _place(finding)
    if place is None or place >= len(spec.steps):
        return {"where": words.plain(finding.field), "what": finding.message, "link": "#head"}
    title = spec.steps[place].title or _("Step %(number)d") % {"number": place + 1}
    return {"where": title, "what": finding.message, "link": f"#step-{place}"}


def _context(found: ChangeRequest, document: Document) -> dict[str, Any]:
    link = reverse("admin:change", args=[found.public_id])
    after = rules.CHANGE_MOVES[ChangeState(found.state)]
    steps = [one for one in document.get("steps") or [] if isinstance(one, dict)]
    return {
        "title": f"{found.label}: {found.title}",
        "crumbs": [
            Crumb(_("Govern")),
            Crumb(_("Change requests"), reverse("admin:changes")),
            Crumb(found.label, link),
            Crumb(_("The plan")),
        ],
        "change": found,
        "saved_at": saved_at(found),
        "is_unsaved": document != found.document,
        "may_submit": ChangeState.SUBMITTED in after,
        "back_link": link,
        "here": reverse("admin:change_cue_sheet", args=[found.public_id]),
        "trial_link": reverse("admin:change_cue_sheet_trial", args=[found.public_id]),
        "base": json.dumps(document, ensure_ascii=False, separators=(",", ":")),
        "head": describe_head(document),
        "steps": _steps(steps[:_MOST_DRAWN], document),
        "left_out": max(0, len(steps) - _MOST_DRAWN),
        "choices": _choices(),
    }


def _steps(steps: Sequence[Document], document: Document) -> list[dict[str, Any]]:
    titles = [(str(one.get("key", "")), str(one.get("title", ""))) for one in steps]
    return [
        {
            **describe_step(step, document),
            "index": index,
            "index_text": str(index),
            "others": [(key, title) for key, title in titles if key != step.get("key")],
        }
        for index, step in enumerate(steps)
    ]


def _choices() -> dict[str, Any]:
    roles = [(str(role), words.plain(str(role))) for role in Role if role is not Role.AI_AGENT]
    return {
        "owners": [(AI_OWNER, _("AI")), *roles],
        "roles": roles,
        "patterns": [(str(one), words.plain(str(one))) for one in Pattern],
        "stages": [(str(one), stage_title(one)) for one in Stage],
        "does": [(str(one), words.plain(str(one))) for one in DoesKind],
        "otherwise": [(str(one), words.plain(str(one))) for one in Otherwise],
        "queues": list(Queue.objects.order_by("title").values_list("key", "title")),
        "tools": list(
            ToolDefinition.objects.filter(retired_at=None)
            .order_by("name")
            .values_list("name", "title")
        ),
        "proves": [
            ("", _("no")),
            ("all", _("yes, it must be done")),
            ("any", _("yes, it or another one")),
        ],
    }
