"""Put a version of the table of priorities into force, or take it out of force."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cases.intake import entries
from cases.intake.models import PriorityTable, PriorityTableVersion
from cases.intake.priorities import KEY_OF_TABLE, read_table
from cases.intake.selectors import TABLE_KIND
from governance.ledger.entries import SYSTEM_STREAM
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from governance.reviews.rules import PUBLISHING, document_digest
from governance.reviews.types import DocumentState
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError, NotPermittedError
from orchestra.core.history import save_as
from orchestra.core.locking import lock, take_turn

Json = Any


@one_act()
def publish_table(
    *, actor: Actor, now: datetime, document: Mapping[str, Json]
) -> PriorityTableVersion:
    """Put a version into force and retire the one before.

    Cases keep their priority until impact or urgency is set or read again.

    Raises:
        InvalidInputError: The document has errors; all of them are named.
        NotPermittedError: An AI agent publishes.
    """
    _refuse_agent(actor)
    take_turn(PUBLISHING)
    read = read_table(document)
    row = next(iter(lock(PriorityTable.objects.filter(key=KEY_OF_TABLE))), None)
    if row is None:
        row = PriorityTable(key=KEY_OF_TABLE, title=read.title)
        save_as(row, actor=actor, reason="first version")
    versions = list(PriorityTableVersion.objects.filter(table=row).order_by("number"))
    digest = document_digest(kind=TABLE_KIND, document=document)
    present = next((one for one in versions if one.state == DocumentState.PUBLISHED), None)
    if present is not None and present.digest == digest:
        return present
    if present is not None:
        present.state, present.retired_at = DocumentState.RETIRED, now
        save_as(present, actor=actor, reason="a newer version is in force")
    version = PriorityTableVersion(
        table=row,
        number=len(versions) + 1,
        state=DocumentState.PUBLISHED,
        document=dict(document),
        digest=digest,
        author_id=actor.id,
        author_label=actor.label,
        created_at=now,
        published_at=now,
    )
    save_as(version, actor=actor, reason="published")
    _record(actor, now, version, entries.TABLE_PUBLISHED)
    return version


@one_act()
def retire_table(*, actor: Actor, now: datetime, key: str) -> PriorityTableVersion:
    """Take the version in force out of force; then the table that ships is looked up.

    Raises:
        ConflictError: No version is in force.
        NotPermittedError: An AI agent retires it.
    """
    _refuse_agent(actor)
    take_turn(PUBLISHING)
    lock(PriorityTable.objects.filter(key=key))
    version = (
        PriorityTableVersion.objects.filter(table__key=key, state=DocumentState.PUBLISHED)
        .select_related("table")
        .first()
    )
    if version is None:
        raise ConflictError(_("No version of it is in force."), code="priority_table.not_in_force")
    version.state, version.retired_at = DocumentState.RETIRED, now
    save_as(version, actor=actor, reason="taken out of force")
    _record(actor, now, version, entries.TABLE_RETIRED)
    return version


def find_table_errors(document: Mapping[str, Json]) -> tuple[FieldError, ...]:
    """Return everything that stops a table from being put into force."""
    try:
        read_table(document)
    except InvalidInputError as error:
        return error.errors
    return ()


def _refuse_agent(actor: Actor) -> None:
    if actor.is_agent:
        message = _("An AI agent decides nothing about the order in which people work.")
        raise NotPermittedError(message, code="priority_table.agent")


def _record(actor: Actor, now: datetime, version: PriorityTableVersion, kind: str) -> None:
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=SYSTEM_STREAM,
            kind=kind,
            payload={
                "title": version.table.title,
                "number": version.number,
                "digest": version.digest,
            },
            subject_kind="priority_table_version",
            subject_id=str(version.public_id),
        ),
    )
