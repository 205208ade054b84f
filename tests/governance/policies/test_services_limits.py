"""Limits are checked under the lock that grants them, also from many threads."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection, connections, transaction

from governance.ledger.models import LedgerEntry
from governance.policies import selectors
from governance.policies.models import LimitUse
from governance.policies.replay import replay
from governance.policies.services.deciding import Recorded, decide_again, decide_and_record
from governance.policies.services.limits import release_limits
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


def decide(now: datetime, amount: int = 99, subject: str = "") -> Recorded:
    case = uuid4()
    return decide_and_record(
        actor=BOT,
        now=now,
        subject=Subject(kind="tool_call", id=subject or str(uuid4()), stream=f"case:{case}"),
        facts=make_facts(amount_minor=amount),
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


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_in_parallel_one_of_five_is_allowed(now: datetime) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite takes no row locks; set DATABASE_URL to a PostgreSQL server")
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
