"""Tools, readable: risk, effect, system of record, arguments as a table, what it declares."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.admin import reads
from cases.tools import selectors as tools
from cases.tools.models import ToolDefinition
from cases.tools.types import ToolSpec
from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, page, render
from orchestra.core import words
from orchestra.core.errors import NotFoundError


@page("tools/", name="tools", capability=Capability.TOOL_READ)
def tool_list(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show every tool, by system of record."""
    del visit
    return render(
        request,
        "cases/tools.html",
        {
            "title": _("Tools"),
            "crumbs": [Crumb(_("Govern")), Crumb(_("Tools"))],
            "rows": [_row(tool) for tool in reads.list_tools()],
        },
    )


@page("tools/<str:name>/", name="tool", capability=Capability.TOOL_READ)
def tool_page(request: HttpRequest, visit: Visit, name: str) -> HttpResponse:
    """Show one tool as it is declared."""
    del visit
    tool = reads.list_tools().filter(name=name).first()
    if tool is None:
        raise NotFoundError(_("There is no such tool."))
    spec = tools.spec_of(tool)
    return render(
        request,
        "cases/tool.html",
        {
            "title": tool.title,
            "crumbs": [
                Crumb(_("Govern")),
                Crumb(_("Tools"), reverse("admin:tools")),
                Crumb(tool.title),
            ],
            "tool": tool,
            "spec": spec,
            "arguments": _arguments(spec),
            "facts": [
                {"name": words.plain(fact), "source": _source(source)}
                for fact, source in spec.facts.items()
            ],
            "reads": [{"name": read.name, "tool": read.tool} for read in spec.reads],
            "declares": _declares(spec),
            "history_link": reverse("admin:history", args=["tool", tool.pk]),
        },
    )


def _row(tool: ToolDefinition) -> dict[str, Any]:
    return {
        "name": tool.name,
        "title": tool.title,
        "link": reverse("admin:tool", args=[tool.name]),
        "effect": tool.effect,
        "risk": tool.risk,
        "connection": tool.connection.title,
        "kind": tool.connection.kind,
        "enabled": tool.enabled,
    }


def _arguments(spec: ToolSpec) -> list[dict[str, Any]]:
    required = set(spec.arguments.get("required", []))
    return [
        {
            "name": name,
            "type": _type(schema),
            "required": name in required,
            "sensitive": name in spec.sensitive,
            "text": schema.get("description", ""),
            "choices": schema.get("enum", []),
        }
        for name, schema in spec.arguments.get("properties", {}).items()
    ]


def _type(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type", "")
    if kind == "array":
        return _("list of %(items)s") % {"items": _type(schema.get("items", {})) or _("values")}
    names = {
        "string": _("text"),
        "integer": _("whole number"),
        "number": _("number"),
        "boolean": _("yes or no"),
        "object": _("group of values"),
    }
    return names.get(str(kind), str(kind))


def _source(source: Any) -> str:
    if isinstance(source, Mapping):
        return _("computed by %(name)s") % {"name": words.plain(str(source.get("function", "")))}
    root, _dot, path = str(source).removeprefix("$").partition(".")
    if not root:
        return _("as proposed: %(path)s") % {"path": words.plain(path)}
    return _("read from the %(root)s: %(path)s") % {"root": words.plain(root), "path": path}


def _declares(spec: ToolSpec) -> list[dict[str, str]]:
    none = _("not declared")
    confirm = spec.confirm or {}
    verifies = spec.verifies or {}
    hands_off = spec.hands_off or {}
    facts = [
        (_("To undo"), spec.reversed_by or _("no reversing tool is declared")),
        (_("Confirmed by"), str(confirm.get("tool") or none)),
        (_("What it will do, in words"), _("declared") if spec.effect_text else none),
        (_("Before and after"), _("declared") if spec.before_after else none),
        (_("Evidence in words"), _("declared") if spec.grounds else none),
        (
            _("Safe to repeat"),
            _("yes, it honours an idempotency key")
            if spec.honours_idempotency_key
            else _("no, it is not repeated by itself"),
        ),
        (_("Time and attempts"), f"{spec.timeout_seconds:g} s, {spec.max_attempts}"),
    ]
    if verifies:
        facts.append((_("Verifies the customer"), str(verifies.get("level", ""))))
    if hands_off:
        facts.append((_("Hands the case to"), words.plain(str(hands_off.get("queue", "")))))
    return [{"name": str(name), "value": value} for name, value in facts]
