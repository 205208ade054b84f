"""What time does to a request that nobody decides: remind, ask the next role, expire; pure.

No answer of this module ever approves.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from governance.approvals.types import ApprovalState


class Turn(StrEnum):
    """One thing that time does; where several fall on one moment, in this order."""

    TAKE_BACK = "take_back"
    REMIND = "remind"
    ESCALATE = "escalate"
    EXPIRE = "expire"


@dataclass(frozen=True, slots=True)
class Plan:
    """When a request reminds and asks further, as shares of its whole time that are left.

    Attributes:
        reminders: Shares between 0 and 1, the greater first.
        escalations: Likewise; each asks one further role.
    """

    reminders: tuple[float, ...]
    escalations: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Timing:
    """All of a request that its clocks look at.

    Attributes:
        reminded: How many reminders of the plan are done.
        escalated: How many escalations of the plan are done.
    """

    state: ApprovalState
    asked_at: datetime
    deadline_at: datetime
    execute_by_at: datetime | None = None
    claimed_until_at: datetime | None = None
    handed_until_at: datetime | None = None
    reminded: int = 0
    escalated: int = 0


@dataclass(frozen=True, slots=True)
class Transition:
    """What time does next.

    Attributes:
        at: When; due once the moment has come.
        step: For reminders and escalations, how many of the plan are done with it.
    """

    turn: Turn
    at: datetime
    step: int = 0


def make_plan(*, reminders: Iterable[float], escalations: Iterable[float]) -> Plan:
    """Return a plan from settings: each share once, the earliest moment first.

    Raises:
        ValueError: A share is not between 0 and 1.
    """
    plan = Plan(
        reminders=tuple(sorted(set(reminders), reverse=True)),
        escalations=tuple(sorted(set(escalations), reverse=True)),
    )
    if not all(0 < share < 1 for share in (*plan.reminders, *plan.escalations)):
        raise ValueError("a share of the time left lies between 0 and 1")
    return plan


def next_transition(*, timing: Timing, plan: Plan, now: datetime) -> Transition | None:
    """Return what time does next to a request, None where nothing is left to do.

    Past the deadline only expiry is left. Reminders that were missed are made up for by one.
    A request that somebody holds, by a claim or because it was handed to them, is not
    escalated before they give it back or their time is over.

    Args:
        timing: How the request stands.
        plan: When it reminds and asks further.
        now: The moment of the question.

    Returns:
        The transition; it is due where its moment is not after ``now``.
    """
    if timing.state is ApprovalState.GRANTED and timing.execute_by_at is not None:
        return Transition(Turn.EXPIRE, timing.execute_by_at)
    if timing.state is not ApprovalState.PENDING:
        return None
    end = Transition(Turn.EXPIRE, timing.deadline_at)
    if now >= timing.deadline_at:
        return end
    order = list(Turn)
    found = [*_take_back(timing), *_remind(timing, plan, now), *_escalate(timing, plan)]
    within = [one for one in found if one.at < timing.deadline_at]
    return min(within, key=lambda one: (one.at, order.index(one.turn)), default=end)


def _moment(timing: Timing, share: float) -> datetime:
    return timing.deadline_at - (timing.deadline_at - timing.asked_at) * share


def _take_back(timing: Timing) -> Iterable[Transition]:
    if timing.handed_until_at is not None:
        yield Transition(Turn.TAKE_BACK, timing.handed_until_at)


def _remind(timing: Timing, plan: Plan, now: datetime) -> Iterable[Transition]:
    moments = [_moment(timing, share) for share in plan.reminders]
    if timing.reminded < len(moments):
        step = max(timing.reminded + 1, sum(moment <= now for moment in moments))
        yield Transition(Turn.REMIND, moments[step - 1], step)


def _escalate(timing: Timing, plan: Plan) -> Iterable[Transition]:
    if timing.escalated < len(plan.escalations):
        moment = _moment(timing, plan.escalations[timing.escalated])
        holds = (timing.claimed_until_at or moment, timing.handed_until_at or moment)
        yield Transition(Turn.ESCALATE, max(moment, *holds), timing.escalated + 1)
