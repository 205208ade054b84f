"""Imported tools: what came, what waits for a person's decision, and a trial that sends nothing."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.admin import draft_form
from cases.admin.draft_trial import blank_trial, describe_trial
from cases.tools import imported
from cases.tools import selectors as tools
from cases.tools import sentences as say
from cases.tools.checking import find_errors
from cases.tools.models import Connection, ToolDefinition
from cases.tools.parsing import parse_tool
from cases.tools.types import Effect, ToolSpec
from governance.access.types import Capability
from governance.admin.in_ledger import in_ledger
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from governance.reviews import services
from governance.reviews.models import ChangeRequest
from governance.reviews.types import ChangeState
from orchestra.core import words
from orchestra.core.errors import InvalidInputError, NotFoundError

SOURCES = {
    "openapi": gettext_lazy("an OpenAPI description"),
    "mcp": gettext_lazy("an MCP server"),
}
_PLACES = {
    "path": gettext_lazy("in the address"),
    "query": gettext_lazy("in the address, after the question mark"),
    "header": gettext_lazy("in a header"),
    "body": gettext_lazy("in the body"),
}
_ROUTE = "imported-tools/<uuid:draft_id>/"


@page("imported-tools/", name="imported", capability=Capability.CHANGE_READ)
def imported_list(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show what was imported over each connection, or over one, and every draft that waits."""
    key = request.GET.get("connection", "")
    rows = list(tools.list_connections())
    if key:
        rows = [row for row in rows if row.key == key]
        if not rows:
            raise NotFoundError(_("There is no such connection."))
    groups = [group for row in rows if (group := _group(visit, row)) or key]
    return render(
        request,
        "cases/imported.html",
        {
            "title": _("Imported tools"),
            "crumbs": [*_crumbs()[:-1], Crumb(_("Imported tools"))],
            "groups": [group for group in groups if group],
            "one": rows[0].title if key else "",
            "all_link": reverse("admin:imported") if key else "",
        },
    )


@page(_ROUTE, name="imported_draft", capability=Capability.CHANGE_READ, methods=("GET", "POST"))
def imported_draft(request: HttpRequest, visit: Visit, draft_id: UUID) -> HttpResponse:
    """Show one draft as a form, and save what a person decides of it."""
    change = imported.get_imported_draft(authority=visit.authority, change_id=draft_id)
    if request.method != "POST":
        return _show(request, visit, change)
    error = attempt(
        request,
        lambda: services.save_draft(
            actor=visit.actor,
            now=visit.now,
            change_id=draft_id,
            document=draft_form.document_of(change.document, request.POST, reading=_reading()),
            seen_digest=request.POST.get("digest", ""),
        ),
        refusal=as_refusal("change.save", draft_id),
    )
    if error is not None:
        # The text that stands now: somebody may have saved another one meanwhile.
        change = imported.get_imported_draft(authority=visit.authority, change_id=draft_id)
        return _show(request, visit, change, kept=True)
    messages.success(request, _("Saved. It is not in force until others approved it."))
    return HttpResponseRedirect(reverse("admin:imported_draft", args=[draft_id]))


@page(
    f"{_ROUTE}submit/",
    name="imported_submit",
    capability=Capability.CHANGE_READ,
    methods=("POST",),
)
def imported_submit(request: HttpRequest, visit: Visit, draft_id: UUID) -> HttpResponse:
    """Hand one draft in for review."""
    change = imported.get_imported_draft(authority=visit.authority, change_id=draft_id)
    if request.POST.get("digest", "") != change.digest:
        messages.error(request, _("The draft changed meanwhile. Look at it, then submit it again."))
        return HttpResponseRedirect(reverse("admin:imported_draft", args=[draft_id]))
    error = attempt(
        request,
        lambda: services.submit(actor=visit.actor, now=visit.now, change_id=draft_id),
        refusal=as_refusal("change.submit", draft_id),
    )
    if error is None:
        messages.success(request, _("Submitted. Others vote on it now."))
    return HttpResponseRedirect(reverse("admin:imported_draft", args=[draft_id]))


@page(
    f"{_ROUTE}try/", name="imported_try", capability=Capability.POLICY_READ, methods=("GET", "POST")
)
def imported_try(request: HttpRequest, visit: Visit, draft_id: UUID) -> HttpResponse:
    """Try a draft: what policies would decide and what would be sent; nothing is sent."""
    change = imported.get_imported_draft(authority=visit.authority, change_id=draft_id)
    spec = _spec(change)
    if spec is None:
        messages.error(request, _("The draft has errors. Correct them before you try it."))
        return HttpResponseRedirect(reverse("admin:imported_draft", args=[draft_id]))
    tried = request.method == "POST"
    shown = describe_trial(spec, request.POST, now=visit.now) if tried else blank_trial(spec)
    return render(
        request,
        "cases/imported_try.html",
        {
            "title": _("Try in dry run"),
            "crumbs": [
                *_crumbs(),
                Crumb(spec.title, reverse("admin:imported_draft", args=[draft_id])),
                Crumb(_("Try in dry run")),
            ],
            "spec": spec,
            "effect": say.effect_words(spec.effect),
            "draft_link": reverse("admin:imported_draft", args=[draft_id]),
            "tried": tried,
            **shown,
        },
    )


def _reading() -> dict[str, ToolDefinition]:
    """Return the tools in force that only read, by name: those that a check may ask."""
    rows = (row for row in tools.list_tools() if row.effect == Effect.READ)
    return {row.name: row for row in rows if row.retired_at is None}


