"""What bounds an AI agent: scopes, budgets, and what counts as loosening them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from governance.access.agents import (
    GRANTABLE,
    NAMED_SCOPES,
    READ_ONLY,
    check_limits,
    check_scope,
    is_outside_scope,
    limits_on,
    loosens,
)
from governance.access.rules import may, queues_where
from governance.access.types import Budget, Capability, Scope
from tests.factories.access import agent_authority

NOW = datetime(2026, 11, 19, 19, 0, tzinfo=UTC)
READS = Scope(capabilities=READ_ONLY)


def authority(scope: Scope) -> Any:
    return replace(agent_authority(queues=[7]), scope=scope)


@pytest.mark.parametrize("capability", list(Capability))
def test_a_scope_only_takes_away(capability: Capability) -> None:
    whole, narrow = authority(Scope()), authority(READS)
    assert may(narrow, capability, 7) == (may(whole, capability, 7) and capability in READ_ONLY)
    beyond = authority(Scope(capabilities=frozenset(Capability)))
    assert may(beyond, capability, 7) == may(whole, capability, 7)


def test_a_capability_out_of_scope_holds_on_no_queue() -> None:
    assert queues_where(authority(READS), Capability.TOOL_PROPOSE) == frozenset()
    assert queues_where(authority(READS), Capability.CASE_READ) == frozenset({7})


@pytest.mark.parametrize(
    ("scope", "capability", "tool", "outside"),
    [
        (Scope(), Capability.TOOL_PROPOSE, None, False),
        (READS, Capability.TOOL_PROPOSE, None, True),
        (READS, Capability.CASE_READ, None, False),
        (Scope(), None, "refund", False),
        (Scope(tools=frozenset({"note"})), None, "refund", True),
        (Scope(tools=frozenset({"note"})), None, "note", False),
        (Scope(tools=frozenset({"note"})), Capability.CASE_READ, None, False),
    ],
)
def test_what_lies_outside(
    scope: Scope, capability: Capability | None, tool: str | None, *, outside: bool
) -> None:
    assert is_outside_scope(scope, capability=capability, tool=tool) is outside


@pytest.mark.parametrize(
    ("scope", "codes"),
    [
        (Scope(), []),
        (READS, []),
        (Scope(capabilities=frozenset()), ["required"]),
        (Scope(capabilities=frozenset({Capability.APPROVAL_VOTE})), ["beyond_role"]),
        (Scope(capabilities=frozenset({Capability.ACCESS_MANAGE})), ["beyond_role"]),
        (Scope(tools=frozenset()), ["required"]),
    ],
)
def test_a_scope_is_never_wider_than_the_role(scope: Scope, codes: list[str]) -> None:
    assert [error.code for error in check_scope(scope)] == codes


def test_every_named_scope_may_be_given() -> None:
    for carried in NAMED_SCOPES.values():
        assert carried is None or carried <= GRANTABLE
    assert Capability.APPROVAL_VOTE not in GRANTABLE


def test_the_bounds_that_one_more_call_keeps() -> None:
    budget = Budget(calls_per_hour=5, calls_per_day=20, writes_per_day=3)
    assert [limit.name for limit in limits_on(budget, is_write=False)] == [
        "calls_per_hour",
        "calls_per_day",
    ]
    hour, _day, writes = limits_on(budget, is_write=True)
    assert (hour.most, hour.within, hour.writes) == (5, timedelta(hours=1), False)
    assert (writes.most, writes.within, writes.writes) == (3, timedelta(days=1), True)
    assert limits_on(Budget(), is_write=True) == []
    assert [limit.most for limit in limits_on(Budget(calls_per_hour=0), is_write=False)] == [0]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (Budget(), Budget(), False),
        (Budget(), Budget(calls_per_hour=5), False),
        (Budget(calls_per_hour=5), Budget(calls_per_hour=5), False),
        (Budget(calls_per_hour=5), Budget(calls_per_hour=4), False),
        (Budget(calls_per_hour=5), Budget(calls_per_hour=6), True),
        (Budget(calls_per_hour=5), Budget(), True),
        (Budget(writes_per_day=0), Budget(writes_per_day=1), True),
        (Budget(calls_per_day=9), Budget(calls_per_day=8, writes_per_day=1), False),
        (Budget(calls_per_day=9, writes_per_day=1), Budget(calls_per_day=8), True),
    ],
)
def test_loosening_a_budget(old: Budget, new: Budget, *, expected: bool) -> None:
    assert loosens(old=old, new=new, old_end=None, new_end=None) is expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (None, None, False),
        (None, NOW, False),
        (NOW, NOW, False),
        (NOW, NOW - timedelta(days=1), False),
        (NOW, NOW + timedelta(days=1), True),
        (NOW, None, True),
    ],
)
def test_loosening_an_end(old: datetime | None, new: datetime | None, *, expected: bool) -> None:
    assert loosens(old=Budget(), new=Budget(), old_end=old, new_end=new) is expected


@pytest.mark.parametrize(
    ("budget", "ends_at", "fields"),
    [
        (Budget(), None, []),
        (Budget(calls_per_hour=0), NOW + timedelta(seconds=1), []),
        (Budget(calls_per_hour=-1), None, ["calls_per_hour"]),
        (Budget(writes_per_day=1_000_001), NOW, ["writes_per_day", "ends_at"]),
    ],
)
def test_bounds_are_checked(budget: Budget, ends_at: datetime | None, fields: list[str]) -> None:
    assert [error.field for error in check_limits(budget, ends_at=ends_at, now=NOW)] == fields
