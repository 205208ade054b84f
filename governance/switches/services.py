"""Stop something at once, lift a stop, and record a drill."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.entries import SYSTEM_STREAM
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from governance.switches import entries, registry, rules, selectors
from governance.switches.models import Stop
from governance.switches.types import Drill, StopScope, Target
from orchestra.core.actors import Actor
from orchestra.core.canonical import check_text
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError, NotPermittedError
from orchestra.core.locking import lock, take_turn

REASON_LENGTH = 500
_TURN = "stops"


def stop(
    *,
    actor: Actor,
    now: datetime,
    scope: StopScope,
    key: str,
    reason: str,
    is_drill: bool = False,
) -> Stop:
    """Stop an agent, a tool, a cue sheet or everything; in force from this commit on.

    What waits is not touched: it goes on waiting and runs once the stop is lifted, where its
    own deadlines allow it then.

    Args:
        actor: Who stops; needs ``stop.use``.
        now: The moment of the act.
        scope: How far it reaches.
        key: The agent's id or name, the tool's name or the cue sheet's key; empty for
            everything.
        reason: Why; shown to everybody it stops, and kept in the ledger.
        is_drill: Whether it is a drill.

    Raises:
        NotPermittedError: The actor may not.
        InvalidInputError: There is no such target, or no reason is given.
        ConflictError: It is stopped already.
    """
    require(authority=authority_of(actor), capability=Capability.STOP_USE)
    target = _target(scope, key)
    said = _reason(reason)
    with one_act():
        take_turn(_TURN)
        standing = selectors.find_in_force(scope, target.key)
        if standing is not None:
            raise ConflictError(
                _("%(label)s is stopped already, by %(who)s (%(number)s). Nothing was changed.")
                % {"label": target.label, "who": standing.by_label, "number": standing.number},
                code="stop.stands",
            )
        row = Stop(
            scope=scope,
            key=target.key,
            label=target.label,
            reason=said,
            is_drill=is_drill,
            by_kind=actor.kind,
            by_id=actor.id,
            by_label=actor.label,
            at=now,
        )
        row.save(force_insert=True)
        _record(actor, now, row, entries.STOPPED, reason=said)
    return row


def lift(*, actor: Actor, now: datetime, stop_id: UUID, reason: str) -> Stop:
    """Let what was stopped act again; a stop of everything ends when another person agrees.

    Of a stop of everything the first call asks and the stop stands on; a call by somebody else
    agrees and ends it.

    Args:
        actor: Who lifts; needs ``stop.use``.
        now: The moment of the act.
        stop_id: Public id.
        reason: Why it may start again; kept in the ledger.

    Raises:
        NotFoundError: There is no such stop.
        NotPermittedError: The actor may not, or asked for the end that waits for another.
        InvalidInputError: No reason is given.
        ConflictError: It was lifted already.
    """
    require(authority=authority_of(actor), capability=Capability.STOP_USE)
    said = _reason(reason)
    with one_act():
        row = _locked(stop_id)
        if rules.needs_two(StopScope(row.scope)):
            if not row.lift_asked_by_id:
                return _ask(actor, now, row, said)
            _require_another(actor, row)
        row.lifted_by_id, row.lifted_by_label, row.lifted_at = actor.id, actor.label, now
        if not row.lift_reason:
            row.lift_reason = said
        row.save(update_fields=["lifted_by_id", "lifted_by_label", "lifted_at", "lift_reason"])
        _record(actor, now, row, entries.LIFTED, reason=said)
        for name in registry.lifted:
            registry.lifted.get(name)(now)
    return row


def keep(*, actor: Actor, now: datetime, stop_id: UUID) -> Stop:
    """Keep a stop whose end was asked for; one person is enough.

    Raises:
        NotFoundError: There is no such stop.
        NotPermittedError: The actor may not.
        ConflictError: It was lifted, or nobody asked for its end.
    """
    require(authority=authority_of(actor), capability=Capability.STOP_USE)
    with one_act():
        row = _locked(stop_id)
        if not row.lift_asked_by_id:
            raise ConflictError(
                _("Nobody asked to lift it. Nothing was changed."), code="stop.not_asked"
            )
        row.lift_asked_by_id, row.lift_asked_by_label = "", ""
        row.lift_asked_at, row.lift_reason = None, ""
        row.save(
            update_fields=[
                "lift_asked_by_id",
                "lift_asked_by_label",
                "lift_asked_at",
                "lift_reason",
            ]
        )
        _record(actor, now, row, entries.KEPT)
    return row


def record_drill(*, actor: Actor, now: datetime, stop: Stop, drill: Drill) -> None:
    """Record what a drill measured, beside the stop it used.

    Args:
        actor: Who ran it; needs ``stop.use``.
        now: The moment of the act.
        stop: The stop of the drill, lifted.
        drill: What was measured.

    Raises:
        NotPermittedError: The actor may not.
    """
    require(authority=authority_of(actor), capability=Capability.STOP_USE)
    with one_act():
        _record(
            actor,
            now,
            stop,
            entries.DRILLED,
            # A canonical record holds no binary fractions that could round differently.
            seconds=f"{drill.seconds:.3f}",
            passed=rules.drill_passed(drill),
            ran=drill.ran,
            late=drill.late,
            refused=drill.refused,
            held=drill.held,
            resumed=drill.resumed,
        )


def _target(scope: StopScope, key: str) -> Target:
    check_text(key, "key")
    found = selectors.find_target(scope, key)
    if found is None:
        message = {
            StopScope.AGENT: _("There is no AI agent of this id or name."),
            StopScope.TOOL: _("There is no tool of this name."),
            StopScope.CUE_SHEET: _("There is no cue sheet of this key."),
        }[scope]
        raise InvalidInputError(
            _("Nothing was stopped."), errors=[FieldError("key", "unknown", message)]
        )
    return found


def _reason(reason: str) -> str:
    check_text(reason, "reason")
    said = reason.strip()
    if not said:
        finding = FieldError("reason", "required", _("Say why; the reason is kept in the ledger."))
        raise InvalidInputError(_("Nothing was changed."), errors=[finding])
    if len(said) > REASON_LENGTH:
        message = _("At most %(most)d characters.") % {"most": REASON_LENGTH}
        raise InvalidInputError(
            _("Nothing was changed."), errors=[FieldError("reason", "length", message)]
        )
    return said


def _ask(actor: Actor, now: datetime, row: Stop, said: str) -> Stop:
    row.lift_asked_by_id, row.lift_asked_by_label = actor.id, actor.label
    row.lift_asked_at, row.lift_reason = now, said
    row.save(
        update_fields=["lift_asked_by_id", "lift_asked_by_label", "lift_asked_at", "lift_reason"]
    )
    _record(actor, now, row, entries.LIFT_ASKED, reason=said)
    return row


def _require_another(actor: Actor, row: Stop) -> None:
    if not rules.may_agree(asked_by=row.lift_asked_by_id, person=actor.id):
        raise NotPermittedError(
            _("You asked for this, so another person agrees. Everything stays stopped."),
            code="stop.two_people",
        )


def _locked(stop_id: UUID) -> Stop:
    take_turn(_TURN)
    rows = lock(Stop.objects.filter(public_id=stop_id))
    if not rows:
        raise selectors.not_found()
    if rows[0].lifted_at is not None:
        raise ConflictError(
            _("%(number)s was lifted by %(who)s. Nothing was changed.")
            % {"number": rows[0].number, "who": rows[0].lifted_by_label},
            code="stop.lifted",
        )
    return rows[0]


def _record(actor: Actor, now: datetime, row: Stop, kind: str, **payload: Any) -> None:
    is_agent = row.scope == StopScope.AGENT
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=f"agent:{row.key}" if is_agent else SYSTEM_STREAM,
            kind=kind,
            payload={
                "label": row.label,
                "number": row.number,
                "scope": str(row.scope),
                "key": row.key,
                "drill": row.is_drill,
                **payload,
            },
            subject_kind="stop",
            subject_id=str(row.public_id),
        ),
    )
