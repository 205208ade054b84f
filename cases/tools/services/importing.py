"""Open drafts for what another system offers, all or nothing; the same again is nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from django.utils.translation import gettext as _

from cases.tools import entries
from cases.tools.describing import describe_changes
from cases.tools.importing.naming import THEIRS
from cases.tools.importing.types import Manifest
from cases.tools.models import Connection, ToolDefinition
from cases.tools.selectors import DOCUMENT_KIND
from cases.tools.types import ConnectionKind
from governance.ledger.entries import SYSTEM_STREAM
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from governance.reviews import services as reviews
from governance.reviews.models import ChangeRequest
from governance.reviews.rules import PUBLISHING
from governance.reviews.selectors import list_changes_of
from governance.reviews.types import Change, ChangeState
from orchestra.core.actors import Actor
from orchestra.core.canonical import digest
from orchestra.core.errors import FieldError, InvalidInputError
from orchestra.core.locking import take_turn

Json = Any
SUBJECT: Final = "connection"
_MAX_ORIGIN: Final = 300
_DOMAIN: Final = "orchestra.manifest.v1"
_KINDS: Final = {"openapi": ConnectionKind.HTTP, "mcp": ConnectionKind.MCP}


class Came(StrEnum):
    """What an import did with one tool."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    WAITING = "waiting"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class ImportedTool:
    """What became of one tool of a manifest.

    Attributes:
        change: Name of the change request that holds its draft, such as ``CR-12``; empty
            where there is none.
        differences: What is not as in force, in words.
    """

    name: str
    came: Came
    change: str = ""
    differences: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, and the tools in force that the upstream no longer offers."""

    digest: str
    tools: tuple[ImportedTool, ...]
    gone: tuple[str, ...]


@one_act()
def import_tools(
    *, actor: Actor, now: datetime, manifest: Manifest, connection: str, origin: str = ""
) -> Imported:
    """Open a change request for every tool that is new or is not as it was imported.

    Nothing goes into force: a person looks at each draft, decides on its risk, and hands it
    in. What people decided of a tool stays as it is when the upstream changes, unless it is
    called in another way, since a read may have become a write.

    Args:
        actor: Who imports.
        now: When, UTC.
        manifest: What the upstream offers.
        connection: Key of the connection that it is reached by.
        origin: Where the description was read, as people may see it.

    Raises:
        InvalidInputError: There is no such connection, or it is of another kind.
        NotPermittedError: The actor may not draft tools.
    """
    row = _connection(connection, manifest.source)
    take_turn(PUBLISHING)
    present = {
        tool.name: tool
        for tool in ToolDefinition.objects.filter(name__in=manifest.tools).select_related(
            "connection"
        )
    }
    _check_taken(manifest, present, connection)
    tools = tuple(
        _import_one(actor, now, document, present.get(name))
        for name, document in sorted(manifest.tools.items())
    )
    found = Imported(
        digest=digest(_DOMAIN, {name: _pin(one) for name, one in manifest.tools.items()}),
        tools=tools,
        gone=_gone(manifest, row),
    )
    if any(tool.came in (Came.NEW, Came.CHANGED) for tool in tools):
        _record(actor, now, row, manifest, found, origin)
    return found


def _import_one(
    actor: Actor, now: datetime, document: Mapping[str, Json], present: ToolDefinition | None
) -> ImportedTool:
    name, pin = str(document["name"]), _pin(document)
    in_force = present.document if present and present.retired_at is None else None
    if in_force is not None and _pin(in_force) == pin:
        return ImportedTool(name, Came.SAME)
    answered = ChangeRequest.objects.filter(
        kind=DOCUMENT_KIND,
        document_key=name,
        state__in=[ChangeState.REFUSED, ChangeState.WITHDRAWN],
    )
    for came, changes in (
        (Came.WAITING, list_changes_of(kind=DOCUMENT_KIND, key=name)),
        (Came.ANSWERED, answered.order_by("-pk")),
    ):
        same = next((one for one in changes if _pin(one.document) == pin), None)
        if same is not None:
            return ImportedTool(name, came, same.label)
    draft = document if in_force is None else _kept(in_force, document)
    change = reviews.open_change(
        actor=actor,
        now=now,
        kind=DOCUMENT_KIND,
        document_key=name,
        title=_title(document, is_new=in_force is None),
        summary=_("Imported; decide on effect, risk and the rest before it is handed in."),
        document=draft,
    )
    came = Came.NEW if in_force is None else Came.CHANGED
    return ImportedTool(name, came, change.label, describe_changes(in_force, draft))


def _kept(in_force: Mapping[str, Json], document: Mapping[str, Json]) -> dict[str, Json]:
    """Return the text in force with what stands at the upstream as it is there now."""
    kept = {key: item for key, item in in_force.items() if key not in THEIRS}
    theirs = {key: document[key] for key in THEIRS if key in document}
    if _called(in_force) != _called(document):
        theirs |= {"effect": document["effect"], "risk": document["risk"]}
    return {**kept, **theirs}


def _called(document: Mapping[str, Json]) -> Json:
    operation = document.get("operation")
    return operation.get("method") if isinstance(operation, Mapping) else None


def _pin(document: Mapping[str, Json]) -> str:
    upstream = document.get("upstream")
    return str(upstream.get("digest", "")) if isinstance(upstream, Mapping) else ""


def _title(document: Mapping[str, Json], *, is_new: bool) -> str:
    text = _("Import: %(title)s") if is_new else _("Changed upstream: %(title)s")
    return (text % {"title": document["title"]})[:200]


def _connection(key: str, source: str) -> Connection:
    row = Connection.objects.filter(key=key).first()
    message = ""
    if row is None:
        message = _("There is no connection %(name)s; add it first.") % {"name": key}
    elif row.kind != _KINDS[source]:
        message = _("The connection %(name)s is of another kind than what is imported.")
        message %= {"name": key}
    if row is None or message:
        errors = [FieldError("connection", "unknown_connection", message)]
        raise InvalidInputError(message, code="import.connection", errors=errors)
    return row


def _check_taken(
    manifest: Manifest, present: Mapping[str, ToolDefinition], connection: str
) -> None:
    """Refuse names that tools of another connection, or written by hand, have already."""
    errors = [
        FieldError(
            name,
            "taken",
            _("A tool of this name is there and was not imported from here; use a prefix."),
        )
        for name, tool in sorted(present.items())
        if tool.connection.key != connection
        or not _pin(tool.document)
        or tool.document["upstream"].get("source") != manifest.source
    ]
    if errors:
        message = _("Nothing was imported: %(count)d names are taken.") % {"count": len(errors)}
        raise InvalidInputError(message, code="import.taken", errors=errors)


def _gone(manifest: Manifest, connection: Connection) -> tuple[str, ...]:
    if manifest.left_out:
        return ()
    rows = ToolDefinition.objects.filter(connection=connection, retired_at=None)
    return tuple(
        sorted(row.name for row in rows if _pin(row.document) and row.name not in manifest.tools)
    )


def _record(
    actor: Actor,
    now: datetime,
    row: Connection,
    manifest: Manifest,
    found: Imported,
    origin: str,
) -> None:
    count = sum(tool.came in (Came.NEW, Came.CHANGED) for tool in found.tools)
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=SYSTEM_STREAM,
            kind=entries.TOOLS_IMPORTED,
            payload={
                "connection": row.key,
                "title": row.title,
                "source": manifest.source,
                "origin": origin[:_MAX_ORIGIN],
                "digest": found.digest,
                "count": count,
                "changes": {tool.name: tool.change for tool in found.tools if tool.change},
                "gone": list(found.gone),
            },
            subject_kind=SUBJECT,
            subject_id=row.key,
        ),
    )
