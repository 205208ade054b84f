"""The canonical action, keys, transitions, retries and confirmation, without a database."""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from cases.tools.rules import (
    OPEN_STATES,
    STATE_AFTER,
    TRANSITIONS,
    Action,
    Trouble,
    after_trouble,
    arguments_digest,
    backoff_seconds,
    effect_key,
    may_follow,
    shows_effect,
)
from cases.tools.types import TERMINAL_STATES, CallState, Effect, ToolSpec
from governance.policies.types import Outcome
from orchestra.core.actors import Actor, ActorKind

ACTION = Action(
    call="0190-call",
    case="0190-case",
    tool="refund",
    tool_digest="aa",
    risk="high",
    arguments={"order_id": "#W1", "amount": 10.5},
    requester=Actor(ActorKind.AGENT, "agent-1", "Assistant"),
    policies={"returns": (7, "bb")},
    step="0190-step",
    cue_sheet="return",
    cue_sheet_version=4,
)
SPEC = ToolSpec(
    name="refund",
    title="Refund",
    description="",
    connection="store",
    operation={},
    effect=Effect.WRITE,
    risk="high",
    arguments={},
    max_attempts=3,
)


def test_the_digest_is_stable() -> None:
    assert ACTION.digest == replace(ACTION, arguments={"amount": 10.5, "order_id": "#W1"}).digest


@pytest.mark.parametrize(
    "change",
    [
        {"call": "x"},
        {"case": "x"},
        {"tool": "x"},
        {"tool_digest": "x"},
        {"risk": "low"},
        {"arguments": {}},
        {"requester": Actor(ActorKind.HUMAN, "agent-1", "Assistant")},
        {"requester": Actor(ActorKind.AGENT, "agent-2", "Assistant")},
        {"policies": {"returns": (8, "bb")}},
        {"policies": {"returns": (7, "cc")}},
        {"step": ""},
        {"cue_sheet": ""},
        {"cue_sheet_version": 5},
    ],
    ids=str,
)
def test_every_part_of_an_action_is_bound(change: dict[str, object]) -> None:
    changed = replace(ACTION, **change)

    assert changed.digest != ACTION.digest
    assert changed.effect_key != ACTION.effect_key


def test_a_name_is_no_part_of_an_action() -> None:
    renamed = replace(ACTION, requester=Actor(ActorKind.AGENT, "agent-1", "Renamed", pk=9))

    assert renamed.digest == ACTION.digest


def test_the_effect_key_is_the_stated_hash() -> None:
    text = f"orchestra.effect.v1\n{ACTION.case}\n{ACTION.step}\n{ACTION.digest}"

    assert ACTION.effect_key == hashlib.sha256(text.encode()).hexdigest()
    assert effect_key(case="a", step="b\nc", action_digest="d") == effect_key(
        case="a", step="b\nc", action_digest="d"
    )


def test_arguments_are_found_however_they_are_written() -> None:
    assert arguments_digest({"a": 1.0, "b": 2}) == arguments_digest({"b": 2, "a": 1})
    assert arguments_digest({"a": "1"}) != arguments_digest({"a": 1})


def test_the_table_of_states_is_whole() -> None:
    assert set(TRANSITIONS) == set(CallState)
    assert {s for s, after in TRANSITIONS.items() if not after} == TERMINAL_STATES - {
        CallState.SUCCEEDED
    }
    assert OPEN_STATES.isdisjoint(TERMINAL_STATES)
    assert set(STATE_AFTER) == set(Outcome)


def test_a_claim_is_the_only_way_to_send() -> None:
    assert [s for s in CallState if may_follow(s, CallState.EXECUTING)] == [CallState.READY]


def test_only_an_attempt_or_a_person_tells_success() -> None:
    assert {s for s in CallState if may_follow(s, CallState.SUCCEEDED)} == {
        CallState.EXECUTING,
        CallState.UNKNOWN,
    }


def test_every_open_state_can_end_and_is_reachable() -> None:
    reached, edge = {CallState.PROPOSED}, {CallState.PROPOSED}
    while edge:
        edge = {after for state in edge for after in TRANSITIONS[state]} - reached
        reached |= edge
    assert reached == set(CallState)
    for state in OPEN_STATES:
        assert _reaches_an_end(state), state


def _reaches_an_end(state: CallState) -> bool:
    seen, edge = {state}, {state}
    while edge:
        if edge & TERMINAL_STATES:
            return True
        edge = {after for one in edge for after in TRANSITIONS[one]} - seen
        seen |= edge
    return False


