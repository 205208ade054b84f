"""That an agent asked for its steps stands in the ledger once."""

from datetime import datetime, timedelta

import pytest
from django.core.cache import cache

from governance.access import services
from governance.access.entries import AGENT_STEPS_READ
from governance.ledger.models import LedgerEntry
from orchestra.core.actors import Actor, system
from tests.factories.access import make_agent, make_person

pytestmark = pytest.mark.django_db


def recorded() -> list[tuple[str, datetime]]:
    rows = LedgerEntry.objects.filter(kind=AGENT_STEPS_READ)
    return list(rows.values_list("actor_id", "at"))


def test_the_first_time_is_recorded_and_no_other(now: datetime) -> None:
    agent: Actor = make_agent().as_actor()
    services.note_steps_read(actor=agent, now=now)
    services.note_steps_read(actor=agent, now=now + timedelta(minutes=1))
    # Another process, which remembers nothing.
    cache.clear()
    services.note_steps_read(actor=agent, now=now + timedelta(minutes=2))
    assert recorded() == [(agent.id, now)]


def test_who_is_no_agent_leaves_no_trace(now: datetime) -> None:
    for actor in (make_person().as_actor(), system("sweep")):
        services.note_steps_read(actor=actor, now=now)
    assert recorded() == []
