"""The cue sheets in force as prompts: how an AI agent follows the plan for one kind of need.

A client offers prompts to the person or program that drives the agent; what comes back is text
and no right. A prompt reads no case: that is for the tools, which record it.
"""

from collections.abc import Iterator
from typing import Any, Final

from django.utils.translation import gettext as _

from cases.journeys import selectors as journeys
from cases.journeys.guiding import guidance
from cases.journeys.models import CueSheetVersion
from governance.access.rules import may
from governance.access.selectors import queue_keys_where
from governance.access.types import Capability
from orchestra.mcp.own_types import Caller
from orchestra.mcp.protocol import INVALID_PARAMS, ProtocolError

Json = Any

PAGE_SIZE: Final = 100
_CURSOR: Final = "after:"


def page_of_prompts(caller: Caller, cursor: str | None) -> dict[str, Json]:
    """Return a page of the cue sheets that a caller may follow, by key.

    Args:
        caller: Who asks.
        cursor: ``nextCursor`` of the page before; None for the first.

    Raises:
        ProtocolError: The cursor is none that a page of ours named.
    """
    if cursor is not None and not cursor.startswith(_CURSOR):
        raise ProtocolError(INVALID_PARAMS, "This is no cursor of this list; begin without one.")
    after = "" if cursor is None else cursor.removeprefix(_CURSOR)
    found = [row for row in _followed(caller) if row.cue_sheet.key > after]
    shown = found[:PAGE_SIZE]
    page: dict[str, Json] = {
        "prompts": [
            {
                "name": row.cue_sheet.key,
                "title": row.cue_sheet.title,
                "description": _about(row),
            }
            for row in shown
        ]
    }
    if len(found) > len(shown):
        page["nextCursor"] = f"{_CURSOR}{shown[-1].cue_sheet.key}"
    return page


def get_prompt(caller: Caller, name: str) -> dict[str, Json]:
    """Return how a caller follows one cue sheet in force.

    Raises:
        ProtocolError: There is none of this name, or not for this caller; both alike.
    """
    found = next((row for row in _followed(caller) if row.cue_sheet.key == name), None)
    if found is None:
        raise ProtocolError(
            INVALID_PARAMS, "There is no such prompt, or it is not for you.", data={"name": name}
        )
    text = guidance(journeys.spec_of(found))
    return {
        "description": _about(found),
        "messages": [{"role": "user", "content": {"type": "text", "text": text}}],
    }


def _followed(caller: Caller) -> Iterator[CueSheetVersion]:
    """Yield the cue sheets in force on the queues where a caller may propose, by key."""
    authority = caller.authority
    if not may(authority, Capability.CUE_SHEET_READ):
        return
    queues = queue_keys_where(authority=authority, capability=Capability.TOOL_PROPOSE)
    for row in journeys.list_published().order_by("cue_sheet__key"):
        if queues is None or journeys.spec_of(row).queue in queues:
            yield row


def _about(row: CueSheetVersion) -> str:
    return _("Version %(number)d. The need is met when: %(what)s") % {
        "number": row.number,
        "what": journeys.spec_of(row).completion,
    }
