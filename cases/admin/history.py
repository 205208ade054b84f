"""Earlier versions of tracked records: what changed, when, by whom, and why. No way back.

The history is a convenience for readers; the ledger is the evidence. Nothing here reverts.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import zip_longest
from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.intake.models import Intent
from cases.journeys.models import CueSheet, CueSheetVersion
from cases.memory import selectors as memory
from cases.memory.models import Case
from cases.tools.models import Connection, ToolDefinition, ToolVersion
from governance.access.models import AgentIdentity, Queue
from governance.access.types import Capability
from governance.admin.tracked import Tracked, tracked_records
from governance.admin.visit import Crumb, Visit, page, render
from governance.knowledge.models import Article, ArticleVersion
from governance.policies.models import Policy, PolicyVersion
from orchestra.core import words
from orchestra.core.errors import NotFoundError
from orchestra.core.redaction import mask_value

PAGE_SIZE = 50
_LONG = 400
#: How many places that differ are shown of one version.
_MOST = 30
_SIGNS = {
    "+": gettext_lazy("created"),
    "~": gettext_lazy("changed"),
    "-": gettext_lazy("removed"),
}


_TRACKED: Mapping[str, Tracked] = {
    "case": Tracked(Case, Capability.CASE_READ, "case", "public_id"),
    "queue": Tracked(Queue, Capability.ACCESS_READ, "access"),
    "agent": Tracked(AgentIdentity, Capability.ACCESS_READ, "agents"),
    "policy": Tracked(Policy, Capability.POLICY_READ, "policy", "key"),
    "policy_version": Tracked(PolicyVersion, Capability.POLICY_READ),
    "cue_sheet": Tracked(CueSheet, Capability.CUE_SHEET_READ, "cue_sheet", "key"),
    "cue_sheet_version": Tracked(CueSheetVersion, Capability.CUE_SHEET_READ),
    "tool": Tracked(ToolDefinition, Capability.TOOL_READ, "tool", "name"),
    "tool_version": Tracked(ToolVersion, Capability.TOOL_READ),
    "article": Tracked(Article, Capability.KNOWLEDGE_READ, "article", "key"),
    "article_version": Tracked(ArticleVersion, Capability.KNOWLEDGE_READ),
    "connection": Tracked(Connection, Capability.TOOL_READ),
    "intent": Tracked(Intent, Capability.CUE_SHEET_READ),
}
for _kind, _tracked in _TRACKED.items():
    tracked_records.register(_kind, _tracked)


@page("history/<str:kind>/<int:pk>/", name="history")
def history(request: HttpRequest, visit: Visit, kind: str, pk: int) -> HttpResponse:
    """Show the versions of one record, newest first."""
    tracked = tracked_records.find(kind)
    if tracked is None or not visit.may(tracked.capability):
        raise NotFoundError(_("There is no such record."))
    record = _find(tracked, visit, pk)
    versions = list(record.history.order_by("-history_date", "-history_id")[: PAGE_SIZE + 1])  # type: ignore[attr-defined]  # simple-history adds it
    return render(
        request,
        "governance/history.html",
        {
            "title": _("History"),
            "crumbs": [
                Crumb(words.plain(kind).capitalize(), _link(tracked, record)),
                Crumb(_("History")),
            ],
            "headline": _("%(record)s: earlier versions") % {"record": record},
            "rows": [
                _row(version, versions[at + 1] if at + 1 < len(versions) else None)
                for at, version in enumerate(versions[:PAGE_SIZE])
            ],
            "is_cut": len(versions) > PAGE_SIZE,
        },
    )


def _find(tracked: Tracked, visit: Visit, pk: int) -> Model:
    rows = (
        memory.list_cases(authority=visit.authority)
        if tracked.model is Case
        else tracked.model._default_manager.all()  # noqa: SLF001  Django's documented entry for generic code
    )
    found: Model | None = rows.filter(pk=pk).first()
    if found is None:
        raise NotFoundError(_("There is no such record."))
    return found


def _link(tracked: Tracked, record: Model) -> str:
    if not tracked.page:
        return ""
    key = [getattr(record, tracked.key)] if tracked.key else []
    return reverse(f"admin:{tracked.page}", args=key)


def _row(version: Any, before: Any) -> dict[str, Any]:
    return {
        "at": version.history_date,
        "what": _SIGNS.get(version.history_type, version.history_type),
        "actor_kind": version.actor_kind,
        "actor_label": version.actor_label,
        "reason": version.history_change_reason or "",
        "changes": _changes(version, before),
    }


def _changes(version: Any, before: Any) -> list[dict[str, str]]:
    if before is None or version.history_type != "~":
        return []
    delta = version.diff_against(before, foreign_keys_are_objs=False)
    found = [
        {"field": words.plain(path), "old": _shown(old), "new": _shown(new)}
        for change in delta.changes
        for path, old, new in _parted(
            change.field, _masked(change.field, change.old), _masked(change.field, change.new)
        )
    ]
    if len(found) <= _MOST:
        return found
    more = _("%(count)d more places") % {"count": len(found) - _MOST}
    return [*found[:_MOST], {"field": more, "old": "…", "new": "…"}]


def _masked(field: str, value: Any) -> Any:
    return mask_value({field: value})[field]


def _parted(path: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield each place where two values differ, so that nobody reads a document to find it."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys([*old, *new]):
            yield from _parted(f"{path} {key}", old.get(key), new.get(key))
    elif _is_nested(old) and _is_nested(new):
        for at, (before, after) in enumerate(zip_longest(old, new), start=1):
            yield from _parted(f"{path} {at}", before, after)
    elif old != new:
        yield path, old, new


def _is_nested(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(item, Mapping | list) for item in value)


def _shown(value: Any) -> str:
    text = _text(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"


def _text(value: Any) -> str:
    if value in (None, "", [], {}):
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        return "; ".join(f"{words.plain(str(key))}: {_text(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(_text(item) for item in value)
    if isinstance(value, datetime):
        return date_format(localtime(value), "j M Y, H:i:s")
    return str(value)
