"""Find the steps whose time is over, and the bound ones that were not proposed."""

from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import DatabaseError

from cases.journeys.models import StepRun
from cases.journeys.runner import load, move_step
from cases.journeys.services.binding import propose_bound_step
from cases.journeys.services.conducting import conduct
from cases.journeys.types import JourneyState, StepState
from cases.memory.selectors import lock_case
from governance.ledger.services import one_act
from orchestra.core.errors import OrchestraError

log = structlog.get_logger(__name__)

_LATE = "It was not done by its deadline."


def pass_deadlines(*, now: datetime, batch: int = 100) -> int:
    """Fail the ready steps whose deadline has passed, and propose bound steps once more.

    A failed step goes on as its cue sheet says: again, to a person, or left out. What waits
    for an approval has that approval's own deadline.

    Returns:
        How many steps moved.
    """
    moved = sum(_tried(_fail, pk, now) for pk in _overdue(now, batch))
    return moved + sum(_tried(_propose, pk, now) for pk in _unproposed(batch))


def _overdue(now: datetime, batch: int) -> list[int]:
    rows = StepRun.objects.filter(
        state=StepState.READY, due_at__lte=now, journey__state=JourneyState.RUNNING
    )
    return list(rows.order_by("due_at", "pk").values_list("pk", flat=True)[:batch])


def _unproposed(batch: int) -> list[int]:
    rows = StepRun.objects.filter(
        state=StepState.RUNNING, tool_call__isnull=True, journey__state=JourneyState.RUNNING
    )
    return list(rows.order_by("pk").values_list("pk", flat=True)[:batch])


def _tried(act: Callable[[int, datetime], bool], pk: int, now: datetime) -> bool:
    try:
        return act(pk, now)
    except (OrchestraError, DatabaseError) as error:
        # One step must not keep the others from their turn; the next sweep tries again.
        log.warning("journeys.deadline_failed", step=pk, error=type(error).__name__)
        return False


def _propose(step_pk: int, now: datetime) -> bool:
    return propose_bound_step(step_pk=step_pk, now=now) is not None


def _fail(step_pk: int, now: datetime) -> bool:
    case_id = StepRun.objects.values_list("journey__case__public_id", flat=True).get(pk=step_pk)
    with one_act():
        case = lock_case(case_id)
        step = StepRun.objects.get(pk=step_pk)
        running = load(case=case, journey_pk=step.journey_id)
        own = running.step(step.key)
        late = own.due_at is not None and own.due_at <= now
        if (
            running.journey.state != JourneyState.RUNNING
            or own.state != StepState.READY
            or not late
        ):
            return False
        move_step(running=running, step=own, to=StepState.FAILED, now=now, reason=_LATE)
        conduct(case=case, now=now)
    return True
