"""Choose the one journey to make ready first, open the way to others, or leave the path."""

from datetime import datetime

from django.utils.translation import gettext as _

from cases.journeys.models import CueSheet
from cases.journeys.selectors import DOCUMENT_KIND
from cases.readiness import entries, rules, selectors
from cases.readiness.models import GuidedPath
from cases.readiness.types import PathEnd
from governance.access.rules import may
from governance.access.selectors import authority_of, require_on
from governance.access.types import Capability
from governance.ledger.entries import SYSTEM_STREAM
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from governance.reviews.rules import PUBLISHING
from orchestra.core.actors import Actor
from orchestra.core.canonical import check_text
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError, NotFoundError
from orchestra.core.locking import take_turn

REASON_LENGTH = 500


def choose(*, actor: Actor, now: datetime, key: str) -> GuidedPath:
    """Begin the guided path with one cue sheet; until it is ready no other may follow.

    Args:
        actor: Who chooses; an administrator, or who may change this cue sheet.
        now: The moment of the act.
        key: Key of the cue sheet.

    Raises:
        NotPermittedError: The actor may not.
        NotFoundError: There is no such cue sheet.
        ConflictError: Another journey was chosen and is not finished.
    """
    _require(actor, key)
    with one_act():
        # What comes into force takes the same turn, so that nothing slips past the choice.
        take_turn(PUBLISHING)
        sheet = CueSheet.objects.filter(key=key).first()
        if sheet is None:
            raise NotFoundError(_("There is no such cue sheet."))
        standing = selectors.find_open_path()
        if standing is not None:
            raise ConflictError(
                _("“%(title)s” was chosen by %(who)s. Finish it, or leave its path first.")
                % {"title": standing.cue_sheet.title, "who": standing.chosen_by_label},
                code="path.stands",
            )
        path = GuidedPath.objects.create(
            cue_sheet=sheet, chosen_by_label=actor.label, chosen_at=now
        )
        _record(actor, now, path, entries.PATH_CHOSEN)
    return path


def expand(*, actor: Actor, now: datetime) -> GuidedPath:
    """Open the way to further journeys, now that the first is ready and its first cases held.

    Raises:
        NotPermittedError: The actor may not.
        ConflictError: No journey is chosen, or something is missing still.
    """
    with one_act():
        take_turn(PUBLISHING)
        path = _open_path()
        _require(actor, path.cue_sheet.key)
        _seen, found = selectors.readiness_of(key=path.cue_sheet.key, now=now)
        if not rules.may_expand(found):
            raise ConflictError(
                _(
                    "Not yet: %(missing)s checks fail, and %(cases)s of %(wanted)s first cases "
                    "ended with their effect seen. Nothing was changed."
                )
                % {
                    "missing": found.missing,
                    "cases": found.verified_cases,
                    "wanted": rules.FIRST_CASES,
                },
                code="path.not_ready",
            )
        _end(path, PathEnd.EXPANDED, now)
        _record(
            actor,
            now,
            path,
            entries.PATH_EXPANDED,
            checks=found.total,
            verified_cases=found.verified_cases,
        )
    return path


def leave(*, actor: Actor, now: datetime, reason: str) -> GuidedPath:
    """Leave the guided path before its end; what was missing is no longer asked for.

    Raises:
        NotPermittedError: The actor may not.
        InvalidInputError: No reason is given.
        ConflictError: No journey is chosen.
    """
    said = _reason(reason)
    with one_act():
        take_turn(PUBLISHING)
        path = _open_path()
        _require(actor, path.cue_sheet.key)
        _end(path, PathEnd.LEFT, now)
        _record(actor, now, path, entries.PATH_LEFT, reason=said)
    return path


def refuse_another(key: str) -> str:
    """Return why a cue sheet that never was in force may not come into force now; empty to let it.

    Asked by publishing, in its turn and transaction.
    """
    path = selectors.find_open_path()
    if path is None or path.cue_sheet.key == key:
        return ""
    return _(
        "“%(title)s” comes first: open the way to further journeys under Start here, or leave "
        "its path there."
    ) % {"title": path.cue_sheet.title}


def _require(actor: Actor, key: str) -> None:
    authority = authority_of(actor)
    if not may(authority, Capability.PACK_LOAD):
        require_on(
            authority=authority,
            capability=Capability.CUE_SHEET_EDIT,
            kind=DOCUMENT_KIND,
            key=key,
        )


def _open_path() -> GuidedPath:
    path = selectors.find_open_path()
    if path is None:
        raise ConflictError(_("No journey is chosen. Choose one first."), code="path.none")
    return path


def _reason(reason: str) -> str:
    check_text(reason, "reason")
    said = reason.strip()
    if not said or len(said) > REASON_LENGTH:
        message = _("Say why, in at most %(most)d characters.") % {"most": REASON_LENGTH}
        raise InvalidInputError(
            _("Nothing was changed."), errors=[FieldError("reason", "required", message)]
        )
    return said


def _end(path: GuidedPath, end: PathEnd, now: datetime) -> None:
    path.end, path.ended_at = end, now
    path.save(update_fields=["end", "ended_at"])


def _record(actor: Actor, now: datetime, path: GuidedPath, kind: str, **payload: object) -> None:
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=SYSTEM_STREAM,
            kind=kind,
            payload={"title": path.cue_sheet.title, "cue_sheet": path.cue_sheet.key, **payload},
            subject_kind="guided_path",
            subject_id=str(path.public_id),
        ),
    )
