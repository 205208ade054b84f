"""A decision is stored with its entry; deciding again says whether it still stands."""

import json
import math
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import JSONField, Value
from django.test.utils import CaptureQueriesContext

from governance.ledger.models import EntryPayload, LedgerEntry
from governance.policies import selectors
from governance.policies.loading import policies_in_force
from governance.policies.models import DecisionRecord, LimitUse, PolicyVersion
from governance.policies.replay import replay
from governance.policies.services import decide_again, decide_and_record, publish_version
from governance.policies.services.deciding import Reaffirmation, Recorded, policies_digest
from governance.policies.types import FactSet, LimitKeys, Outcome, Subject
from orchestra.core.actors import Actor, ActorKind, system
from orchestra.core.canonical import digest
from tests.factories.ledger import spared
from tests.factories.policies import UNKNOWN, make_document, make_facts

pytestmark = pytest.mark.django_db

BOT = Actor(kind=ActorKind.AGENT, id=str(uuid4()), label="Bot")
SUBJECT = Subject(kind="tool_call", id="call-1", stream="case:c-1")
KEYS = LimitKeys(customer="c-1", agent=BOT.id, queue="returns")


def publish(now: datetime, key: str = "refunds", **changes: Any) -> PolicyVersion:
    document = make_document(key=key, **changes)
    return publish_version(
        actor=system("test"), now=now, policy_key=key, title="Refunds", document=document
    )


def decide(now: datetime, facts: FactSet | None = None, **changes: Any) -> Recorded:
    given: dict[str, Any] = {"subject": SUBJECT, "keys": KEYS, "sources": {"order": "b" * 64}}
    return decide_and_record(
        actor=BOT, now=now, facts=facts or make_facts(), **{**given, **changes}
    )


def again(now: datetime, previous: DecisionRecord, **facts: Any) -> Reaffirmation:
    return decide_again(
        actor=system("execution"),
        now=now,
        subject=SUBJECT,
        facts=make_facts(**facts),
        keys=KEYS,
        sources={},
        previous=previous,
    )


def payload_of(entry: LedgerEntry) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(bytes(EntryPayload.objects.get(entry=entry).body))
    return loaded


def test_record_and_entry_say_the_same(now: datetime) -> None:
    version = publish(now)
    recorded = decide(now, make_facts(confidence=0.5))
    record = DecisionRecord.objects.get()
    assert recorded.record == record
    assert recorded.decision.outcome is Outcome.APPROVE
    assert (record.outcome, record.subject_id, record.at) == ("approve", "call-1", now)
    value = selectors.record_as_value(record)
    assert value["sources"] == {"order": "b" * 64}
    assert value["policies"] == {"refunds": [1, version.digest]}
    assert value["facts"]["values"]["limit:refund_day"] == 4000
    entry = LedgerEntry.objects.get(kind="decision.recorded")
    assert (entry.stream, entry.subject_id) == ("case:c-1", "call-1")
    assert json.loads(bytes(entry.leaf_bytes))["policy"] == version.digest
    payload = payload_of(entry)
    assert payload["decision"] == str(record.public_id)
    assert payload["digest"] == record.digest
    assert payload["rules"] == ["refunds:unsure", "floor:high"]
    assert payload["asked_by"]["id"] == BOT.id
    assert replay(body=bytes(record.body), tables=selectors.load_record_tables(record)).agrees


def count_queries(now: datetime) -> int:
    """Queries of one decision; the savepoints are the test's own."""
    with CaptureQueriesContext(connection) as captured:
        decide(now)
    return sum("SAVEPOINT" not in query["sql"] for query in captured)


@pytest.mark.parametrize("policies", [1, 12])
def test_a_decision_costs_the_same_however_many_policies(now: datetime, policies: int) -> None:
    for number in range(policies):
        publish(now, key=f"p{number}", limits=[])
    decide(now)
    # The set in force, the record, and four of the ledger: head, entry, payload, head.
    assert count_queries(now) == 6 - spared()


def test_limits_cost_three_queries_more(now: datetime) -> None:
    publish(now)
    decide(now)
    # The counters' lock, their sums, and the use that is taken.
    assert count_queries(now) == 9 - spared()


def test_without_a_policy_it_is_denied(now: datetime) -> None:
    recorded = decide(now)
    assert recorded.decision.rule_ids == ("floor:no_policy", "floor:high.no_threshold")
    assert recorded.record.outcome == "deny"
    entry = LedgerEntry.objects.get(kind="decision.recorded")
    assert "policy" not in json.loads(bytes(entry.leaf_bytes))


def test_what_is_published_judges_from_the_next_decision_on(now: datetime) -> None:
    publish(now, rules=[])
    assert decide(now).decision.outcome is Outcome.ALLOW
    publish(now, rules=[], thresholds={"USD": 100})
    recorded = decide(now)
    assert recorded.decision.outcome is Outcome.APPROVE
    assert recorded.decision.policies["refunds"][0] == 2


def test_the_compiled_set_is_kept_until_the_set_changes(now: datetime) -> None:
    publish(now)
    first = policies_in_force()
    assert policies_in_force() is first
    publish(now, thresholds={})
    assert policies_in_force() is not first


