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
from governance.reviews.services.versions import (
    lock_document,
    next_place,
    put_in_force,
    take_out_of_force,
)
from orchestra.core.actors import Actor
from orchestra.core.errors import FieldError, InvalidInputError, NotPermittedError
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
    table = lock_document(PriorityTable, actor=actor, key=KEY_OF_TABLE, title=read.title)
    digest = document_digest(kind=TABLE_KIND, document=document)
    place = next_place(PriorityTableVersion.objects.filter(table=table))
    if (same := place.same(digest)) is not None:
        return same
    new = PriorityTableVersion(table=table, document=dict(document), digest=digest)
    version = put_in_force(place, new, actor=actor, now=now)
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
    versions = PriorityTableVersion.objects.filter(table__key=key).select_related("table")
    version = take_out_of_force(versions, actor=actor, now=now, code="priority_table.not_in_force")
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
