"""What is decided on is what the record gives back, and no bytes make replay fail."""

import json
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from governance.policies.decision import compile_tables, decide
from governance.policies.records import read_json, record_body, recordable
from governance.policies.replay import read_record, replay
from governance.policies.types import FactSet, Outcome
from orchestra.core.canonical import canonical_bytes
from tests.factories.policies import make_facts, make_limit, make_rule, make_table

AT = "2026-11-19T19:05:00.000000Z"
TABLE = make_table(
    rules=[
        make_rule("unsure", Outcome.APPROVE, ("confidence", "below", 0.99)),
        make_rule("claimed", Outcome.VERIFY, ("verification", "in", ["none", "claimed"])),
        make_rule("flagged", Outcome.SPECIALIST, ("risk_flags", "contains", "fraud")),
    ],
    limits=(make_limit(),),
)
TABLES = {"refunds": TABLE}


class Level(StrEnum):
    BASIC = "basic"


def body_of(facts: FactSet) -> bytes:
    decision = decide(facts=facts, policies=compile_tables([TABLE]))
    return record_body(at=AT, facts=facts, sources={}, decision=decision)


BODY = body_of(make_facts())
junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["basic", "fraud", Level.BASIC, 40.0, -0.0, 1e17, 2.0**53, (), ("fraud",)]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner)
        | st.dictionaries(st.text(max_size=5), inner, max_size=2)
    ),
    max_leaves=5,
)
NAMES = ["tool", "queue", "risk", "actor_kind", "verification", "amount_minor", "currency"]
NAMES += ["confidence", "risk_flags", "off_plan", "specialist_request", "effect", "limit:per_day"]


@given(st.dictionaries(st.sampled_from(NAMES), junk))
@example({"amount_minor": 40.0})
@example({"verification": Level.BASIC})
@example({"probe": 1e17})
@example({"probe": 1e21})
@example({"tool": ("refund",)})
@example({"tool": 4.0})
@example({"risk_flags": ("fraud",)})
def test_whatever_the_facts_hold_the_decision_replays(changes: dict[str, Any]) -> None:
    facts = recordable(make_facts(**changes))
    found = replay(body=body_of(facts), tables=TABLES)
    assert (found.agrees, found.lacks, found.difference) == (True, (), "")


@given(st.dictionaries(st.sampled_from(NAMES), junk))
def test_recordable_facts_come_back_as_they_are(changes: dict[str, Any]) -> None:
    facts = recordable(make_facts(**changes))
    back = read_record(body_of(facts)).facts
    assert (repr(dict(back.values)), back.unknown) == (
        repr({name: facts.values[name] for name in back.values}),
        facts.unknown,
    )
    assert back.values.keys() == facts.values.keys()
    assert recordable(facts).values == facts.values


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (40.0, 40),
        (-0.0, 0),
        (Level.BASIC, "basic"),
        (("fraud",), ["fraud"]),
        ([1.0, ("a",)], [1, ["a"]]),
        (None, None),
        ("Ünal", "Ünal"),
    ],
)
def test_what_json_cannot_tell_apart_becomes_one(value: Any, expected: Any) -> None:
    kept = recordable(make_facts(probe=value)).values["probe"]
    assert (kept, kept.__class__) == (expected, expected.__class__)


@given(st.floats(allow_nan=False, allow_infinity=False))
@example(2.0**53)
@example(1e20)
@example(1e21)
def test_a_number_read_back_has_the_same_canonical_form(number: float) -> None:
    kept = recordable(make_facts(probe=number))
    if "probe" in kept.values:
        encoded = canonical_bytes(number)
        assert canonical_bytes(read_json(encoded)) == encoded


@given(
    st.sampled_from(["v", "engine", "at", "facts", "sources", "policies", "fired", "obligations"]),
    junk,
)
@example("facts", {"values": {"probe": "\ud800"}, "unknown": []})
@example("facts", {"values": {}, "unknown": [1]})
@example("facts", {"values": {"probe": 10**400}, "unknown": []})
@example("policies", {"refunds": [[1], "a" * 64]})
@example("sources", {"order": {}})
@example("v", 1.0)
def test_a_record_with_any_member_changed_never_makes_replay_fail(name: str, value: Any) -> None:
    body = json.dumps({**json.loads(BODY), name: value}).encode()
    found = replay(body=body, tables=TABLES)
    assert not found.agrees
    assert bool(found.lacks) is not bool(found.difference)
