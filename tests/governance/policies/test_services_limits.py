"""Limits are checked under the lock that grants them, also from many threads."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections, transaction

from governance.ledger.models import LedgerEntry
from governance.policies import selectors
from governance.policies.loading import policies_in_force
from governance.policies.models import LimitCounter, LimitUse
from governance.policies.replay import read_record, replay
from governance.policies.services.deciding import (
    Reaffirmation,
    Recorded,
    decide_again,
    decide_and_record,
)
from governance.policies.services.limits import measure_limits, release_limits, take_limits
from governance.policies.services.publishing import publish_version
from governance.policies.types import LimitKeys, Outcome, Subject
from orchestra.core.actors import Actor, ActorKind, system
from tests.factories.policies import make_facts

BOT = Actor(kind=ActorKind.AGENT, id=str(uuid4()), label="Bot")
KEYS = LimitKeys(customer="c-1", agent=BOT.id, queue="returns")
DOCUMENT = {
    "key": "refunds",
    "title": "Refunds",
    "thresholds": {"USD": 100_000},
    "limits": [
        {
            "key": "refund_day",
            "title": "Refunds a day",
            "measure": "amount_minor",
            "currency": "USD",
            "per": "customer",
            "window_hours": 24,
            "at_most": 100,
            "outcome": "approve",
            "reason": "More than a dollar today.",
        }
    ],
    "rules": [],
}


@pytest.fixture
def published(db: None, now: datetime) -> None:
    del db
    publish_version(
        actor=system("test"), now=now, policy_key="refunds", title="Refunds", document=DOCUMENT
    )


def decide(
    now: datetime, amount: int = 99, subject: str = "", confidence: float = 0.99
) -> Recorded:
    case = uuid4()
    return decide_and_record(
        actor=BOT,
        now=now,
        subject=Subject(kind="tool_call", id=subject or str(uuid4()), stream=f"case:{case}"),
        facts=make_facts(amount_minor=amount, confidence=confidence),
        keys=KEYS,
        sources={},
    )


@pytest.mark.usefixtures("published")
def test_five_calls_of_99_under_100_gate_from_the_second(now: datetime) -> None:
    outcomes = [decide(now).decision.outcome for _ in range(5)]
    assert outcomes == [Outcome.ALLOW] + [Outcome.APPROVE] * 4
    assert LimitUse.objects.count() == 1


@pytest.mark.usefixtures("published")
def test_what_is_released_or_long_ago_counts_no_more(now: datetime) -> None:
    assert decide(now, subject="one").decision.outcome is Outcome.ALLOW
    release_limits(subject_id="one", now=now)
    assert decide(now).decision.outcome is Outcome.ALLOW
    assert decide(now).decision.outcome is Outcome.APPROVE
    assert decide(now + timedelta(hours=25)).decision.outcome is Outcome.ALLOW


@pytest.mark.usefixtures("published")
def test_deciding_again_leaves_its_own_use_out(now: datetime) -> None:
    first = decide(now, subject="one")
    subject = Subject(kind="tool_call", id="one", stream=f"case:{uuid4()}")
    facts = make_facts(amount_minor=99)
    again = decide_again(
        actor=system("worker"),
        now=now,
        subject=subject,
        facts=facts,
        keys=KEYS,
        sources={},
        previous=first.record,
    )
    assert (again.same, again.differences) == (True, ())
    changed = decide_again(
        actor=system("worker"),
        now=now,
        subject=subject,
        facts=make_facts(amount_minor=500),
        keys=KEYS,
        sources={},
        previous=first.record,
    )
    assert not changed.same
    assert changed.differences


def run(now: datetime, first: Recorded, amount: int = 99) -> Reaffirmation:
    """Decide on a call again, as before it runs."""
    record = first.record
    return decide_again(
        actor=system("worker"),
        now=now,
        subject=Subject(kind="tool_call", id=record.subject_id, stream=record.stream),
        facts=make_facts(amount_minor=amount, confidence=0.5),
        keys=KEYS,
        sources={},
        previous=record,
    )


def limited(now: datetime, **limit: Any) -> None:
    """Publish a row that asks a person about an unsure AI, and a limit beside it."""
    unsure = {
        "id": "unsure",
        "title": "The AI is unsure",
        "when": [{"fact": "confidence", "below": 0.6}],
        "outcome": "approve",
        "reason": "The AI is unsure.",
    }
    limits = [{**DOCUMENT["limits"][0], **limit}]  # type: ignore[index]
    publish_version(
        actor=system("test"),
        now=now,
        policy_key="refunds",
        title="Refunds",
        document={**DOCUMENT, "limits": limits, "rules": [unsure]},
    )


@pytest.mark.django_db
def test_what_others_used_up_meanwhile_does_not_undo_an_approval(now: datetime) -> None:
    limited(now)
    first = decide(now, subject="one", confidence=0.5)
    assert "refunds:refund_day" not in first.decision.rule_ids
    assert decide(now, subject="two").decision.outcome is Outcome.ALLOW
    found = run(now, first)
    assert (found.same, found.differences) == (True, ())
    assert "refunds:refund_day" in found.decision.rule_ids
    assert LimitUse.objects.filter(subject_id="one").exists()


@pytest.mark.django_db
def test_a_limit_that_is_free_again_does_not_undo_an_approval(now: datetime) -> None:
    limited(now)
    decide(now, subject="two")
    first = decide(now, subject="one", confidence=0.5)
    assert "refunds:refund_day" in first.decision.rule_ids
    found = run(now + timedelta(hours=25), first)
    assert found.same
    assert "refunds:refund_day" not in found.decision.rule_ids


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("limit", "difference"),
    [
        ({"outcome": "deny"}, "The outcome was approve and is deny."),
        ({"obligations": {"votes": 2}}, "Other votes are required."),
    ],
)
def test_a_limit_that_asks_for_more_than_was_given_undoes_it(
    now: datetime, limit: dict[str, Any], difference: str
) -> None:
    limited(now, **limit)
    first = decide(now, subject="one", confidence=0.5)
    decide(now, subject="two")
    found = run(now, first)
    assert not found.same
    assert difference in found.differences
    assert not any("rows fired" in one for one in found.differences)
    assert not LimitUse.objects.filter(subject_id="one").exists()


@pytest.mark.usefixtures("published")
def test_a_decision_is_the_policys_act_and_replays(now: datetime) -> None:
    recorded = decide(now)
    entry = LedgerEntry.objects.get(kind="decision.recorded")
    assert (entry.actor_kind, entry.actor_id) == ("system", "policy")
    assert selectors.is_intact(recorded.record)
    found = replay(
        body=bytes(recorded.record.body), tables=selectors.load_record_tables(recorded.record)
    )
    assert (found.agrees, found.lacks) == (True, ())


@pytest.mark.django_db
def test_a_call_that_waits_for_a_person_locks_no_counter(now: datetime) -> None:
    limited(now)
    first = decide(now, confidence=0.5)
    assert first.decision.outcome == Outcome.APPROVE
    assert not LimitCounter.objects.exists()
    assert read_record(bytes(first.record.body)).facts.values["limit:refund_day"] == 99

    assert run(now, first).same
    assert LimitUse.objects.count() == 1
    second = decide(now, confidence=0.5)
    totals = read_record(bytes(second.record.body)).facts.values
    assert totals["limit:refund_day"] == 198


@pytest.mark.django_db
def test_nothing_is_taken_of_what_was_measured_without_the_lock(now: datetime) -> None:
    limited(now)
    limits = policies_in_force().tables[0].limits
    asked = {"limits": limits, "keys": KEYS, "facts": make_facts(amount_minor=99), "now": now}
    measured = measure_limits(**asked, subject_id="one", locks=False)
    with pytest.raises(RuntimeError, match="only where their counters are locked"):
        take_limits(measured=measured, subject_id="one", now=now)
    locked = measure_limits(**asked, subject_id="one")
    assert locked.totals == measured.totals
    take_limits(measured=locked, subject_id="one", now=now)
    for locks in (True, False):
        again = measure_limits(**asked, subject_id="two", locks=locks)
        assert again.totals == {"limit:refund_day": 198}


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_in_parallel_one_of_five_is_allowed(now: datetime) -> None:
    publish_version(
        actor=system("test"), now=now, policy_key="refunds", title="Refunds", document=DOCUMENT
    )

    def one(_: int) -> Outcome:
        try:
            with transaction.atomic():
                return decide(now).decision.outcome
        finally:
            connections.close_all()

    with ThreadPoolExecutor(5) as pool:
        outcomes = sorted(pool.map(one, range(5)))
    assert outcomes == [Outcome.ALLOW] + [Outcome.APPROVE] * 4
