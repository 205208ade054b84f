"""When time reminds, asks the next role and ends a request; and that it never approves."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.approvals.clocks import (
    Plan,
    Timing,
    Transition,
    Turn,
    make_plan,
    next_transition,
)
from governance.approvals.types import ApprovalState
from tests.factories.approvals import ASKED_AT, DEADLINE_AT

PLAN = Plan(reminders=(1 / 2, 1 / 6), escalations=(1 / 3,))
#: One hour, so that a share is a number of minutes.
TIMING = Timing(state=ApprovalState.PENDING, asked_at=ASKED_AT, deadline_at=DEADLINE_AT)


def minute(number: float) -> timedelta:
    return timedelta(minutes=number)


def at(number: float) -> object:
    return ASKED_AT + minute(number)


@pytest.mark.parametrize(
    ("minutes", "changes", "expected"),
    [
        (0, {}, (Turn.REMIND, 30, 1)),
        (30, {}, (Turn.REMIND, 30, 1)),
        (31, {"reminded": 1}, (Turn.ESCALATE, 40, 1)),
        (40, {"reminded": 1, "escalated": 1}, (Turn.REMIND, 50, 2)),
        # The first was missed while the second was due: one reminder makes up for both.
        (55, {"escalated": 1}, (Turn.REMIND, 50, 2)),
        (51, {"reminded": 2, "escalated": 1}, (Turn.EXPIRE, 60, 0)),
        # Whoever holds it is given the time they were promised.
        (40, {"reminded": 1, "claimed_until_at": 45}, (Turn.ESCALATE, 45, 1)),
        (40, {"reminded": 1, "claimed_until_at": 35}, (Turn.ESCALATE, 40, 1)),
        (40, {"reminded": 2, "handed_until_at": 60}, (Turn.EXPIRE, 60, 0)),
        (40, {"reminded": 2, "handed_until_at": 42}, (Turn.TAKE_BACK, 42, 0)),
        (43, {"reminded": 2, "handed_until_at": 42}, (Turn.TAKE_BACK, 42, 0)),
        (0, {"reminded": 2, "claimed_until_at": 61}, (Turn.EXPIRE, 60, 0)),
        # Past the deadline nothing is left but to end it.
        (60, {}, (Turn.EXPIRE, 60, 0)),
        (90, {"handed_until_at": 42}, (Turn.EXPIRE, 60, 0)),
        (5, {"state": ApprovalState.GRANTED, "execute_by_at": 10}, (Turn.EXPIRE, 10, 0)),
        (5, {"state": ApprovalState.GRANTED}, None),
        (5, {"state": ApprovalState.REJECTED}, None),
        (5, {"state": ApprovalState.VOIDED}, None),
        (5, {"state": ApprovalState.EXPIRED}, None),
        (5, {"state": ApprovalState.USED, "execute_by_at": 10}, None),
    ],
)
def test_what_time_does_next(
    minutes: int, changes: dict[str, object], expected: tuple[Turn, int, int] | None
) -> None:
    moments = {key: at(value) for key, value in changes.items() if key.endswith("_at")}  # type: ignore[arg-type]
    timing = replace(TIMING, **{**changes, **moments})
    found = next_transition(timing=timing, plan=PLAN, now=ASKED_AT + minute(minutes))
    if expected is None:
        assert found is None
    else:
        assert found is not None
        assert (found.turn, found.at, found.step) == (expected[0], at(expected[1]), expected[2])


def test_on_one_moment_the_hand_over_ends_first() -> None:
    timing = replace(TIMING, handed_until_at=ASKED_AT + minute(30))
    found = next_transition(timing=timing, plan=PLAN, now=ASKED_AT + minute(30))
    assert found == Transition(Turn.TAKE_BACK, ASKED_AT + minute(30))


def test_a_plan_takes_shares_in_any_order_once() -> None:
    assert make_plan(reminders=[1 / 6, 1 / 2, 1 / 6], escalations=[]) == Plan((1 / 2, 1 / 6), ())
    for share in (0, 1, -1, 1.5):
        with pytest.raises(ValueError, match="between 0 and 1"):
            make_plan(reminders=[share], escalations=[])


def follow(timing: Timing, found: Transition) -> Timing:
    """How a request stands once a transition was made."""
    if found.turn is Turn.TAKE_BACK:
        return replace(timing, handed_until_at=None)
    if found.turn is Turn.REMIND:
        return replace(timing, reminded=found.step)
    if found.turn is Turn.ESCALATE:
        return replace(timing, escalated=found.step)
    return replace(timing, state=ApprovalState.EXPIRED)


shares = st.lists(st.floats(0.01, 0.99), max_size=4)
moments = st.none() | st.integers(0, 90).map(lambda minutes: ASKED_AT + minute(minutes))


@given(
    reminders=shares,
    escalations=shares,
    claimed=moments,
    handed=moments,
    sweeps=st.lists(st.integers(1, 25), min_size=1, max_size=12),
)
def test_whenever_it_is_looked_at_it_ends_once_and_never_by_a_yes(
    reminders: list[float],
    escalations: list[float],
    claimed: object,
    handed: object,
    sweeps: list[int],
) -> None:
    plan = make_plan(reminders=reminders, escalations=escalations)
    timing = replace(TIMING, claimed_until_at=claimed, handed_until_at=handed)
    now, made = ASKED_AT, []
    for minutes in [*sweeps, 120]:
        now += minute(minutes)
        while (found := next_transition(timing=timing, plan=plan, now=now)) and found.at <= now:
            if found.turn is not Turn.EXPIRE:
                # Nothing is done past the deadline, and nobody who holds it is passed over.
                assert now < DEADLINE_AT
            if found.turn is Turn.ESCALATE:
                for held in (timing.claimed_until_at, timing.handed_until_at):
                    assert held is None or held <= now
            made.append(found.turn)
            timing = follow(timing, found)
    assert timing.state is ApprovalState.EXPIRED
    assert made.count(Turn.EXPIRE) == 1
    assert made[-1] is Turn.EXPIRE
    assert made.count(Turn.REMIND) <= len(plan.reminders)
    assert made.count(Turn.ESCALATE) <= len(plan.escalations)
    assert made.count(Turn.TAKE_BACK) <= 1
