"""Not taking a case, not being answered in time, and saying what the bundle was worth."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import DatabaseError
from django.utils.translation import gettext as _

from cases.handoff import entries
from cases.handoff.models import Handoff
from cases.handoff.rules import is_possible, next_role
from cases.handoff.selectors import list_overdue
from cases.handoff.services.checking import (
    check_parts,
    require_holder,
    require_state,
    require_taker,
)
from cases.handoff.services.common import append, locked, refuse_length
from cases.handoff.types import HandoffState
from governance.ledger.services import one_act
from orchestra.core.actors import Actor, system
from orchestra.core.canonical import check_text
from orchestra.core.errors import ConflictError, OrchestraError
from orchestra.core.locking import compare_and_set

log = structlog.get_logger(__name__)

#: Who asks the next role once a handoff was not taken in time.
CLOCK = system("handoff clock")


@one_act()
def refuse_handoff(*, actor: Actor, now: datetime, handoff_id: UUID | str, reason: str) -> Handoff:
    """Say that one does not take a case; it waits on for the others of its queue.

    What was asked of one person is asked of the whole queue from now on.

    Raises:
        InvalidInputError: The reason is missing.
        NotFoundError: There is no such handoff, or the person may not see it.
        NotPermittedError: The person could not have taken it.
        ConflictError: Somebody took it already, or it was given back.
    """
    check_text(reason, "reason")
    refuse_length(field="reason", text=reason.strip(), most=500, needed=True)
    handoff, authority = locked(actor=actor, handoff_id=handoff_id)
    require_taker(authority, handoff)
    require_state("refuse", handoff)
    compare_and_set(
        handoff,
        expected={"state": HandoffState.OFFERED},
        changes={
            "refused_by": list(dict.fromkeys([*handoff.refused_by, actor.id])),
            "to_person": None,
        },
        actor=actor,
    )
    append(
        actor=actor,
        now=now,
        handoff=handoff,
        kind=entries.HANDOFF_REFUSED,
        payload={"reason": reason.strip()},
    )
    return handoff


@one_act()
def judge_handoff(
    *,
    actor: Actor,
    now: datetime,
    handoff_id: UUID | str,
    sufficient: bool,
    missing: Sequence[str] = (),
) -> Handoff:
    """Say once, as who took the case, whether the bundle was enough or which parts it lacked.

    Raises:
        InvalidInputError: ``missing`` names no part.
        NotFoundError: There is no such handoff, or the person may not see it.
        NotPermittedError: Another person holds it.
        ConflictError: Nobody took it, or it was judged already.
    """
    check_parts(missing)
    handoff, _authority = locked(actor=actor, handoff_id=handoff_id)
    require_state("judge", handoff)
    require_holder(actor, handoff)
    if handoff.judged_at is not None:
        raise ConflictError(
            _("You said already what this bundle was worth."), code="conflict.handoff_judged"
        )
    said = list(dict.fromkeys([*handoff.said_missing, *missing]))
    compare_and_set(
        handoff,
        expected={"state": handoff.state, "judged_at": None},
        changes={
            "judged_at": now,
            "is_sufficient": sufficient and not said,
            "said_missing": said,
        },
        actor=actor,
    )
    named = ", ".join(part.replace("_", " ") for part in said)
    append(
        actor=actor,
        now=now,
        handoff=handoff,
        kind=entries.HANDOFF_JUDGED,
        payload={
            "verdict": _("it was enough")
            if handoff.is_sufficient
            else _("it was not enough: %(parts)s") % {"parts": named or _("no part named")},
            "sufficient": handoff.is_sufficient,
            "said_missing": said,
        },
    )
    return handoff


def pass_overdue(*, now: datetime, batch: int = 100) -> int:
    """Ask the next role for every handoff that nobody took by its first-reply deadline.

    A handoff never ends by time: after the last role it stays offered, and is marked late.

    Returns:
        How many were passed on.
    """
    return sum(_tried(one, now) for one in list_overdue(now=now, batch=batch))


def _tried(handoff_id: UUID, now: datetime) -> bool:
    try:
        return _ask_next(handoff_id, now)
    except (OrchestraError, DatabaseError) as error:
        # One handoff must not keep the others waiting; the next sweep tries again.
        log.warning("handoff.overdue_failed", handoff=str(handoff_id), error=type(error).__name__)
        return False


@one_act()
def _ask_next(handoff_id: UUID, now: datetime) -> bool:
    handoff, _authority = locked(actor=CLOCK, handoff_id=handoff_id)
    is_open = is_possible(act="accept", state=HandoffState(handoff.state))
    if not is_open or handoff.is_late or handoff.reply_due_at > now:
        return False
    role = next_role(asked=handoff.role, roles=handoff.queue.next_roles)
    asked = role or handoff.role
    due = now + timedelta(minutes=handoff.queue.first_reply_minutes)
    changes = {"role": role, "reply_due_at": due} if role else {"is_late": True}
    before = str(handoff.to_person.public_id) if handoff.to_person else ""
    compare_and_set(
        handoff,
        expected={"state": HandoffState.OFFERED},
        changes={**changes, "to_person": None, "asked_again": handoff.asked_again + 1},
        actor=CLOCK,
    )
    append(
        actor=CLOCK,
        now=now,
        handoff=handoff,
        kind=entries.HANDOFF_TIMED_OUT,
        payload={
            "asked": asked.replace("_", " ") if asked else _("everybody of the queue"),
            "role": asked,
            "to_person": before,
            "is_last": not role,
        },
    )
    return True
