"""The fast record is the canonical encoding, byte for byte, of the plain one."""

import json
import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from governance.policies.decision import compile_tables, decide
from governance.policies.records import (
    record_body,
    record_digest,
    record_value,
    recordable,
)
from governance.policies.types import FactSet, Outcome, PolicyTable
from orchestra.core.canonical import canonical_bytes, sha256_hex
from orchestra.core.errors import InvalidInputError
from tests.factories.policies import compiled, make_facts, make_rule, make_table
from tests.governance.policies.test_decision import fact_sets, policy_sets

AT = "2026-11-19T19:05:00.000000Z"
SAFE = 2**53 - 1

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values = st.recursive(
    st.booleans()
    | st.integers(-SAFE, SAFE)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.floats(-2, 2)
    | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=6,
)


@given(
    st.dictionaries(texts, values, max_size=12),
    st.frozensets(texts, max_size=4),
    st.dictionaries(texts, texts, max_size=3),
)
@example({"a": 1e15, "b": 1e-4, "c": 9.99e-5, "d": 1e21, "e": -0.0, "f": 2.0}, frozenset(), {})
@example({"\ue000": 1, "\U0001f600": 2, "a\x00": '\x1f\x7f\u2028"\\/'}, frozenset({"\x00"}), {})
def test_any_facts_are_encoded_as_rfc_8785_says(
    facts: dict[str, Any], unknown: frozenset[str], sources: dict[str, str]
) -> None:
    held = FactSet(values=facts, unknown=unknown)
    decision = decide(facts=make_facts(), policies=compiled())
    parts: dict[str, Any] = {"at": AT, "facts": held, "sources": sources, "decision": decision}
    expected = dict(record_value(**parts))
    # RFC 8785 orders members, not elements; the names of unknown facts are ordered by us.
    assert record_body(**parts) == canonical_bytes(expected)


@given(fact_sets(), policy_sets, texts, texts)
def test_any_decision_is_encoded_as_rfc_8785_says(
    facts: FactSet, both: tuple[PolicyTable, ...], reason: str, key: str
) -> None:
    odd = make_table(key, [make_rule("odd", Outcome.APPROVE, reason=reason)])
    decision = decide(
        facts=facts, policies=compile_tables([*(t for t in both if t.key != key), odd])
    )
    parts: dict[str, Any] = {"at": AT, "facts": facts, "sources": {}, "decision": decision}
    assert record_body(**parts) == canonical_bytes(record_value(**parts))


def test_record_holds_what_replay_needs() -> None:
    table = make_table(rules=[make_rule("unsure", Outcome.APPROVE, ("confidence", "below", 0.99))])
    facts = make_facts()
    decision = decide(facts=facts, policies=compiled(table))
    body = record_body(at=AT, facts=facts, sources={"order": "b" * 64}, decision=decision)
    assert json.loads(body) == {
        "v": 1,
        "engine": "orchestra.decide/1",
        "at": AT,
        "facts": {"values": dict(facts.values), "unknown": []},
        "sources": {"order": "b" * 64},
        "policies": {"refunds": [1, "a" * 64]},
        "outcome": "approve",
        "fired": [["refunds", 1, "unsure", "approve"], ["floor", 1, "high", "allow"]],
        "obligations": {
            "votes": 1,
            "roles": [],
            "distinct_roles": False,
            "step_up": False,
            "verification": "",
            "deadline_minutes": None,
        },
        "reasons": ["Reason of unsure."],
    }
    assert record_digest(body) == sha256_hex(b"orchestra.decision.v1\n" + body)


@pytest.mark.parametrize(
    "value",
    [math.nan, math.inf, -math.inf, 2**53, -(2**53), "\ud800", object(), {"a": math.nan}, [2**60]],
)
def test_what_no_record_can_hold_becomes_unknown(value: Any) -> None:
    facts = make_facts(probe=value)
    with pytest.raises(InvalidInputError):
        record_body(
            at=AT, facts=facts, sources={}, decision=decide(facts=facts, policies=compiled())
        )
    kept = recordable(facts)
    assert kept.unknown == {"probe"}
    assert "probe" not in kept.values
    assert kept.values == make_facts().values


def test_a_fact_nested_too_deeply_becomes_unknown() -> None:
    deep: list[Any] = []
    for _level in range(100_000):
        deep = [deep]
    assert recordable(make_facts(probe=deep)).unknown == {"probe"}


def test_facts_that_can_be_recorded_are_left_alone() -> None:
    facts = make_facts()
    assert recordable(facts) is facts