@pytest.mark.parametrize(
    ("effect", "honours", "attempt", "may_retry", "unknown", "earlier", "expected"),
    [
        # A read is repeated freely until the cap, and never unknown.
        ("read", False, 1, False, True, False, "ready"),
        ("read", False, 1, True, False, False, "ready"),
        ("read", False, 3, False, True, False, "failed"),
        ("read", False, 1, False, False, False, "failed"),
        # A write of which nothing can have happened is repeated, key or not.
        ("write", False, 1, True, False, False, "ready"),
        ("write", False, 3, True, False, False, "failed"),
        ("write", False, 1, False, False, False, "failed"),
        # A write of which something may have happened is repeated under its key only.
        ("write", True, 1, False, True, False, "ready"),
        ("write", False, 1, False, True, False, "unknown"),
        ("write", True, 3, False, True, False, "unknown"),
        ("write", True, 2, True, False, True, "ready"),
        ("write", True, 3, True, False, True, "unknown"),
        ("write", True, 2, False, False, True, "unknown"),
        ("write", False, 2, True, False, True, "unknown"),
    ],
)
def test_retry_or_stop(
    *,
    effect: str,
    honours: bool,
    attempt: int,
    may_retry: bool,
    unknown: bool,
    earlier: bool,
    expected: str,
) -> None:
    spec = replace(SPEC, effect=Effect(effect), honours_idempotency_key=honours)
    trouble = Trouble(attempt, may_retry, unknown, earlier)

    assert after_trouble(spec=spec, trouble=trouble) == expected


@given(
    effect=st.sampled_from(Effect),
    honours=st.booleans(),
    trouble=st.builds(
        Trouble,
        st.integers(1, 99),
        st.booleans(),
        st.booleans(),
        st.booleans(),
        held=st.sampled_from([True]),
    ),
)
def test_what_was_held_comes_again_however_often(
    *, effect: Effect, honours: bool, trouble: Trouble
) -> None:
    spec = replace(SPEC, effect=effect, honours_idempotency_key=honours)

    assert after_trouble(spec=spec, trouble=trouble) is CallState.READY


@given(
    effect=st.sampled_from(Effect),
    honours=st.booleans(),
    trouble=st.builds(Trouble, st.integers(1, 9), st.booleans(), st.booleans(), st.booleans()),
)
def test_a_write_that_may_have_happened_is_never_failed_nor_blindly_repeated(
    *, effect: Effect, honours: bool, trouble: Trouble
) -> None:
    spec = replace(SPEC, effect=effect, honours_idempotency_key=honours)

    after = after_trouble(spec=spec, trouble=trouble)

    assert after is not CallState.READY or trouble.attempt < spec.max_attempts
    if effect is Effect.WRITE and (trouble.effect_unknown or trouble.earlier_unknown):
        assert after is not CallState.FAILED
        assert honours or after is CallState.UNKNOWN


@given(attempt=st.integers(1, 10_000), fraction=st.floats(0, 1))
def test_backoff_lies_between_half_and_whole_and_is_capped(attempt: int, fraction: float) -> None:
    wait = backoff_seconds(attempt=attempt, base_seconds=0.5, fraction=fraction)

    longest = min(300.0, 0.5 * 2.0 ** min(attempt - 1, 30))
    assert longest / 2 <= wait <= longest


@pytest.mark.parametrize(
    ("expect", "answer", "shows"),
    [
        ({"$.status": "cancelled"}, {"status": "cancelled"}, True),
        ({"$.status": "cancelled"}, {"status": "pending"}, False),
        ({"$.status": "cancelled"}, {}, False),
        ({"$.status": ["a", "b"]}, {"status": "b"}, True),
        ({"$.items": ["a"]}, {"items": ["a"]}, True),
        ({"$.a": 1, "$.b": 2}, {"a": 1, "b": 3}, False),
        ({"$": "done"}, "done", True),
    ],
)
def test_confirmation(*, expect: dict[str, object], answer: object, shows: bool) -> None:
    assert shows_effect(expect=expect, answer=answer) is shows


class CallMachine(RuleBasedStateMachine):
    """Walks the table: ends stay ends, attempts only rise, nothing runs without a claim."""

    def __init__(self) -> None:
        super().__init__()
        self.state = CallState.PROPOSED
        self.attempt = 0
        self.sent = 0
        self.ended_at: CallState | None = None

    @rule(after=st.sampled_from(CallState))
    def move(self, after: CallState) -> None:
        if not may_follow(self.state, after):
            return
        assert not (self.state.is_terminal and after is not CallState.COMPENSATED)
        if after is CallState.EXECUTING:
            assert self.state is CallState.READY
            self.attempt += 1
            self.sent += 1
        self.state = after

    @precondition(lambda self: self.state is CallState.EXECUTING)
    @rule(
        honours=st.booleans(),
        may_retry=st.booleans(),
        unknown=st.booleans(),
    )
    def trouble(self, *, honours: bool, may_retry: bool, unknown: bool) -> None:
        spec = replace(SPEC, honours_idempotency_key=honours)
        after = after_trouble(
            spec=spec, trouble=Trouble(self.attempt, may_retry, unknown, self.attempt > 1)
        )
        assert may_follow(self.state, after)
        self.state = after

    @invariant()
    def every_send_was_claimed(self) -> None:
        assert self.sent == self.attempt


CallMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestCallMachine = CallMachine.TestCase
