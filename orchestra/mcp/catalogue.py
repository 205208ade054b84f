"""The tools one AI agent may use, as it is told of them, page by page."""

import base64
import binascii
from collections.abc import Iterator
from typing import Any, Final

from django.utils.translation import gettext as _

from cases.tools import selectors as tools
from cases.tools.arguments import closed
from cases.tools.models import ToolDefinition
from cases.tools.types import Effect, ToolSpec
from governance.access.agents import is_outside_scope
from governance.access.rules import may
from governance.access.types import Capability
from orchestra.mcp.own import OWN
from orchestra.mcp.own_types import Caller, OwnTool
from orchestra.mcp.protocol import INVALID_PARAMS, ProtocolError
from orchestra.mcp.schemas import given_by, nested, schema_of
from orchestra.mcp.shapes import GovernedIn, OutcomeOut, ProblemOut

Json = Any

PAGE_SIZE: Final = 100
#: Rights change seldom, and a call asks for them again.
KEPT_MS: Final = 60_000
#: No registered tool is offered under the names of our own.
RESERVED: Final = "orchestra_"


def page_of_tools(caller: Caller, cursor: str | None) -> dict[str, Json]:
    """Return a page of the tools a caller may use: our own, then the registered ones by name.

    Args:
        caller: Who asks.
        cursor: ``nextCursor`` of the page before; None for the first.

    Raises:
        ProtocolError: The cursor is none that a page of ours named.
    """
    after = _after(cursor)
    listed = [(key, one) for key, one in _offered(caller) if key > after]
    page = listed[:PAGE_SIZE]
    found: dict[str, Json] = {
        "tools": [_own(one) if isinstance(one, OwnTool) else _governed(one) for _key, one in page]
    }
    if len(listed) > len(page):
        found["nextCursor"] = _cursor(page[-1][0])
    return found


def find_registered(name: str) -> ToolDefinition | None:
    """Return the registered tool of a name, whoever may use it; None where there is none."""
    return None if name.startswith(RESERVED) else tools.tools_by_name([name]).get(name)


def _offered(caller: Caller) -> Iterator[tuple[str, OwnTool | ToolDefinition]]:
    """Yield each tool with the key by which pages follow each other."""
    for number, own in enumerate(OWN):
        if may(caller.authority, own.capability):
            yield f"0{number:03}", own
    if not may(caller.authority, Capability.TOOL_PROPOSE):
        return
    for tool in tools.list_tools().order_by("name"):
        hidden = is_outside_scope(caller.authority.scope, tool=tool.name)
        if not hidden and not tool.name.startswith(RESERVED):
            yield f"1{tool.name}", tool


def _after(cursor: str | None) -> str:
    if cursor is None:
        return ""
    try:
        key = base64.urlsafe_b64decode(cursor.encode("ascii")).decode("ascii")
    except (binascii.Error, UnicodeError):
        key = ""
    if key[:1] not in {"0", "1"} or _cursor(key) != cursor:
        raise ProtocolError(INVALID_PARAMS, "This is no cursor of this list; begin without one.")
    return key


def _cursor(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode("ascii")).decode("ascii")


def _own(tool: OwnTool) -> dict[str, Json]:
    given = given_by(tool.gives)
    return {
        "name": tool.name,
        "title": tool.title,
        "description": tool.description,
        "inputSchema": schema_of(tool.takes),
        "outputSchema": {"type": "object", "anyOf": [given, _PROBLEM]},
        "annotations": {
            "title": tool.title,
            "readOnlyHint": not tool.act,
            "destructiveHint": False,
            "idempotentHint": not tool.act or tool.adds_once,
            "openWorldHint": False,
        },
    }


#: In place of the result where nothing was done.
_PROBLEM: Final = {
    "type": "object",
    "properties": {"error": given_by(ProblemOut)},
    "required": ["error"],
    "additionalProperties": False,
}


def _governed(tool: ToolDefinition) -> dict[str, Json]:
    spec = tools.spec_of(tool)
    reads = spec.effect is Effect.READ
    return {
        "name": tool.name,
        "title": tool.title,
        "description": _description(spec),
        "inputSchema": input_schema(spec),
        "outputSchema": given_by(OutcomeOut),
        "annotations": {
            "title": tool.title,
            "readOnlyHint": reads,
            # What it does to the system of record is that system's own; nothing says it only adds.
            "destructiveHint": not reads,
            # A repeat attaches to what was proposed, or gets its outcome.
            "idempotentHint": True,
            "openWorldHint": False,
        },
    }


def input_schema(spec: ToolSpec) -> dict[str, Json]:
    """Return what a call of a governed tool takes: its own arguments as a whole, and why."""
    outer = schema_of(GovernedIn)
    arguments = nested(closed(spec.arguments), at="#/properties/arguments")
    return {
        **outer,
        "properties": {
            **outer["properties"],
            "arguments": {"description": _("The arguments of the tool itself."), **arguments},
        },
    }


def _description(spec: ToolSpec) -> str:
    said = [spec.description.strip() or spec.title]
    if spec.effect is Effect.READ:
        said.append(_("It only reads."))
    else:
        said.append(
            _(
                "It changes the system of record: the policy decides, and a person may have to "
                "approve it first. Say how sure you are, why, and cite what shows that the "
                "customer wants it."
            )
        )
    return " ".join(said)
