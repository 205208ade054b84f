"""A record is decided again to the same bytes, or replay says what it lacks or what differs."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from governance.policies.decision import ENGINE, compile_tables, decide
from governance.policies.parsing import parse_policy
from governance.policies.records import record_body, record_digest
from governance.policies.replay import RecordError, read_record, replay
from governance.policies.types import FactSet, Outcome, PolicyTable
from governance.reviews.rules import document_digest
from orchestra.core.canonical import canonical_bytes
from tests.factories.policies import compiled, make_facts, make_rule, make_table
from tests.governance.policies.test_decision import fact_sets, policy_sets

AT = "2026-11-19T19:05:00.000000Z"
HISTORIES = sorted((Path(__file__).parents[2] / "histories").glob("*.json"))
TABLE = make_table(rules=[make_rule("unsure", Outcome.APPROVE, ("confidence", "below", 0.99))])


def body_of(facts: FactSet, *tables: PolicyTable) -> bytes:
    decision = decide(facts=facts, policies=compile_tables(tables))
    return record_body(at=AT, facts=facts, sources={"order": "b" * 64}, decision=decision)


def changed(body: bytes, **changes: Any) -> bytes:
    return canonical_bytes({**json.loads(body), **changes})


BODY = body_of(make_facts(), TABLE)


@given(fact_sets(), policy_sets)
def test_every_record_replays_bit_for_bit(facts: FactSet, both: tuple[PolicyTable, ...]) -> None:
    body = body_of(facts, *both)
    found = replay(body=body, tables={table.key: table for table in both})
    assert (found.agrees, found.lacks, found.difference) == (True, (), "")


def test_a_denial_after_an_error_replays_too() -> None:
    body = body_of(make_facts(confidence="high"), TABLE)
    assert json.loads(body)["fired"] == [["floor", 1, "error", "deny"]]
    assert replay(body=body, tables={"refunds": TABLE}).agrees


def test_compiled_policies_may_be_handed_in() -> None:
    assert replay(body=BODY, tables={"refunds": TABLE}, policies=compiled(TABLE)).agrees


@pytest.mark.parametrize(
    ("body", "tables", "lacks"),
    [
        (BODY, {}, ("version 1 of the policy refunds",)),
        (
            BODY,
            {"refunds": make_table(version=2)},
            ("version 1 of the policy refunds",),
        ),
        (
            BODY,
            {"refunds": make_table(digest="f" * 64)},
            ("the text of version 1 of the policy refunds as it judged",),
        ),
        (
            changed(BODY, engine="orchestra.decide/0"),
            {"refunds": TABLE},
            ("the engine orchestra.decide/0",),
        ),
        (changed(BODY, v=2), {"refunds": TABLE}, ("a reader for records of version 2",)),
        (b"{}", {}, ("the body is no record of a decision",)),
        (b"\xff", {}, ("the body is no record of a decision",)),
        (b"[]", {}, ("the body is no record of a decision",)),
    ],
)
def test_it_says_what_it_lacks(
    body: bytes, tables: dict[str, PolicyTable], lacks: tuple[str, ...]
) -> None:
    found = replay(body=body, tables=tables)
    assert (found.agrees, found.lacks, found.decision, found.difference) == (False, lacks, None, "")


@pytest.mark.parametrize(
    ("changes", "difference"),
    [
        ({"outcome": "allow"}, 'outcome: recorded "allow", now "approve"'),
        ({"reasons": []}, 'reasons: recorded [], now ["Reason of unsure."]'),
        ({"extra": 1}, "the stored bytes are not the canonical record"),
    ],
)
def test_it_says_what_differs(changes: dict[str, Any], difference: str) -> None:
    found = replay(body=changed(BODY, **changes), tables={"refunds": TABLE})
    assert (found.agrees, found.lacks, found.difference) == (False, (), difference)
    assert found.decision is not None


def test_changed_facts_are_found() -> None:
    facts = {"values": dict(make_facts(amount_minor=9999).values), "unknown": []}
    found = replay(body=changed(BODY, facts=facts), tables={"refunds": TABLE})
    assert not found.agrees
    assert found.difference.startswith("fired: recorded")


def test_other_bytes_for_the_same_value_differ() -> None:
    spaced = json.dumps(json.loads(BODY), sort_keys=True).encode()
    found = replay(body=spaced, tables={"refunds": TABLE})
    assert found.difference == "the stored bytes are not the canonical record"


def test_a_table_changed_under_its_digest_shows_as_a_difference() -> None:
    other = make_table(rules=[make_rule("unsure", Outcome.DENY, ("confidence", "below", 0.99))])
    found = replay(body=BODY, tables={"refunds": other})
    assert 'outcome: recorded "approve", now "deny"' in found.difference


def test_read_record() -> None:
    record = read_record(BODY)
    assert (record.version, record.engine, record.at) == (1, ENGINE, AT)
    assert record.facts == make_facts()
    assert record.policies == {"refunds": (1, "a" * 64)}
    with pytest.raises(RecordError):
        read_record(b"null")


def test_there_are_histories() -> None:
    assert len(HISTORIES) >= 3


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
def test_recorded_history_replays_alike(path: Path) -> None:
    """A decision once recorded must come out the same for ever, to the byte."""
    history = json.loads(path.read_text())
    tables = {
        held["document"]["key"]: parse_policy(
            document=held["document"],
            version=held["version"],
            digest=document_digest(kind="policy", document=held["document"]),
        )
        for held in history["policies"]
    }
    for recorded in history["decisions"]:
        body = recorded["body"].encode()
        assert record_digest(body) == recorded["digest"]
        found = replay(body=body, tables=tables)
        assert found.lacks == ()
        assert found.difference == ""
        assert found.agrees
