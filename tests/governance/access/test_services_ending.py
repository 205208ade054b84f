"""The sweep clears away what has ended, once, by the system, with entry and history."""

from datetime import UTC, datetime
from typing import Any

import pytest

from governance.access import registry, services
from governance.access.models import (
    AgentQueueGrant,
    KindGroupGrant,
    Queue,
    QueueGroupGrant,
    QueueUserGrant,
    RoleHolding,
)
from governance.access.services.ending import grant_models
from governance.access.types import Lost, LostBy, QueueGrant, Role
from governance.ledger.models import LedgerEntry
from orchestra.core.actors import system
from tests.factories.access import grant, make_agent, make_person, make_supervisor

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
BEFORE = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Lost]:
    found: list[Lost] = []
    monkeypatch.setattr(
        registry.lost, "_items", {"test": lambda _actor, _now, one: found.append(one)}
    )
    return found


def test_what_has_ended_leaves_with_entry_and_history(
    returns: Queue, now: datetime, told: list[Lost]
) -> None:
    person = make_supervisor(returns, "maren")
    grant(person.groups.get(), returns, QueueGrant.READ)
    agent = make_agent("Assistant", queues=[returns])
    kept = make_supervisor(returns, "kept")
    models: tuple[Any, ...] = (RoleHolding, QueueUserGrant, QueueGroupGrant, AgentQueueGrant)
    for model in (*models, KindGroupGrant):
        rows = model.objects.all()
        if model in (RoleHolding, QueueUserGrant):
            rows = rows.exclude(user=kept)
        rows.update(since_at=LONG_AGO, until_at=BEFORE, reason="for the winter")
    gone = {model: model.objects.filter(until_at__isnull=False).count() for model in grant_models()}
    assert services.end_due(now=now, batch=50) == sum(gone.values()) == 8
    assert all(not model.objects.filter(until_at__isnull=False).exists() for model in models)
    assert RoleHolding.objects.get().user == kept
    assert QueueUserGrant.objects.filter(user=kept).count() == 3
    for model, count in gone.items():
        removed = model.history.filter(history_type="-")
        assert [one.actor_id for one in removed] == ["access"] * count
    assert LedgerEntry.objects.filter(kind="grant.ended", actor_kind="system").count() == 8
    streams = set(LedgerEntry.objects.values_list("stream", flat=True))
    assert streams == {f"user:{person.public_id}", "system", f"agent:{agent.public_id}"}
    assert {one.by for one in told} == {LostBy.ENDED}
    assert [one.agent for one in told if one.agent] == [str(agent.public_id)]
    assert services.end_due(now=now, batch=50) == 0
    assert len(told) == 8


def test_a_sweep_takes_a_batch_of_each_kind(returns: Queue, now: datetime) -> None:
    make_supervisor(returns)
    QueueUserGrant.objects.update(since_at=LONG_AGO, until_at=BEFORE)
    assert [services.end_due(now=now, batch=2) for _ in range(3)] == [2, 1, 0]


def test_one_that_cannot_be_removed_does_not_hold_up_the_others(
    returns: Queue, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = make_supervisor(returns)
    RoleHolding.objects.update(since_at=LONG_AGO, until_at=BEFORE)
    QueueUserGrant.objects.update(since_at=LONG_AGO, until_at=BEFORE)

    def fail_once(*_told: object) -> None:
        monkeypatch.setattr(registry.lost, "_items", {})
        raise LookupError("no")

    monkeypatch.setattr(registry.lost, "_items", {"test": fail_once})
    assert services.end_due(now=now, batch=50) == 3
    assert RoleHolding.objects.get().user == person
    assert services.end_due(now=now, batch=50) == 1


def test_a_grant_that_has_ended_makes_room_for_a_new_one(returns: Queue, now: datetime) -> None:
    person = make_person()
    act = {"actor": system("t"), "now": now, "user": person, "reason": "again"}
    assert services.give_role(**act, role=Role.SUPERVISOR)
    assert services.grant_queue(**act, queue=returns, grant=QueueGrant.VOTE)
    for model in (RoleHolding, QueueUserGrant):
        model.objects.update(since_at=LONG_AGO, until_at=BEFORE)
    assert services.give_role(**act, role=Role.SUPERVISOR)
    assert services.grant_queue(**act, queue=returns, grant=QueueGrant.VOTE)
    assert (RoleHolding.objects.get().since_at, QueueUserGrant.objects.get().since_at) == (now, now)
    assert LedgerEntry.objects.filter(kind="grant.ended").count() == 2
    assert LedgerEntry.objects.filter(kind="role.given").count() == 2
