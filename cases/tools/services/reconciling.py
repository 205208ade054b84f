"""A person says what became of a call whose outcome is not known."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from cases.tools.models import ToolCall
from cases.tools.selectors import get_call
from cases.tools.services.claiming import lock_call
from cases.tools.services.settling import finish
from cases.tools.types import CallState
from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError, NotPermittedError


def reconcile_call(
    *, actor: Actor, now: datetime, call_id: UUID | str, happened: bool, reason: str
) -> ToolCall:
    """End an unknown call as succeeded or failed, on a person's word.

    Args:
        actor: A person who works the queue.
        now: The moment of the act.
        call_id: Public id.
        happened: Whether the effect stands in the system of record.
        reason: How the person knows; kept in the ledger.

    Raises:
        NotFoundError: There is no such call, or the actor may not see it.
        NotPermittedError: The actor is no person who works the queue.
        InvalidInputError: No reason is given.
        ConflictError: The outcome is known by now.
    """
    authority = authority_of(actor)
    seen = get_call(authority=authority, call_id=call_id)
    if not actor.is_human:
        raise NotPermittedError(_("Only a person may say what became of a call."))
    require(authority=authority, capability=Capability.CASE_WORK, queue_id=seen.case.queue_id)
    if not reason.strip():
        message = _("Say how you know; it is kept in the ledger.")
        raise InvalidInputError(message, errors=[FieldError("reason", "blank", message)])
    with one_act():
        call = lock_call(call_id=seen.pk, case_id=seen.case.public_id)
        if call.state != CallState.UNKNOWN:
            raise ConflictError(
                _("This call is %(state)s; its outcome is known.") % {"state": call.state},
                code="conflict.state_moved_on",
                data={"state": str(call.state)},
            )
        finish(
            call=call,
            to=CallState.SUCCEEDED if happened else CallState.FAILED,
            actor=actor,
            now=now,
            reason=reason.strip(),
            payload={"reconciled_by": actor.as_payload(), "happened": happened},
        )
    return call
