"""Read again what imported tools were read from, so that a change upstream is noticed by itself."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

import structlog

from cases.tools.connecting import parse_connection
from cases.tools.fetching import read_description, read_tools
from cases.tools.imported import find_last_import, list_imported_tools
from cases.tools.importing.documents import read_document
from cases.tools.importing.mcp_tools import read_mcp_tools
from cases.tools.importing.naming import tool_name
from cases.tools.importing.openapi import read_openapi
from cases.tools.importing.types import Manifest
from cases.tools.models import Connection, ToolDefinition
from cases.tools.selectors import connection_document
from cases.tools.services.importing import Came, import_tools
from orchestra.core.actors import system
from orchestra.core.errors import InvalidInputError, OrchestraError

log = structlog.get_logger(__name__)

WATCH_TASK: Final = "cases.tools.watch_upstreams"
#: Who imports when nobody does: the change requests say that nobody asked for them.
WATCH: Final = system("upstream-watch")
_MCP: Final = "mcp"


@dataclass(frozen=True, slots=True)
class Watched:
    """What one check found: connections read, connections not to be read, tools that changed."""

    read: int
    failed: int
    changed: int


def watch_upstreams(*, now: datetime) -> Watched:
    """Read again the descriptions of what is in force, and open a draft where one changed.

    The same as importing again, without what is not in force: a tool that is newly offered is
    for a person to ask for. A connection whose tools were imported from a file is left alone,
    since there is nothing to read again. What cannot be read holds up no other, changes nothing,
    and is a line in the log. Nothing but a read is sent, and where nothing changed nothing is
    written. Must not be called inside a transaction.

    Args:
        now: The moment of the check, UTC.
    """
    read = failed = changed = 0
    for connection in Connection.objects.order_by("key"):
        tools = list_imported_tools(connection=connection)
        last = find_last_import(connection) if tools else None
        if last is None or not last.origin.startswith(("http://", "https://")):
            continue
        try:
            changed += _watch(connection, tools, source=last.source, origin=last.origin, now=now)
            read += 1
        except OrchestraError as error:
            failed += 1
            log.warning("tools.upstream_unread", connection=connection.key, code=error.error_code)
    return Watched(read=read, failed=failed, changed=changed)


def _watch(
    connection: Connection,
    tools: Sequence[ToolDefinition],
    *,
    source: str,
    origin: str,
    now: datetime,
) -> int:
    changed = 0
    for manifest in _read(connection, tools, source=source, origin=origin):
        found = import_tools(
            actor=WATCH, now=now, manifest=manifest, connection=connection.key, origin=origin
        )
        names = [tool.name for tool in found.tools if tool.came is Came.CHANGED]
        if names:
            log.info("tools.upstream_changed", connection=connection.key, tools=names)
        changed += len(names)
    return changed


def _read(
    connection: Connection, tools: Sequence[ToolDefinition], *, source: str, origin: str
) -> Iterator[Manifest]:
    """Yield what the other side offers now of what is in force, one for each prefix of names."""
    groups: dict[str, set[str]] = defaultdict(set)
    for tool in tools:
        prefix = _prefix(tool)
        if prefix is not None and tool.document["upstream"].get("source") == source:
            groups[prefix].add(tool.name)
    if not groups:
        return
    read: Callable[..., Manifest]
    if source == _MCP:
        spec = parse_connection(document=connection_document(connection))
        title, listed = read_tools(spec, url=connection.base_url)
        read = partial(read_mcp_tools, listed=listed, title=title, connection=connection.key)
    else:
        document = read_document(read_description(origin))
        read = partial(read_openapi, document=document, connection=connection.key)
    for prefix, names in sorted(groups.items()):
        found = _read_known(partial(read, prefix=prefix), names)
        if found is not None:
            yield found


def _read_known(read: Callable[..., Manifest], names: Collection[str]) -> Manifest | None:
    """Return what stands upstream of some tools; what is gone from there is left out."""
    try:
        return read(only=names)
    except InvalidInputError as error:
        gone = {one.field for one in error.errors if one.code == "unknown"} & set(names)
        left = sorted(set(names) - gone)
        if not gone:
            raise
    log.warning("tools.upstream_gone", tools=sorted(gone))
    return read(only=left) if left else None


def _prefix(tool: ToolDefinition) -> str | None:
    """Return what was put before the name when a tool was imported; None where it cannot be told.

    Assumes that nobody renamed it: a tool's name is its identity.
    """
    plain = tool_name(str(tool.document["upstream"]["name"]), "")
    return tool.name.removesuffix(plain) if tool.name.endswith(plain) else None
