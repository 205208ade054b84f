"""What a page says of tools that the other system changed, while nobody decided on the change."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.tools.imported import find_unseen_changes
from cases.tools.models import ToolCall, ToolDefinition
from cases.tools.types import CallState, Effect
from governance.access.types import Capability
from governance.admin.visit import Visit


def describe_unseen(tools: Iterable[ToolDefinition], visit: Visit) -> list[dict[str, Any]]:
    """Return one banner for each tool that was changed at its upstream and not decided on.

    One query whatever their number; none where no tool was imported.

    Args:
        tools: The tools that the page is about.
        visit: Who looks; the way to the change is shown to those who may read it.
    """
    by_name = {tool.name: tool for tool in tools}
    may_read = visit.may(Capability.CHANGE_READ)
    found = sorted(find_unseen_changes(by_name.values()).items())
    return [
        {
            "tool": by_name[name].title,
            "writes": by_name[name].effect == Effect.WRITE,
            "label": change.label,
            "since": change.created_at,
            "link": reverse("admin:imported_draft", args=[change.public_id]) if may_read else "",
        }
        for name, change in found
    ]


def waiting_words(call: ToolCall) -> str:
    """Return why a call that is due does not run: its tool was changed at the other system.

    Returns:
        A sentence; empty where nothing of the kind holds it up. One query for a due write of an
        imported tool, none otherwise.
    """
    if call.state != CallState.READY or call.tool.effect != Effect.WRITE:
        return ""
    change = find_unseen_changes([call.tool]).get(call.tool.name)
    if change is None:
        return ""
    return _(
        "It waits and nothing ran: the other system changed this tool, and nobody has decided on "
        "that change (%(change)s) yet. It runs by itself once somebody has, if its time has not "
        "passed by then."
    ) % {"change": change.label}