def tamper(version: PolicyVersion, document: Any) -> None:
    """Change a version behind our back, as one with access to the database could."""
    digest_then = digest("other", str(document))
    # JSON's null: the column itself refuses SQL's.
    stored = Value(None, JSONField()) if document is None else document
    PolicyVersion.objects.filter(pk=version.pk).update(document=stored, digest=digest_then)


@pytest.mark.parametrize("document", [{}, [], {"key": "refunds"}, None, make_document(rules=[])])
def test_a_policy_that_was_tampered_with_denies_everything(now: datetime, document: Any) -> None:
    version = publish(now)
    tamper(version, document)
    recorded = decide(now)
    assert recorded.decision.outcome is Outcome.DENY
    assert recorded.decision.rule_ids == ("floor:error",)
    assert recorded.record.outcome == "deny"
    assert LimitUse.objects.count() == 0
    found = replay(
        body=bytes(recorded.record.body), tables=selectors.load_record_tables(recorded.record)
    )
    assert found.lacks


@pytest.mark.parametrize("value", [math.nan, 2**60, object()])
def test_a_fact_no_record_can_hold_is_unknown(now: datetime, value: Any) -> None:
    publish(now)
    recorded = decide(now, make_facts(confidence=value))
    assert "refunds:unsure" in recorded.decision.rule_ids
    assert selectors.record_as_value(recorded.record)["facts"]["unknown"] == ["confidence"]


@pytest.mark.parametrize("facts", [{"tool": ["refund"]}, {"queue": 3}, {"amount_minor": "40"}])
def test_an_error_while_deciding_is_recorded_as_a_denial(
    now: datetime, facts: dict[str, Any]
) -> None:
    publish(now)
    recorded = decide(now, make_facts(**facts))
    assert recorded.decision.rule_ids == ("floor:error",)
    assert LedgerEntry.objects.filter(kind="decision.recorded").count() == 1
    tables = selectors.load_record_tables(recorded.record)
    assert replay(body=bytes(recorded.record.body), tables=tables).agrees


def test_the_same_is_reaffirmed(now: datetime) -> None:
    publish(now)
    first = decide(now, make_facts(confidence=0.5)).record
    found = again(now, first, confidence=0.5)
    assert (found.same, found.differences) == (True, ())
    entry = LedgerEntry.objects.get(kind="decision.reaffirmed")
    assert payload_of(entry)["previous"] == str(first.public_id)
    assert LimitUse.objects.get().amount_minor == 4000


def test_a_new_version_with_the_same_verdict_leaves_it_standing(now: datetime) -> None:
    publish(now)
    first = decide(now, make_facts(confidence=0.5)).record
    publish(now, thresholds={"USD": 4500})
    found = again(now, first, confidence=0.5)
    assert found.same
    assert found.decision.policies["refunds"][0] == 2


@pytest.mark.parametrize(
    ("facts", "difference"),
    [
        ({"confidence": 0.99}, "The outcome was approve and is allow."),
        ({"confidence": 0.5, "verification": "claimed"}, "Other rows fired: refunds:claimed."),
        (
            {"confidence": 0.5, "amount_minor": 6000},
            "Other rows fired: floor:high, floor:high.above_threshold.",
        ),
        ({"confidence": 0.5, "risk_flags": UNKNOWN}, "The outcome was approve and is specialist."),
    ],
)
def test_what_differs_is_told_and_nothing_is_used(
    now: datetime, facts: dict[str, Any], difference: str
) -> None:
    publish(now)
    first = decide(now, make_facts(confidence=0.5)).record
    found = again(now, first, **facts)
    assert not found.same
    assert difference in found.differences
    assert LimitUse.objects.count() == 0
    assert LedgerEntry.objects.filter(kind="decision.reaffirmed").count() == 0
    assert DecisionRecord.objects.count() == 2


def test_other_votes_void_too(now: datetime) -> None:
    publish(now)
    first = decide(now, make_facts(confidence=0.5)).record
    rules = make_document()["rules"]
    rules[0]["obligations"] = {"votes": 3, "step_up": True}
    publish(now, rules=rules)
    assert again(now, first, confidence=0.5).differences == ("Other votes are required.",)


def test_an_altered_or_broken_record_never_stands(now: datetime) -> None:
    publish(now)
    record = decide(now, make_facts(confidence=0.5)).record
    body = bytes(record.body)
    record.body = body.replace(b'"confidence":0.5', b'"confidence":0.6')
    assert again(now, record, confidence=0.5).differences == (
        "The record of the earlier decision was altered.",
    )
    record.body = b"{}"
    assert again(now, record, confidence=0.5).differences == (
        "The record of the earlier decision cannot be read.",
    )


def test_digest_of_the_policies_in_scope() -> None:
    assert policies_digest({}) == ""
    assert policies_digest({"a": (1, "a" * 64)}) == "a" * 64
    two = {"b": (2, "b" * 64), "a": (1, "a" * 64)}
    assert policies_digest(two) == digest("orchestra.policies.v1", {"a": "a" * 64, "b": "b" * 64})
