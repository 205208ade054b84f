"""Connections: how each system of record is reached, tested and changed, on the record."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.admin.connection_form import document_of, fields_of, is_resolved
from cases.tools import selectors as tools
from cases.tools import services
from cases.tools.connecting import AuthKind, parse_connection
from cases.tools.models import Connection
from cases.tools.probing import probe
from cases.tools.types import ConnectionKind
from governance.access.types import Capability
from governance.admin.in_ledger import in_ledger
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from orchestra.core.errors import InvalidInputError, NotFoundError

KINDS = {
    ConnectionKind.HTTP: gettext_lazy("HTTP with JSON"),
    ConnectionKind.MCP: gettext_lazy("MCP server"),
    ConnectionKind.SIMULATED: gettext_lazy("simulated, inside this process"),
}
WAYS = {
    AuthKind.NONE: gettext_lazy("nothing"),
    AuthKind.BEARER: gettext_lazy("a bearer token"),
    AuthKind.BASIC: gettext_lazy("a name and a password"),
    AuthKind.HEADER: gettext_lazy("a key in a header"),
    AuthKind.OAUTH2: gettext_lazy("OAuth 2 client credentials"),
}


@page("connections/", name="connections", capability=Capability.TOOL_READ)
def connection_list(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show every connection, what it leads to and how many tools use it."""
    may_edit = visit.may(Capability.TOOL_EDIT)
    return render(
        request,
        "cases/connections.html",
        {
            "title": _("Connections"),
            "crumbs": _crumbs(),
            "rows": [_row(row) for row in tools.list_connections()],
            "add_link": reverse("admin:connection_add") if may_edit else "",
        },
    )


@page(
    "connection-add/",
    name="connection_add",
    capability=Capability.TOOL_EDIT,
    methods=("GET", "POST"),
)
def connection_add(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show an empty form, and add what is filled in."""
    if request.method == "POST":
        saved = _save(request, visit, key=request.POST.get("key", ""), present=None)
        if saved is not None:
            return saved
    return _form(request, visit, None, request.POST)


@page(
    "connections/<str:key>/",
    name="connection",
    capability=Capability.TOOL_READ,
    methods=("GET", "POST"),
)
def connection_page(request: HttpRequest, visit: Visit, key: str) -> HttpResponse:
    """Show a connection with its history, and save a change of it."""
    row = _row_of(key)
    if request.method == "POST":
        saved = _save(request, visit, key=key, present=row)
        if saved is not None:
            return saved
    return _form(request, visit, row, request.POST)


@page(
    "connections/<str:key>/test/",
    name="connection_test",
    capability=Capability.TOOL_EDIT,
    methods=("POST",),
)
def connection_test(request: HttpRequest, visit: Visit, key: str) -> HttpResponse:
    """Look whether a connection works, by reading alone, and say what was seen."""
    row = _row_of(key)
    back = HttpResponseRedirect(reverse("admin:connection", args=[key]))
    try:
        seen = probe(parse_connection(document=tools.connection_document(row)))
    except InvalidInputError as error:
        messages.error(request, error.message)
        return back
    services.record_test(actor=visit.actor, now=visit.now, connection=row, seen=seen)
    tell = messages.success if seen.works else messages.error
    tell(request, " ".join(seen.lines))
    return back


def _row_of(key: str) -> Connection:
    row = tools.list_connections().filter(key=key).first()
    if row is None:
        raise NotFoundError(_("There is no such connection."))
    return row


def _save(
    request: HttpRequest, visit: Visit, *, key: str, present: Connection | None
) -> HttpResponse | None:
    """Save what was filled in; None where it was refused, and the form is shown again."""
    error = attempt(
        request,
        lambda: services.save_connection(
            actor=visit.actor,
            now=visit.now,
            document=document_of(request.POST, key=key, present=present),
            reason=request.POST.get("reason", ""),
            seen_digest=request.POST.get("digest", "") if present is not None else "",
        ),
        refusal=as_refusal("connection.save", key),
    )
    if error is not None:
        return None
    messages.success(request, _("The connection is saved, with your reason."))
    return HttpResponseRedirect(reverse("admin:connection", args=[key]))


def _form(
    request: HttpRequest, visit: Visit, row: Connection | None, typed: Mapping[str, Any]
) -> HttpResponse:
    title = row.title if row is not None else _("New connection")
    fields = fields_of(row, typed)
    return render(
        request,
        "cases/connection.html",
        {
            "title": title,
            "crumbs": [*_crumbs(), Crumb(title)],
            "row": row,
            "kind_words": KINDS[ConnectionKind(row.kind)] if row is not None else "",
            "fields": fields,
            "kinds": [(str(kind), words) for kind, words in KINDS.items()],
            "ways": [(str(way), words) for way, words in WAYS.items()],
            "digest": tools.connection_digest(row) if row is not None else "",
            "may_edit": visit.may(Capability.TOOL_EDIT),
            "resolved": is_resolved(fields["secret"]),
            "used": getattr(row, "used", 0),
            "test_link": reverse("admin:connection_test", args=[row.key]) if row else "",
            "back_link": reverse("admin:connections"),
            "imported_link": f"{reverse('admin:imported')}?connection={row.key}"
            if row and visit.may(Capability.CHANGE_READ)
            else "",
            "history": [_change(one) for one in row.history.all()[:20]] if row else [],
            "ledger_link": in_ledger(visit, subject=row.key) if row else "",
        },
        status=422 if request.method == "POST" else 200,
    )


def _change(one: Any) -> dict[str, Any]:
    return {"at": one.history_date, "by": one.actor_label, "reason": one.history_change_reason}


def _row(row: Connection) -> dict[str, Any]:
    return {
        "key": row.key,
        "title": row.title,
        "link": reverse("admin:connection", args=[row.key]),
        "kind": KINDS[ConnectionKind(row.kind)],
        "address": row.base_url,
        "used": getattr(row, "used", 0),
    }


def _crumbs() -> list[Crumb]:
    return [
        Crumb(_("Govern")),
        Crumb(_("Tools"), reverse("admin:tools")),
        Crumb(_("Connections"), reverse("admin:connections")),
    ]
