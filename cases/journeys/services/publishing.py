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
from governance.reviews.types import DocumentState
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError
from orchestra.core.history import save_as
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
    sheet, versions = _versions(actor, spec)
    digest = cue_sheet_digest(document)
    present = next((one for one in versions if one.state == DocumentState.PUBLISHED), None)
    if present is not None and present.digest == digest:
        return present
    if not versions:
        _check_first(spec)
    if present is not None:
        present.state, present.retired_at = DocumentState.RETIRED, now
        save_as(present, actor=actor, reason="a newer version is in force")
    version = _version(actor, now, sheet, spec, document, len(versions) + 1)
    version.state, version.published_at = DocumentState.PUBLISHED, now
    save_as(version, actor=actor, reason="published")
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
    version = (
        CueSheetVersion.objects.filter(cue_sheet__key=key, state=DocumentState.PUBLISHED)
        .select_related("cue_sheet")
        .first()
    )
    if version is None:
        raise ConflictError(_("No version of it is in force."), code="cue_sheet.not_in_force")
    version.state, version.retired_at = DocumentState.RETIRED, now
    save_as(version, actor=actor, reason="taken out of force")
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


def _versions(actor: Actor, spec: CueSheetSpec) -> tuple[CueSheet, list[CueSheetVersion]]:
    sheet = next(iter(lock(CueSheet.objects.filter(key=spec.key))), None)
    if sheet is None:
        sheet = CueSheet(key=spec.key, title=spec.title)
        save_as(sheet, actor=actor, reason="first version")
    elif sheet.title != spec.title:
        sheet.title = spec.title
        save_as(sheet, actor=actor, reason="renamed by a newer version")
    return sheet, list(CueSheetVersion.objects.filter(cue_sheet=sheet).order_by("number"))


def _version(
    actor: Actor,
    now: datetime,
    sheet: CueSheet,
    spec: CueSheetSpec,
    document: Mapping[str, Json],
    number: int,
) -> CueSheetVersion:
    return CueSheetVersion(
        cue_sheet=sheet,
        number=number,
        pattern=spec.pattern,
        document=dict(document),
        digest=cue_sheet_digest(document),
        author_id=actor.id,
        author_label=actor.label,
        created_at=now,
    )


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
