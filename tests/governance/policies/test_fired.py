"""How often each row fired: per version, each action's verdict once, records read only once."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import example, given

from governance.policies import fired
from governance.policies.decision import decide as judge
from governance.policies.fired import FIRED_DAYS, count_fired, list_fired
from governance.policies.models import DecisionRecord
from governance.policies.records import record_body
from governance.policies.selectors import list_newest, list_rehearsable
from governance.policies.types import FactSet, Subject
from tests.factories.policies import compiled, make_facts
from tests.governance.policies.test_records import AT, texts, values
from tests.governance.policies.test_services_deciding import decide, publish

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fired, "_seen", {})


def call(number: int) -> Subject:
    return Subject(kind="tool_call", id=f"call-{number}", stream="case:c-1")


def decide_three(now: datetime) -> list[DecisionRecord]:
    """One that the AI is unsure of, one with nothing to say, one like the first."""
    return [
        decide(
            now + timedelta(minutes=number),
            make_facts(confidence=confidence, amount_minor=100),
            subject=call(number),
        ).record
        for number, confidence in enumerate((0.5, 0.9, 0.6))
    ]


def test_rows_are_counted_for_the_version_that_judged(now: datetime) -> None:
    publish(now)
    first, silent, second = decide_three(now)
    later = now + timedelta(hours=1)
    found = count_fired(policy_key="refunds", version=1, now=later)
    assert (found.decisions, dict(found.rows), found.silent) == (3, {"unsure": 2}, 1)
    assert found.is_partial is False
    assert list_fired(policy_key="refunds", version=1, rule="unsure", now=later) == [
        second.pk,
        first.pk,
    ]
    assert silent.pk > first.pk
    other = count_fired(policy_key="refunds", version=2, now=later)
    assert (other.decisions, dict(other.rows), other.silent) == (0, {}, 0)
    assert list_fired(policy_key="other", version=1, rule="unsure", now=later) == []


def test_what_lies_before_the_span_is_not_counted(now: datetime) -> None:
    publish(now)
    decide_three(now)
    later = now + timedelta(days=FIRED_DAYS, minutes=1)
    assert count_fired(policy_key="refunds", version=1, now=later).decisions == 2
    assert count_fired(policy_key="refunds", version=1, now=now).decisions == 0


def test_an_action_decided_again_alike_is_no_second_decision(now: datetime) -> None:
    publish(now)
    for minute in range(3):
        decide(now + timedelta(minutes=minute), make_facts(confidence=0.5))
    found = count_fired(policy_key="refunds", version=1, now=now + timedelta(hours=1))
    assert dict(found.rows)["unsure"] == 1


def test_records_are_read_once_and_those_that_came_since_then(now: datetime) -> None:
    publish(now)
    decide_three(now)
    later = now + timedelta(hours=1)
    count_fired(policy_key="refunds", version=1, now=later)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        count_fired(policy_key="refunds", version=1, now=later)
    assert len(asked) == 1
    decide(now + timedelta(minutes=9), make_facts(confidence=0.1), subject=call(9))
    with CaptureQueriesContext(connection) as asked:
        found = count_fired(policy_key="refunds", version=1, now=later)
    assert (len(asked), dict(found.rows)) == (2, {"unsure": 3})


def test_a_record_that_cannot_be_read_counts_for_no_row() -> None:
    assert fired._read(b"no record") == fired._read(b'{"fired": [1]}')
    assert fired._read(b"no record").fired == frozenset()


def test_only_the_newest_are_read_and_the_page_can_say_so(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fired, "MOST_READ", 2)
    publish(now)
    decide_three(now)
    found = count_fired(policy_key="refunds", version=1, now=now + timedelta(hours=1))
    assert (found.decisions, found.is_partial) == (2, True)


def test_the_newest_are_those_that_a_rehearsal_reads(now: datetime) -> None:
    publish(now)
    decide_three(now)
    decide(
        now + timedelta(minutes=5), make_facts(confidence=0.5, amount_minor=100), subject=call(0)
    )
    span: dict[str, Any] = {"since": now, "until": now + timedelta(hours=1)}
    found = list(list_newest(**span))
    assert found == list(list_rehearsable(**span).order_by("-at", "-pk"))
    assert len(found) == 3


def test_nothing_is_joined_with_every_record_that_there_is(now: datetime) -> None:
    publish(now)
    decide_three(now)
    plan = list_newest(since=now, until=now + timedelta(hours=1))[:2].explain()
    assert "Anti Join" not in plan
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # On a small table any plan is cheap: what is asked is whether an index can serve.
            cursor.execute("SET LOCAL enable_seqscan = off")
        plan = list_newest(since=now, until=now + timedelta(hours=1))[:2].explain()
    assert "decision_at" in plan, plan
    assert "decision_subject" in plan, plan


@given(values, texts)
@example({"a": {"b": {}}, "fired": [["refunds", 1, "unsure", "deny"]]}, '}},"fired":[')
def test_what_facts_hold_is_never_taken_for_what_fired(value: Any, source: str) -> None:
    facts = make_facts(confidence=0.5, amount_minor=100, tool="refund_order")
    decision = judge(facts=facts, policies=compiled())
    held = FactSet(values={**facts.values, "more": value, "z": {}}, unknown=frozenset({source}))
    body = record_body(at=AT, facts=held, sources={source: source}, decision=decision)
    seen = fired._read(body)
    whole = json.loads(body)
    assert whole["fired"]
    assert seen.fired == {f"{row[0]}:{row[2]}" for row in whole["fired"]}
    assert seen.judged == {(key, pair[0]) for key, pair in whole["policies"].items()}
