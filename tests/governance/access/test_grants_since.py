"""What was given before grants said so says so afterwards, as far as anybody knows."""

from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

import governance.migrations
from governance.access import services
from governance.access.models import (
    AgentQueueGrant,
    KindGroupGrant,
    Queue,
    QueueUserGrant,
    RoleHolding,
)
from governance.access.types import QueueGrant, Role
from orchestra.core.actors import system
from tests.factories.access import make_agent, make_person

[FILE] = Path(next(iter(governance.migrations.__path__))).glob("*_grants_since.py")
MIGRATION = import_module(f"governance.migrations.{FILE.stem}")
GIVEN_AT = datetime(2026, 11, 2, tzinfo=UTC)
UNKNOWN = {"reason": "", "given_by": "", "given_by_id": "", "given_by_kind": ""}


def migrate(step: str) -> None:
    state = MigrationExecutor(connection).loader.project_state(("governance", FILE.stem))
    with connection.schema_editor(atomic=False) as editor:
        getattr(MIGRATION, step)(state.apps, editor)


@pytest.mark.django_db(transaction=True)
def test_since_and_by_whom_are_filled_in_where_they_are_known(returns: Queue) -> None:
    person, giver = make_person(), system("somebody")
    act = {"actor": giver, "now": GIVEN_AT, "reason": "said then"}
    services.give_role(**act, user=person, role=Role.SUPERVISOR)
    services.grant_queue(**act, user=person, queue=returns, grant=QueueGrant.VOTE)
    services.grant_agent_queue(**act, agent=make_agent(), queue=returns)
    models = (RoleHolding, QueueUserGrant, AgentQueueGrant)
    for model in models:
        model.objects.update(**UNKNOWN)
        model.history.update(**UNKNOWN)
    Group.objects.get_or_create(name=Role.HUMAN_AGENT.value)
    KindGroupGrant.objects.all()._raw_delete("default")
    KindGroupGrant.history.all().delete()

    migrate("fill_in")

    for model in models:
        row = model.objects.get()
        assert (row.reason, row.given_by, row.given_by_id) == ("", "somebody", "somebody")
    assert RoleHolding.objects.get().since_at == GIVEN_AT
    for model in (QueueUserGrant, AgentQueueGrant):
        first = model.history.get()
        assert model.objects.get().since_at == first.since_at == first.history_date
    # Who changed policies and cue sheets until now goes on doing so, and nobody else does.
    assert set(KindGroupGrant.objects.values_list("group__name", "kind")) == {
        ("supervisor", "policy"),
        ("supervisor", "cue_sheet"),
    }
    assert {row.actor_id for row in KindGroupGrant.history.all()} == {"migration"}
    migrate("take_back")
    assert not KindGroupGrant.objects.exists()