def _spec(change: ChangeRequest) -> ToolSpec | None:
    try:
        return parse_tool(document=tools.canonical_document(change.document))
    except InvalidInputError:
        return None


def _group(visit: Visit, row: Connection) -> dict[str, Any] | None:
    last = imported.find_last_import(row)
    drafts = imported.list_imported_drafts(connection=row)
    present = imported.list_imported_tools(connection=row)
    if last is None and not drafts and not present:
        return None
    gone = last.gone if last is not None else ()
    same = imported.unchanged(tools=present, drafts=drafts, gone=gone)
    return {
        "title": row.title,
        "link": reverse("admin:connection", args=[row.key]),
        "address": row.base_url,
        "last": last,
        "source": str(SOURCES.get(last.source, last.source)) if last is not None else "",
        "new": [_draft_row(one) for one in drafts if not one.base_number],
        "changed": [_draft_row(one) for one in drafts if one.base_number],
        "same": [_tool_row(tool) for tool in same],
        "gone": [_tool_row(tool) for tool in present if tool.name in gone],
        "ledger_link": in_ledger(visit, subject=row.key),
    }


def _draft_row(change: ChangeRequest) -> dict[str, Any]:
    document = change.document
    names = [words.plain(name) for name in draft_form.arguments_of_document(document)]
    return {
        "label": change.label,
        "title": str(document.get("title", "")),
        "text": str(document.get("description", "")),
        "name": change.document_key,
        "link": reverse("admin:imported_draft", args=[change.public_id]),
        "risk": str(document.get("risk", "")),
        "writes": document.get("effect") == Effect.WRITE,
        "arguments": ", ".join(names),
        "state": str(change.state),
    }


def _tool_row(tool: ToolDefinition) -> dict[str, Any]:
    return {"title": tool.title, "link": reverse("admin:tool", args=[tool.name])}


def _show(
    request: HttpRequest, visit: Visit, change: ChangeRequest, *, kept: bool = False
) -> HttpResponse:
    """Return the page of a draft; what was typed is kept where it could not be saved."""
    document, reading = change.document, _reading()
    fields = draft_form.fields_of(document, reading=reading, typed=request.POST if kept else None)
    upstream = document["upstream"]
    is_draft = change.state in (ChangeState.DRAFT, ChangeState.CHANGES_ASKED)
    may_edit = visit.may_on(Capability.TOOL_EDIT, kind=change.kind, key=change.document_key)
    return render(
        request,
        "cases/imported_draft.html",
        {
            "title": str(document.get("title", "")) or change.document_key,
            "crumbs": [*_crumbs(), Crumb(change.label)],
            "change": change,
            "is_draft": is_draft,
            "may_edit": may_edit,
            "digest": change.digest,
            "overtaken": change.editor_label
            if kept and request.POST.get("digest", "") != change.digest
            else "",
            "is_new": not change.base_number,
            "fields": fields,
            "limit_agent": fields["limit.agent"],
            "limit_customer": fields["limit.customer"],
            "effects": draft_form.EFFECTS,
            "risks": draft_form.RISKS,
            "arguments": draft_form.argument_rows(document, fields),
            "asked": draft_form.asked_rows(document, fields, reading),
            "expected": draft_form.expected_rows(fields),
            "reading": [(row.name, row.title) for row in reading.values()],
            "reversing": _reversing(change),
            "findings": [_finding(one) for one in find_errors(document)] if is_draft else [],
            "operation": _operation(change),
            "says": _says(upstream),
            "source": str(SOURCES.get(str(upstream.get("source")), upstream.get("source"))),
            "called": str(upstream.get("name", "")),
            "pin": str(upstream.get("digest", "")),
            "change_link": reverse("admin:change", args=[change.public_id]),
            "submit_link": reverse("admin:imported_submit", args=[change.public_id]),
            "try_link": reverse("admin:imported_try", args=[change.public_id])
            if visit.may(Capability.POLICY_READ)
            else "",
            "back_link": reverse("admin:imported"),
        },
        status=422 if kept else 200,
    )


def _operation(change: ChangeRequest) -> list[tuple[str, str]]:
    """Return how the other side is called: the request, and where each argument goes."""
    operation = change.document.get("operation")
    if not isinstance(operation, dict):
        return []
    asked = operation.get("name") or f"{operation.get('method', '')} {operation.get('path', '')}"
    placed = operation.get("parameters")
    parts = placed.items() if isinstance(placed, dict) else ()
    return [
        (_("Request"), str(asked).strip()),
        *((words.plain(name), _goes(place)) for name, place in parts),
    ]


def _goes(place: Any) -> str:
    where = str(place.get("in", "")) if isinstance(place, dict) else ""
    return str(_PLACES.get(where, where))


def _says(upstream: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what the other side says of its tool, in words; nothing here relies on it."""
    said = upstream.get("says")
    pairs = said.items() if isinstance(said, dict) else ()
    return [(words.plain(name), _said(value)) for name, value in pairs]


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return ", ".join(_said(one) for one in value) if isinstance(value, list) else str(value)


def _finding(error: Any) -> dict[str, str]:
    return {"place": words.plain(error.field.replace(".", " ")), "message": error.message}


def _reversing(change: ChangeRequest) -> list[tuple[str, str]]:
    rows = (row for row in tools.list_tools() if row.effect == Effect.WRITE)
    return [(row.name, row.title) for row in rows if row.name != change.document_key]


def _crumbs() -> list[Crumb]:
    return [
        Crumb(_("Govern")),
        Crumb(_("Tools"), reverse("admin:tools")),
        Crumb(_("Imported tools"), reverse("admin:imported")),
    ]
