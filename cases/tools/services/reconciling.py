"""A person says what became of a call whose outcome is not known."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from cases.tools import entries
from cases.tools.models import ToolCall
from cases.tools.selectors import get_call, spec_of_call
from cases.tools.services.claiming import lock_call
from cases.tools.services.entering import ring
from cases.tools.services.settling import finish, move, record
from cases.tools.types import CallState
from governance.access.selectors import authority_of, require
from governance.access.types import Authority, Capability
from governance.ledger.services import one_act
from governance.policies.types import RiskLevel
from orchestra.core.actors import Actor
from orchestra.core.canonical import check_text
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError, NotPermittedError

_TWO_PAIRS_OF_EYES = frozenset({RiskLevel.HIGH, RiskLevel.CRITICAL})


def reconcile_call(
    *, actor: Actor, now: datetime, call_id: UUID | str, happened: bool, reason: str
) -> ToolCall:
    """End an unknown call as succeeded or failed, on a person's word.

    Args:
        actor: A person who may reconcile it, see ``check_may_reconcile``.
        now: The moment of the act.
        call_id: Public id.
        happened: Whether the effect stands in the system of record.
        reason: How the person knows; kept in the ledger.

    Raises:
        NotFoundError: There is no such call, or the actor may not see it.
        NotPermittedError: The actor may not reconcile it.
        InvalidInputError: No reason is given.
        ConflictError: The outcome is known by now.
    """
    seen, said = _allowed(actor, call_id, reason)
    with one_act():
        call = _still_unknown(seen)
        finish(
            call=call,
            to=CallState.SUCCEEDED if happened else CallState.FAILED,
            actor=actor,
            now=now,
            reason=said,
            payload={"reconciled_by": actor.as_payload(), "happened": happened},
        )
    return call


def retry_unknown(*, actor: Actor, now: datetime, call_id: UUID | str, reason: str) -> ToolCall:
    """Let a call of unknown outcome be tried once more, under the key it was sent with.

    Args:
        actor: A person who may reconcile it.
        now: The moment of the act.
        call_id: Public id.
        reason: Why it is tried again rather than settled; kept in the ledger.

    Raises:
        NotFoundError: There is no such call, or the actor may not see it.
        NotPermittedError: The actor may not reconcile it.
        InvalidInputError: No reason is given.
        ConflictError: The outcome is known by now, or the system does not honour the key.
    """
    seen, said = _allowed(actor, call_id, reason)
    if not spec_of_call(seen).honours_idempotency_key:
        raise ConflictError(
            _(
                "This system does not promise to do a repeated request only once, so trying again "
                "could do it twice. Say whether it happened instead."
            ),
            code="tool_call.no_key",
        )
    with one_act():
        call = _still_unknown(seen)
        record(
            call=call,
            kind=entries.RETRIED,
            actor=actor,
            now=now,
            payload={"reason": said, "attempt": call.attempt, "effect_key": call.effect_key},
        )
        move(call=call, to=CallState.READY, actor=actor, reason=said, changes={"due_at": now})
        ring(call)
    return call


def check_may_reconcile(*, authority: Authority, call: ToolCall) -> None:
    """Refuse whoever may not say what became of a call.

    A person who works its queue may; of high and critical risk only somebody who may also vote
    there, and who neither asked for it nor edited it.

    Raises:
        NotPermittedError: The actor may not; the message says who may.
    """
    actor = authority.actor
    if not actor.is_human:
        raise NotPermittedError(_("Only a person may say what became of a call."))
    require(authority=authority, capability=Capability.CASE_WORK, queue_id=call.case.queue_id)
    if call.tool.risk not in _TWO_PAIRS_OF_EYES:
        return
    if actor.id in {call.requester_id, call.edited_by_id}:
        raise NotPermittedError(
            _("You asked for this or edited it, and its risk is high: another person settles it."),
            code="tool_call.another_person",
        )
    require(authority=authority, capability=Capability.APPROVAL_VOTE, queue_id=call.case.queue_id)


def _allowed(actor: Actor, call_id: UUID | str, reason: str) -> tuple[ToolCall, str]:
    authority = authority_of(actor)
    seen = get_call(authority=authority, call_id=call_id)
    check_may_reconcile(authority=authority, call=seen)
    check_text(reason, "reason")
    if not reason.strip():
        message = _("Say how you know; it is kept in the ledger.")
        raise InvalidInputError(message, errors=[FieldError("reason", "blank", message)])
    return seen, reason.strip()


def _still_unknown(seen: ToolCall) -> ToolCall:
    call = lock_call(call_id=seen.pk, case_id=seen.case.public_id)
    if call.state != CallState.UNKNOWN:
        raise ConflictError(
            _("This call is %(state)s; its outcome is known.") % {"state": call.state},
            code="conflict.state_moved_on",
            data={"state": str(call.state)},
        )
    return call
