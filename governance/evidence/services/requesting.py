"""Ask for an export, explain its gaps, and call it off."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NoReturn
from uuid import UUID

from django.utils.translation import gettext as _

from governance.evidence import entries, rules, selectors
from governance.evidence.models import EvidenceExport
from governance.evidence.scoping import freeze, resolve
from governance.evidence.services.clearing import clear_after_commit
from governance.evidence.services.shared import BUILD_TASK, append, lock_export, require_reader
from governance.evidence.types import (
    OPEN,
    ExportScope,
    ExportState,
    FieldGroup,
    Gap,
)
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.canonical import check_text
from orchestra.core.dispatch import enqueue
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError
from orchestra.core.locking import compare_and_set

#: Left out unless somebody asks for it: a commitment serves as well for most questions.
LEFT_OUT_BY_DEFAULT = frozenset({FieldGroup.CUSTOMER, FieldGroup.PAYMENT, FieldGroup.MESSAGE})


@one_act()
def request_export(
    *,
    actor: Actor,
    now: datetime,
    scope: ExportScope,
    leave_out: Collection[FieldGroup] = LEFT_OUT_BY_DEFAULT,
    explanations: Mapping[str, str] | None = None,
    held_size: int | None = None,
    must_explain: bool = False,
) -> EvidenceExport:
    """Ask for an export; a worker builds it once no gap is left unexplained.

    Args:
        actor: Who asks; a person who may read the ledger, or a part of the system.
        now: When, UTC.
        scope: What it is to prove; a span that has no end ends now.
        leave_out: Groups of fields that stay out; a payload that holds one stays out whole.
        explanations: Code of a gap to why it is there.
        held_size: Size of a checkpoint that the reader holds, to be led from to the present.
        must_explain: Refuse where a gap has no explanation, rather than wait for it.

    Returns:
        The export: ``explaining`` while a gap has no explanation, else ``queued``.

    Raises:
        NotPermittedError: The actor may not read the ledger.
        NotFoundError: There is no such case, control or saved search.
        InvalidInputError: The scope makes no sense, an explanation explains no gap, or a gap
            that must be explained has none.
    """
    authority = require_reader(actor)
    scope = rules.closed(freeze(actor=actor, scope=scope), now)
    found = resolve(authority=authority, scope=scope)
    if held_size is not None and held_size < 1:
        _refuse("held_size", _("A checkpoint that can be led from holds at least one entry."))
    gaps = _explain(found.gaps, explanations or {}, actor, now)
    waiting = bool(rules.open_gaps(gaps))
    if waiting and must_explain:
        _refuse_unexplained(rules.open_gaps(gaps))
    export = EvidenceExport.objects.create(
        by_kind=actor.kind,
        by_id=actor.id,
        by_label=actor.label,
        scope_kind=scope.kind,
        scope=rules.scope_as_json(scope),
        scope_digest=rules.scope_digest(scope),
        title=found.title,
        leave_out=sorted(FieldGroup(one).value for one in leave_out),
        gaps=[rules.gap_as_json(gap) for gap in gaps],
        held_size=held_size,
        state=ExportState.EXPLAINING if waiting else ExportState.QUEUED,
        created_at=now,
    )
    append(actor, now, export, entries.REQUESTED, leave_out=export.leave_out, gaps=export.gaps)
    if not waiting:
        enqueue(BUILD_TASK, export.pk)
    return export


@one_act()
def explain_gap(
    *, actor: Actor, now: datetime, export_id: UUID, code: str, explanation: str
) -> EvidenceExport:
    """Say why a gap is there; it is printed in the file. The last explanation begins the work.

    Raises:
        NotPermittedError: The actor may not read the ledger.
        NotFoundError: There is no such export, or it is not theirs to see.
        ConflictError: It waits for no explanation.
        InvalidInputError: There is no such gap, or the text is empty or too long.
    """
    export = lock_export(authority=require_reader(actor), export_id=export_id)
    if export.state != ExportState.EXPLAINING:
        raise ConflictError(
            _("This export waits for no explanation."), code="evidence.not_explaining"
        )
    gaps = _explain(rules.read_gaps(export.gaps), {code: explanation}, actor, now)
    waiting = bool(rules.open_gaps(gaps))
    compare_and_set(
        export,
        expected={"state": ExportState.EXPLAINING, "gaps": export.gaps},
        changes={
            "gaps": [rules.gap_as_json(gap) for gap in gaps],
            "state": ExportState.EXPLAINING if waiting else ExportState.QUEUED,
        },
        actor=actor,
    )
    append(actor, now, export, entries.EXPLAINED, gap=code, explanation=explanation.strip())
    if not waiting:
        enqueue(BUILD_TASK, export.pk)
    return export


@one_act()
def cancel_export(*, actor: Actor, now: datetime, export_id: UUID) -> EvidenceExport:
    """Call an export off; what was built of it is removed.

    Raises:
        NotPermittedError: The actor may not read the ledger.
        NotFoundError: There is no such export, or it is not theirs to see.
        ConflictError: It has ended.
    """
    export = lock_export(authority=require_reader(actor), export_id=export_id)
    if export.state not in OPEN:
        raise ConflictError(_("This export has ended already."), code="evidence.ended")
    compare_and_set(
        export,
        expected={"state": export.state},
        changes={"state": ExportState.CANCELLED, "ended_at": now, "lease_until_at": None},
        actor=actor,
    )
    append(actor, now, export, entries.CANCELLED)
    clear_after_commit(export)
    return export


def _explain(
    gaps: tuple[Gap, ...], explanations: Mapping[str, str], actor: Actor, now: datetime
) -> tuple[Gap, ...]:
    for code, given in explanations.items():
        text = given.strip()
        check_text(text, "explanation")
        if not text or len(text) > rules.LONGEST_EXPLANATION:
            _refuse("explanation", _("Say in 1 to 2,000 characters why the gap is there."))
        try:
            gaps = rules.explain(gaps, code=code, explanation=text, by=actor.label, now=now)
        except LookupError:
            _refuse("code", _("There is no such gap."))
    return gaps


def _refuse_unexplained(gaps: Sequence[Gap]) -> NoReturn:
    errors = [FieldError(f"explanations.{gap.code}", "required", gap.title) for gap in gaps]
    raise InvalidInputError(selectors.unexplained(gaps), code="evidence.unexplained", errors=errors)


def _refuse(field: str, message: str) -> NoReturn:
    raise InvalidInputError(
        message, code="evidence.invalid", errors=[FieldError(field, "invalid", message)]
    )
