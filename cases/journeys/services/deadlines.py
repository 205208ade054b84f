"""Find the steps whose time is over: remind, then go on otherwise; propose what was not."""

from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import DatabaseError
from django.db.models import Q

from cases.journeys import entries
from cases.journeys.models import StepRun
from cases.journeys.runner import CONDUCTOR, Running, load, move_step, record
from cases.journeys.selectors import unproposed
from cases.journeys.services.binding import propose_bound_step
from cases.journeys.services.conducting import conduct
from cases.journeys.types import JourneyState, StepState
from cases.memory.selectors import lock_case
from governance.ledger.services import one_act
from orchestra.core.clock import rfc3339
from orchestra.core.errors import OrchestraError
from orchestra.core.locking import compare_and_set

log = structlog.get_logger(__name__)

_OPEN = frozenset({StepState.READY, StepState.RUNNING, StepState.WAITING})
_LATE = "It was not done by its deadline."


def pass_deadlines(*, now: datetime, batch: int = 100) -> int:
    """Note the cues that were missed, fail those whose time is over, and propose once more.

    Every step past its deadline is a missed cue, told once to whoever does it. A ready one
    then fails, at once or after the grace that its cue sheet gives, and goes on as that says:
    again, to a person, or left out. What waits for an approval has that approval's own deadline.

    Returns:
        How many steps moved.
    """
    moved = sum(_tried(_miss, pk, now) for pk in _unnoticed(now, batch))
    moved += sum(_tried(_fail, pk, now) for pk in _overdue(now, batch))
    return moved + sum(_tried(_propose, pk, now) for pk in _unproposed(batch))


def _unnoticed(now: datetime, batch: int) -> list[int]:
    """Return the steps past their deadline that stay as they are for now, and were not told."""
    graced = Q(state=StepState.READY, escalates_at__gt=now)
    rows = StepRun.objects.filter(
        graced | Q(state__in=[StepState.RUNNING, StepState.WAITING]),
        # Says no more than the line before; by it an index finds them.
        state__in=_OPEN,
        due_at__lte=now,
        missed_at=None,
        journey__state=JourneyState.RUNNING,
    )
    return list(rows.order_by("due_at", "pk").values_list("pk", flat=True)[:batch])


def _overdue(now: datetime, batch: int) -> list[int]:
    rows = StepRun.objects.filter(
        Q(escalates_at=None) | Q(escalates_at__lte=now),
        state=StepState.READY,
        due_at__lte=now,
        journey__state=JourneyState.RUNNING,
    )
    return list(rows.order_by("due_at", "pk").values_list("pk", flat=True)[:batch])


def _unproposed(batch: int) -> list[int]:
    rows = StepRun.objects.filter(unproposed(), journey__state=JourneyState.RUNNING)
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


def _miss(step_pk: int, now: datetime) -> bool:
    with one_act():
        running, own = _locked(step_pk)
        late = own.due_at is not None and own.due_at <= now
        is_open = own.state in _OPEN and running.journey.state == JourneyState.RUNNING
        if not late or not is_open or own.missed_at is not None:
            return False
        compare_and_set(
            own, expected={"missed_at": None}, changes={"missed_at": now}, actor=CONDUCTOR
        )
        assert own.due_at is not None  # noqa: S101  it is late
        record(
            running=running,
            kind=entries.STEP_MISSED,
            actor=CONDUCTOR,
            now=now,
            payload={
                "due_at": rfc3339(own.due_at),
                "escalates_at": rfc3339(own.escalates_at) if own.escalates_at else "",
            },
            step=own,
        )
    return True


def _locked(step_pk: int) -> tuple[Running, StepRun]:
    case_id = StepRun.objects.values_list("journey__case__public_id", flat=True).get(pk=step_pk)
    case = lock_case(case_id)
    step = StepRun.objects.get(pk=step_pk)
    running = load(case=case, journey_pk=step.journey_id)
    return running, running.step(step.key)


def _fail(step_pk: int, now: datetime) -> bool:
    with one_act():
        running, own = _locked(step_pk)
        over = own.escalates_at or own.due_at
        late = over is not None and over <= now
        if (
            running.journey.state != JourneyState.RUNNING
            or own.state != StepState.READY
            or not late
        ):
            return False
        move_step(
            running=running,
            step=own,
            to=StepState.FAILED,
            now=now,
            reason=_LATE,
            changes={"missed_at": own.missed_at or now},
        )
        conduct(case=running.case, now=now)
    return True
