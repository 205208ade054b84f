"""Pause a journey, let it go on, or cancel it."""

from datetime import datetime
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from cases.journeys import entries
from cases.journeys.models import Journey, StepRun
from cases.journeys.runner import Running, load, record
from cases.journeys.services.abandoning import WAITING_CALLS, abandon, calls_of
from cases.journeys.services.conducting import conduct
from cases.journeys.types import JourneyState, StepState, WaitsFor
from cases.memory.models import Case
from cases.memory.rules import is_uuid
from cases.memory.selectors import lock_case
from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.canonical import check_text
from orchestra.core.errors import (
    ConflictError,
    FieldError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from orchestra.core.locking import compare_and_set

_LONGEST_REASON = 500
_MAY_END = frozenset({JourneyState.RUNNING, JourneyState.PAUSED, JourneyState.HANDED_OFF})
_WITH_DEADLINE = (StepState.READY, StepState.RUNNING, StepState.WAITING)


@one_act()
def pause_journey(
    *,
    actor: Actor,
    now: datetime,
    case: Case,
    journey_id: UUID | str,
    reason: str,
    waits_for: str = "",
) -> Journey:
    """Let nothing of a running journey start until it is resumed.

    What was sent to a system of record already comes to its end; what was not is held, with
    its approval and whatever deadline that has.

    Args:
        actor: Who pauses it.
        now: When, UTC.
        case: Whose journey.
        journey_id: Its public id.
        reason: Why.
        waits_for: A ``WaitsFor``; empty where it waits for nobody else.

    Raises:
        NotFoundError: The case has no such journey.
        NotPermittedError: The actor is no person who works the case.
        InvalidInputError: There is no reason, or nobody is known that it could wait for.
        ConflictError: It does not run.
    """
    if waits_for and waits_for not in set(WaitsFor):
        message = _("A journey waits for the customer or for a third party.")
        raise InvalidInputError(message, errors=[FieldError("waits_for", "choice", message)])
    running, said = lock_journey(actor=actor, case=case, journey_id=journey_id, reason=reason)
    check_state(running, frozenset({JourneyState.RUNNING}))
    compare_and_set(
        running.journey,
        expected={"state": JourneyState.RUNNING},
        changes={"state": JourneyState.PAUSED, "paused_at": now},
        actor=actor,
    )
    calls_of(running).filter(state__in=WAITING_CALLS, attempt=0).update(on_hold=True)
    record(
        running=running,
        kind=entries.JOURNEY_PAUSED,
        actor=actor,
        now=now,
        payload={"reason": said, **({"waits_for": waits_for} if waits_for else {})},
    )
    return running.journey


@one_act()
def resume_journey(
    *, actor: Actor, now: datetime, case: Case, journey_id: UUID | str, reason: str
) -> Journey:
    """Let a paused journey go on; its deadlines move by as long as it stood still.

    Raises:
        NotFoundError: The case has no such journey.
        NotPermittedError: The actor is no person who works the case.
        InvalidInputError: There is no reason.
        ConflictError: It is not paused.
    """
    running, said = lock_journey(actor=actor, case=case, journey_id=journey_id, reason=reason)
    check_state(running, frozenset({JourneyState.PAUSED}))
    stood = now - (running.journey.paused_at or now)
    compare_and_set(
        running.journey,
        expected={"state": JourneyState.PAUSED},
        changes={
            "state": JourneyState.RUNNING,
            "paused_at": None,
            "ends_at": running.journey.ends_at and running.journey.ends_at + stood,
        },
        actor=actor,
    )
    StepRun.objects.filter(
        journey=running.journey, state__in=_WITH_DEADLINE, due_at__isnull=False
    ).update(due_at=F("due_at") + stood, escalates_at=F("escalates_at") + stood)
    calls_of(running).filter(on_hold=True).update(on_hold=False)
    record(
        running=running,
        kind=entries.JOURNEY_RESUMED,
        actor=actor,
        now=now,
        payload={"reason": said},
    )
    conduct(case=running.case, now=now)
    running.journey.refresh_from_db()
    return running.journey


@one_act()
def cancel_journey(
    *,
    actor: Actor,
    now: datetime,
    case: Case,
    journey_id: UUID | str,
    reason: str,
    take_back: bool = True,
) -> Journey:
    """End a journey for good, and take back what it changed, the last change first.

    What waits for a decision is cancelled with it. Every change is taken back by a call of its
    own that is decided on as any other; what no tool can take back is left to a person.

    Args:
        actor: The person who cancels.
        now: When.
        case: The case.
        journey_id: Public id of the journey.
        reason: Why, in at most 500 characters.
        take_back: Whether what it changed is taken back.

    Raises:
        NotFoundError: The case has no such journey.
        NotPermittedError: The actor is no person who works the case.
        InvalidInputError: There is no reason.
        ConflictError: It has ended, or a call of it is under way or of unknown outcome.
    """
    running, said = lock_journey(actor=actor, case=case, journey_id=journey_id, reason=reason)
    check_state(running, _MAY_END)
    abandon(
        running=running,
        actor=actor,
        now=now,
        reason=said,
        kind=entries.JOURNEY_CANCELLED,
        take_back=take_back,
    )
    running.journey.refresh_from_db()
    return running.journey


def lock_journey(
    *, actor: Actor, case: Case, journey_id: UUID | str, reason: str
) -> tuple[Running, str]:
    """Lock a journey that a person acts on, and return it with the reason they give.

    Raises:
        NotFoundError: The case has no such journey.
        NotPermittedError: The actor is no person who works the case.
        InvalidInputError: There is no reason.
    """
    said = reason.strip()
    check_text(said, "reason")
    if not said or len(said) > _LONGEST_REASON:
        message = _("Say why, in at most %(count)d characters.") % {"count": _LONGEST_REASON}
        raise InvalidInputError(message, errors=[FieldError("reason", "required", message)])
    row = lock_case(case.public_id)
    require(authority=authority_of(actor), capability=Capability.CASE_WORK, queue_id=row.queue_id)
    if not actor.is_human:
        raise NotPermittedError(_("Only a person pauses, resumes or cancels a journey."))
    found = None
    if is_uuid(str(journey_id)):
        found = Journey.objects.filter(case=row, public_id=journey_id).values_list("pk").first()
    if found is None:
        raise NotFoundError(_("This case has no such journey."), code="not_found.journey")
    return load(case=row, journey_pk=found[0]), said


def check_state(running: Running, wanted: frozenset[JourneyState]) -> None:
    """Make sure that a locked journey stands where an act is possible.

    Raises:
        ConflictError: It stands elsewhere; nothing was changed.
    """
    if running.journey.state not in wanted:
        raise ConflictError(
            _("This journey is %(state)s; nothing was changed.")
            % {"state": running.journey.get_state_display().lower()},
            code="conflict.journey_state",
            data={"state": str(running.journey.state)},
        )
