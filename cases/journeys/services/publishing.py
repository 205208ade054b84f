"""Put a version of a cue sheet into force, or take it out of force."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cases.journeys import entries
from cases.journeys.checking import surrounding_errors
from cases.journeys.models import CueSheet, CueSheetVersion
from cases.journeys.parsing import parse_cue_sheet
from cases.journeys.registry import first_publications
from cases.journeys.selectors import cue_sheet_digest
from cases.journeys.types import CueSheetSpec
from cases.tools.models import ToolDefinition
from governance.access.types import Role
from governance.ledger.entries import SYSTEM_STREAM
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from governance.reviews.rules import PUBLISHING
from governance.reviews.services.versions import (
    lock_document,
    next_place,
    put_in_force,
    take_out_of_force,
)
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError
from orchestra.core.locking import lock, take_turn

Json = Any


@one_act()
def publish_cue_sheet(
    *, actor: Actor, now: datetime, document: Mapping[str, Json]
) -> CueSheetVersion:
    """Put a cue sheet into force; the version before it is retired, running journeys keep it.

    The document that is in force already is left as it is.

    Raises:
        InvalidInputError: The document has errors; all of them are named.
        ConflictError: It is the first of its kind, and another one has to be finished before.
    """
    take_turn(PUBLISHING)
    spec = _parsed(document)
    sheet = lock_document(CueSheet, actor=actor, key=spec.key, title=spec.title)
    digest = cue_sheet_digest(document)
    place = next_place(CueSheetVersion.objects.filter(cue_sheet=sheet))
    if (same := place.same(digest)) is not None:
        return same
    if place.number == 1:
        _check_first(spec)
    new = CueSheetVersion(
        cue_sheet=sheet, pattern=spec.pattern, document=dict(document), digest=digest
    )
    version = put_in_force(place, new, actor=actor, now=now)
    _record(actor, now, version, entries.CUE_SHEET_PUBLISHED)
    return version


@one_act()
def retire_cue_sheet(*, actor: Actor, now: datetime, key: str) -> CueSheetVersion:
    """Take the version in force out of force, with none in its place; running journeys keep it.

    Raises:
        ConflictError: No version is in force.
    """
    take_turn(PUBLISHING)
    lock(CueSheet.objects.filter(key=key))
    versions = CueSheetVersion.objects.filter(cue_sheet__key=key).select_related("cue_sheet")
    version = take_out_of_force(versions, actor=actor, now=now, code="cue_sheet.not_in_force")
    _record(actor, now, version, entries.CUE_SHEET_RETIRED)
    return version


def find_errors(document: Mapping[str, Json]) -> tuple[FieldError, ...]:
    """Return everything that stops a document from being put into force."""
    try:
        _parsed(document)
    except InvalidInputError as error:
        return error.errors
    return ()


def _parsed(document: Mapping[str, Json]) -> CueSheetSpec:
    tools = ToolDefinition.objects.filter(retired_at=None)
    effects = dict(tools.values_list("name", "effect"))
    spec = parse_cue_sheet(document=document, tool_effects=effects, roles=frozenset(Role))
    errors = surrounding_errors(spec)
    if errors:
        message = _("The cue sheet cannot be published; see the errors.")
        raise InvalidInputError(message, code="cue_sheet.invalid", errors=errors)
    return spec


def _check_first(spec: CueSheetSpec) -> None:
    for name in first_publications:
        refused = first_publications.get(name)(spec.key)
        if refused:
            raise ConflictError(refused, code="cue_sheet.not_yet")


def _record(actor: Actor, now: datetime, version: CueSheetVersion, kind: str) -> None:
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=SYSTEM_STREAM,
            kind=kind,
            payload={
                "cue_sheet": version.cue_sheet.key,
                "title": version.cue_sheet.title,
                "version": version.number,
            },
            subject_kind="cue_sheet_version",
            subject_id=str(version.public_id),
            cue=version.digest,
        ),
    )
