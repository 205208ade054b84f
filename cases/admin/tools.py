"""Tools, readable: what each version declares, who uses it, and how versions differ."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.admin import reads
from cases.admin.upstream import describe_unseen
from cases.journeys.tool_uses import CUE_SHEET_USE
from cases.tools import selectors as tools
from cases.tools import sentences as say
from cases.tools.checking import POLICY_USE, TOOL_USE, uses_of
from cases.tools.models import ToolDefinition, ToolVersion
from cases.tools.registry import Use
from cases.tools.types import ToolSpec
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

_KINDS = {
    POLICY_USE: gettext_lazy("policy"),
    TOOL_USE: gettext_lazy("tool"),
    CUE_SHEET_USE: gettext_lazy("cue sheet"),
}


@page("tools/", name="tools", capability=Capability.TOOL_READ)
def tool_list(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show every tool, by system of record."""
    return render(
        request,
        "cases/tools.html",
        {
            "title": _("Tools"),
            "crumbs": [Crumb(_("Govern")), Crumb(_("Tools"))],
            "rows": [_row(tool) for tool in reads.list_tools()],
            "imported_link": reverse("admin:imported") if visit.may(Capability.CHANGE_READ) else "",
            "beginning": describe_beginning(visit, tools.DOCUMENT_KIND),
        },
    )


@page("tools/<str:name>/", name="tool", capability=Capability.TOOL_READ)
def tool_page(request: HttpRequest, visit: Visit, name: str) -> HttpResponse:
    """Show one version of a tool; without a number, the one in force."""
    tool = reads.list_tools().filter(name=name).first()
    if tool is None:
        raise NotFoundError(_("There is no such tool."))
    versions = list(tool.versions.order_by("-number"))
    shown = _chosen(versions, request.GET.get("version", ""))
    spec = tools.spec_of_version(shown)
    waiting = reads.count_waiting_calls(tool=tool)
    return render(
        request,
        "cases/tool.html",
        {
            "title": spec.title,
            "crumbs": [
                Crumb(_("Govern")),
                Crumb(_("Tools"), reverse("admin:tools")),
                Crumb(tool.title),
            ],
            "tool": tool,
            "here": reverse("admin:tool", args=[tool.name]),
            "version": shown,
            "in_force": shown.state == DocumentState.PUBLISHED,
            "switched_off": not tool.enabled and tool.retired_at is None,
            "waiting": waiting,
            "waiting_shown": in_short(waiting),
            "upstream": describe_unseen([tool], visit),
            **_declared(spec, tool),
            "opening": describe_opening(
                visit,
                kind=tools.DOCUMENT_KIND,
                key=tool.name,
                number=None if shown.state == DocumentState.PUBLISHED else shown.number,
            ),
            "compared": describe_compared(
                kind=tools.DOCUMENT_KIND,
                key=tool.name,
                numbers=[each.number for each in versions],
                shown=shown.number,
                asked=request.GET.get("compare", ""),
            ),
            "uses": _uses(visit, uses_of(tool.name)),
            "versions": [_version(each, tool, shown) for each in versions],
            "history_link": reverse("admin:history", args=["tool", tool.pk]),
            "ledger_link": in_ledger(visit, subject=tool.public_id),
        },
    )


def _chosen(versions: list[ToolVersion], number: str) -> ToolVersion:
    """Return the version asked for; without a number, the one in force or the last one.

    Raises:
        NotFoundError: There is no such version.
    """
    if number:
        asked = [each for each in versions if str(each.number) == number]
    else:
        asked = [each for each in versions if each.state == DocumentState.PUBLISHED] or versions
    if not asked:
        raise NotFoundError(_("There is no such version."))
    return asked[0]


def _row(tool: ToolDefinition) -> dict[str, Any]:
    return {
        "name": tool.name,
        "title": tool.title,
        "link": reverse("admin:tool", args=[tool.name]),
        "effect": tool.effect,
        "risk": tool.risk,
        "connection": tool.connection.title,
        "kind": tool.connection.kind,
        "number": tool.number,
        "enabled": tool.enabled,
        "retired": tool.retired_at is not None,
    }


def _declared(spec: ToolSpec, tool: ToolDefinition) -> dict[str, Any]:
    own = tool.connection
    return {
        "spec": spec,
        "effect": say.effect_words(spec.effect),
        "connection": own.title
        if spec.connection == own.key
        else reads.connection_title(spec.connection),
        "arguments": _arguments(spec),
        "other_rules": say.other_rules(spec),
        "facts": [
            {"name": words.plain(fact), "source": say.source_words(source)}
            for fact, source in spec.facts.items()
        ],
        "reads": [{"name": read.name, "tool": read.tool} for read in spec.reads],
        "declares": _declares(spec),
    }


def _arguments(spec: ToolSpec) -> list[dict[str, Any]]:
    required = set(spec.arguments.get("required", []))
    return [
        {
            "name": name,
            "type": say.type_words(schema),
            "required": name in required,
            "sensitive": f"$.{name}" in spec.sensitive,
            "text": schema.get("description", "") if isinstance(schema, dict) else "",
            "choices": schema.get("enum", []) if isinstance(schema, dict) else [],
        }
        for name, schema in spec.arguments.get("properties", {}).items()
    ]


def _declares(spec: ToolSpec) -> list[dict[str, str]]:
    none = _("not declared")
    facts = [
        (_("How it is called"), say.operation_words(spec)),
        (_("To undo"), say.undo_words(spec) or _("no reversing tool is declared")),
        (_("Confirmed by"), str((spec.confirm or {}).get("tool") or none)),
        (_("What it will do, in words"), _("declared") if spec.effect_text else none),
        (_("Before and after"), _("declared") if spec.before_after else none),
        (_("Evidence in words"), _("declared") if spec.grounds else none),
        (
            _("Safe to repeat"),
            _("yes, it honours an idempotency key")
            if spec.honours_idempotency_key
            else _("no, it is not repeated by itself"),
        ),
        (_("Time and attempts"), say.trying_words(spec)),
        (_("Verifies the customer"), say.verifies_words(spec)),
        (_("Hands the case to"), say.hand_over_words(spec)),
    ]
    return [{"name": str(name), "value": value} for name, value in facts if value]


def _uses(visit: Visit, found: tuple[Use, ...]) -> list[dict[str, Any]]:
    """Return what uses a tool and this person may read, each document once with its places."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    may_read = {POLICY_USE: visit.may(Capability.POLICY_READ)}
    for use in found:
        if not may_read.get(use.kind, True):
            continue
        row = rows.setdefault(
            (use.kind, use.key),
            {
                "title": use.title,
                "kind": _KINDS.get(use.kind, use.kind),
                "link": reverse(f"admin:{use.kind}", args=[use.key]),
                "places": [],
            },
        )
        row["places"] += [use.place] if use.place else []
    return list(rows.values())


def _version(version: ToolVersion, tool: ToolDefinition, shown: ToolVersion) -> dict[str, Any]:
    return {
        "number": version.number,
        "state": version.state,
        "author": version.author_label,
        "created_at": version.created_at,
        "published_at": version.published_at,
        "retired_at": version.retired_at,
        "is_shown": version.pk == shown.pk,
        "link": reverse("admin:tool", args=[tool.name]) + f"?version={version.number}",
    }
