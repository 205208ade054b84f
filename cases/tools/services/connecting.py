"""Add and change a connection, with a reason; its secret is a reference, here as everywhere."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cases.tools import entries
from cases.tools.connecting import parse_connection
from cases.tools.models import Connection
from cases.tools.probing import Seen
from cases.tools.selectors import connection_digest, connection_document
from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.entries import SYSTEM_STREAM
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor
from orchestra.core.errors import (
    ConflictError,
    FieldError,
    InvalidInputError,
    NotPermittedError,
)
from orchestra.core.history import save_as
from orchestra.core.locking import lock, take_turn

Json = Any
SUBJECT = "connection"
MAX_REASON = 500
_TURN = "connections"
_FIELDS = ("title", "kind", "base_url", "settings")


@one_act()
def save_connection(
    *, actor: Actor, now: datetime, document: Mapping[str, Json], reason: str, seen_digest: str = ""
) -> Connection:
    """Add a connection, or change the one with its key; the same again changes nothing.

    Args:
        actor: A person who may change tools.
        now: When, UTC.
        document: Key, title, kind, base_url and settings, as a pack has them.
        reason: Why, for the history.
        seen_digest: Digest of the connection that the person saw; empty for a new one.

    Raises:
        NotPermittedError: The actor may not change connections.
        InvalidInputError: It is no connection, or there is no reason; with every error.
        ConflictError: Somebody else changed it meanwhile, or the key is taken.
    """
    _require(actor)
    spec = parse_connection(document=document)
    if not reason.strip() or len(reason) > MAX_REASON:
        message = _("Say why, in at most %(count)d letters.") % {"count": MAX_REASON}
        errors = [FieldError("reason", "required", message)]
        raise InvalidInputError(message, code="connection.invalid", errors=errors)
    take_turn(_TURN)
    row = next(iter(lock(Connection.objects.filter(key=spec.key))), None)
    if (connection_digest(row) if row is not None else "") != seen_digest:
        raise ConflictError(
            _("Somebody changed this connection meanwhile; look again before you save."),
            code="connection.stale",
        )
    before = connection_document(row) if row is not None else {}
    row = row or Connection(key=spec.key)
    row.title, row.kind, row.base_url = spec.title, spec.kind, spec.base_url
    row.settings = dict(document.get("settings", {}))
    after = connection_document(row)
    changed = [name for name in _FIELDS if before.get(name) != after.get(name)]
    if changed:
        save_as(row, actor=actor, reason=reason.strip())
        kind = entries.CONNECTION_CHANGED if before else entries.CONNECTION_ADDED
        _record(actor, now, row, kind, {"reason": reason.strip(), "fields": changed})
    return row


@one_act()
def record_test(*, actor: Actor, now: datetime, connection: Connection, seen: Seen) -> None:
    """Keep that a person tested a connection, and what was seen.

    Raises:
        NotPermittedError: The actor may not change connections.
    """
    _require(actor)
    outcome = _("it answered as it should") if seen.works else _("it did not")
    payload = {"works": seen.works, "outcome": outcome, "seen": list(seen.lines)}
    _record(actor, now, connection, entries.CONNECTION_TESTED, payload)


def _require(actor: Actor) -> None:
    require(authority=authority_of(actor), capability=Capability.TOOL_EDIT)
    if actor.is_agent:
        raise NotPermittedError(_("An AI agent changes no connection."), code="connection.agent")


def _record(
    actor: Actor, now: datetime, row: Connection, kind: str, payload: Mapping[str, Json]
) -> None:
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=SYSTEM_STREAM,
            kind=kind,
            payload={
                "connection": row.key,
                "title": row.title,
                "digest": connection_digest(row),
                **payload,
            },
            subject_kind=SUBJECT,
            subject_id=row.key,
        ),
    )
