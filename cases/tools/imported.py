"""Reads of what was imported: the last import of a connection, and the drafts that wait."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from cases.tools import entries
from cases.tools.models import Connection, ToolDefinition
from cases.tools.selectors import DOCUMENT_KIND, spec_of
from governance.access.types import Authority
from governance.ledger.entries import ACTOR_LABEL
from governance.ledger.selectors import find_last, payload_of
from governance.reviews.models import ChangeRequest
from governance.reviews.rules import OPEN
from governance.reviews.selectors import get_change, not_found
from governance.reviews.types import ChangePurpose

Json = Any
#: Drafts shown of one connection; an import has at most so many operations.
MOST_DRAFTS: Final = 500


@dataclass(frozen=True, slots=True)
class LastImport:
    """What the ledger says of the newest import of a connection that brought something.

    Attributes:
        source: ``openapi`` or ``mcp``.
        origin: Where the description was read; empty for imports that did not say.
        changes: Name of the change request by the name of the tool.
        gone: Tools in force that were no longer offered.
    """

    at: datetime
    by: str
    source: str
    origin: str
    digest: str
    changes: Mapping[str, str]
    gone: tuple[str, ...]


def find_last_import(connection: Connection) -> LastImport | None:
    """Return the newest import of a connection; None where there was none."""
    entry = find_last(subject_id=connection.key, of_kinds=[entries.TOOLS_IMPORTED])
    payload = payload_of(entry=entry) if entry is not None else None
    if entry is None or payload is None:
        return None
    return LastImport(
        at=entry.at,
        by=str(payload.get(ACTOR_LABEL) or entry.actor_id),
        source=str(payload.get("source", "")),
        origin=str(payload.get("origin", "")),
        digest=str(payload.get("digest", "")),
        changes=dict(payload.get("changes") or {}),
        gone=tuple(payload.get("gone") or ()),
    )


def list_imported_drafts(*, connection: Connection) -> list[ChangeRequest]:
    """Return the drafts of imported tools of a connection that may still go into force."""
    rows = ChangeRequest.objects.filter(
        kind=DOCUMENT_KIND,
        state__in=OPEN,
        purpose=ChangePurpose.EDIT,
        document__connection=connection.key,
        document__upstream__isnull=False,
    )
    return list(rows.order_by("document_key", "-pk")[:MOST_DRAFTS])


def list_imported_tools(*, connection: Connection) -> list[ToolDefinition]:
    """Return the tools in force that were imported over a connection, by name."""
    rows = ToolDefinition.objects.filter(connection=connection, retired_at=None)
    return [row for row in rows.order_by("name") if row.document.get("upstream")]


def unchanged(
    *, tools: Sequence[ToolDefinition], drafts: Sequence[ChangeRequest], gone: Sequence[str]
) -> list[ToolDefinition]:
    """Return the imported tools that no draft changes and that are still offered."""
    others = {draft.document_key for draft in drafts} | set(gone)
    return [tool for tool in tools if tool.name not in others]


def find_unseen_change(tool: ToolDefinition) -> ChangeRequest | None:
    """Return the newest change of a tool at its upstream that nobody has decided on.

    An import opens it as soon as what stands at the upstream is not what was imported; it is
    decided once it is published, refused or withdrawn. A tool that was not imported costs no
    query.
    """
    return find_unseen_changes([tool]).get(tool.name)


def find_unseen_changes(tools: Iterable[ToolDefinition]) -> dict[str, ChangeRequest]:
    """Return the newest undecided change at the upstream of each tool that has one.

    One query however many tools there are, and none where none of them was imported.

    Returns:
        The change requests by the name of the tool.
    """
    # From the parsed tools: their documents are not loaded for a proposal.
    pins = {tool.name: _pinned(tool) for tool in tools}
    names = [name for name, pin in pins.items() if pin]
    if not names:
        return {}
    rows = ChangeRequest.objects.filter(
        kind=DOCUMENT_KIND,
        document_key__in=names,
        state__in=OPEN,
        purpose=ChangePurpose.EDIT,
    )
    return {
        row.document_key: row
        for row in rows.order_by("pk")
        if pin_of(row.document) not in ("", pins[row.document_key])
    }


def _pinned(tool: ToolDefinition) -> str:
    return str((spec_of(tool).upstream or {}).get("digest", ""))


def pin_of(document: Mapping[str, Json]) -> str:
    """Return the digest of what stood at the upstream; empty for what was not imported."""
    upstream = document.get("upstream")
    return str(upstream.get("digest", "")) if isinstance(upstream, Mapping) else ""


def get_imported_draft(*, authority: Authority, change_id: UUID) -> ChangeRequest:
    """Return the draft of one imported tool.

    Raises:
        NotFoundError: There is none, it is no imported tool, or the actor may not know of it.
    """
    found = get_change(authority=authority, change_id=change_id)
    is_edit = found.purpose == ChangePurpose.EDIT
    if found.kind != DOCUMENT_KIND or not is_edit or not found.document.get("upstream"):
        raise not_found()
    return found
