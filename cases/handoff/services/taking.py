"""Take a case over, give it back, complete what was asked for."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from cases.handoff import entries
from cases.handoff.models import Handoff
from cases.handoff.rules import is_possible
from cases.handoff.services.checking import (
    check_parts,
    require_asked,
    require_holder,
    require_skilled,
    require_state,
    require_taker,
)
from cases.handoff.services.common import append, locked, refuse_length
from cases.handoff.services.routing import check_passes, taker_of
from cases.handoff.types import HandoffState
from cases.memory.services import assign_locked, gate_locked
from governance.access.models import User
from governance.access.selectors import require
from governance.access.types import Capability
from governance.ledger.services import one_act
from orchestra.core.actors import Actor, ActorKind
from orchestra.core.canonical import check_text
from orchestra.core.errors import (
    ConflictError,
)
from orchestra.core.locking import compare_and_set


@one_act()
def accept_handoff(
    *, actor: Actor, now: datetime, handoff_id: UUID | str, missing: Sequence[str] = ()
) -> Handoff:
    """Take a case over: the person holds it from now on, and may say what the bundle lacked.

    Args:
        actor: The person.
        now: When.
        handoff_id: Public id of the handoff.
        missing: Parts of the bundle the person misses, by name.

    Raises:
        InvalidInputError: ``missing`` names something that is no part of a bundle.
        NotFoundError: There is no such handoff, or the person may not see it.
        NotPermittedError: No person, or one who may not take cases of this queue or role, or
            lacks a skill that the case asks for.
        ConflictError: Somebody took it already, or it was given back.
    """
    check_parts(missing)
    handoff, authority = locked(actor=actor, handoff_id=handoff_id)
    require_taker(authority, handoff)
    if not is_possible(act="accept", state=HandoffState(handoff.state)):
        raise _taken(handoff)
    require_asked(authority, handoff)
    require_skilled(authority, handoff)
    check_passes(authority=authority, case=handoff.case, one=handoff.from_id, other=actor.id)
    sender = handoff.case.holder
    person = User.objects.get(public_id=actor.id)
    compare_and_set(
        handoff,
        expected={"state": HandoffState.OFFERED},
        changes={
            "state": HandoffState.ACCEPTED,
            "accepted_by": person,
            "accepted_at": now,
            "said_missing": list(missing),
        },
        actor=actor,
    )
    assign_locked(actor=actor, case=handoff.case, user=person, reason="took the case over")
    append(
        actor=actor,
        now=now,
        handoff=handoff,
        kind=entries.HANDOFF_ACCEPTED,
        payload={
            "holder": person.label,
            "bundle_digest": handoff.bundle_digest,
            "said_missing": list(missing),
            "waited_seconds": max(0, int((now - handoff.offered_at).total_seconds())),
            "transfer": handoff.transfer,
            "both_present": sender is not None and str(sender.public_id) == handoff.from_id,
        },
    )
    return handoff


@one_act()
def return_handoff(
    *, actor: Actor, now: datetime, handoff_id: UUID | str, reason: str, missing: Sequence[str] = ()
) -> Handoff:
    """Give a case back to whoever sent it, with the reason.

    It stands in the queue it came from again. A person who sent it holds it again; what an
    AI agent or a journey sent is nobody's, so that the agents of that queue go on with it.

    Raises:
        InvalidInputError: The reason is missing, or ``missing`` names no part.
        NotFoundError: There is no such handoff, or the person may not see it.
        NotPermittedError: The person may not take cases of this queue, or another one holds it.
        ConflictError: It was given back or completed already.
    """
    check_text(reason, "reason")
    refuse_length(field="reason", text=reason.strip(), most=500, needed=True)
    check_parts(missing)
    handoff, authority = locked(actor=actor, handoff_id=handoff_id)
    require_taker(authority, handoff)
    state = require_state("return", handoff)
    require_holder(actor, handoff)
    if handoff.accepted_by is not None:
        check_passes(
            authority=authority, case=handoff.case, one=handoff.from_id, other=taker_of(handoff)
        )
    said = list(dict.fromkeys([*handoff.said_missing, *missing]))
    sender = _sender(handoff)
    compare_and_set(
        handoff,
        expected={"state": state},
        changes={"state": HandoffState.RETURNED, "said_missing": said},
        actor=actor,
    )
    assign_locked(
        actor=actor,
        case=handoff.case,
        user=sender,
        reason=reason.strip(),
        queue=handoff.from_queue,
    )
    if sender is None:
        gate_locked(actor=actor, now=now, case=handoff.case, on=False)
    append(
        actor=actor,
        now=now,
        handoff=handoff,
        kind=entries.HANDOFF_RETURNED,
        payload={
            "reason": reason.strip(),
            "said_missing": said,
            "to": handoff.from_label,
            "holder": str(sender.public_id) if sender else "",
        },
    )
    return handoff


@one_act()
def complete_handoff(*, actor: Actor, now: datetime, handoff_id: UUID | str) -> Handoff:
    """Say that what the handoff asked for is done; who holds the case does not change.

    Raises:
        NotFoundError: There is no such handoff, or the person may not see it.
        NotPermittedError: Another person holds it.
        ConflictError: Nobody took it, or it was completed or given back already.
    """
    handoff, authority = locked(actor=actor, handoff_id=handoff_id)
    require(authority=authority, capability=Capability.CASE_WORK, queue_id=handoff.case.queue_id)
    state = require_state("complete", handoff)
    require_holder(actor, handoff)
    compare_and_set(
        handoff,
        expected={"state": state},
        changes={"state": HandoffState.COMPLETED},
        actor=actor,
    )
    append(
        actor=actor,
        now=now,
        handoff=handoff,
        kind=entries.HANDOFF_COMPLETED,
        payload={"reason_code": handoff.reason_code},
    )
    return handoff


def _sender(handoff: Handoff) -> User | None:
    if handoff.from_kind != ActorKind.HUMAN:
        return None
    return User.objects.filter(public_id=handoff.from_id, is_active=True).first()


def _taken(handoff: Handoff) -> ConflictError:
    holder, at = handoff.accepted_by, handoff.accepted_at
    if holder is None or at is None:
        return ConflictError(
            _("This handoff is not waiting any more."),
            code="conflict.handoff_state",
            data={"state": handoff.state},
        )
    return ConflictError(
        _("%(who)s took this case at %(time)s UTC.")
        % {"who": holder.label, "time": at.strftime("%H:%M")},
        code="conflict.handoff_taken",
        data={"holder": holder.label, "at": at.isoformat()},
    )
