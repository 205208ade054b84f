"""What the version histories of all grants say of a moment, and what it costs to ask them."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from governance.access.models import Queue, User
from governance.access.types import QueueGrant
from governance.access_reviews import versions
from orchestra.core import clock
from tests.factories.access import grant, make_agent, make_person

pytestmark = pytest.mark.django_db


def test_every_history_is_read_at_once(
    people: dict[str, User], returns: Queue, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    person = make_person()
    grant(person, returns, QueueGrant.VOTE)
    agent = make_agent(owner=people["jonas"], queues=[returns])
    with django_assert_num_queries(1):
        stood = versions.read_versions(at=clock.now())
    with django_assert_num_queries(1):
        names = versions.read_names()
    [own] = [one for one in stood.grants[versions.PERSON_QUEUE] if one.who == person.pk]
    assert (own.place, names.codes[own.code]) == (returns.pk, QueueGrant.VOTE.value)
    assert agent.pk in {one.who for one in stood.grants[versions.AGENT_QUEUE]}
    assert agent.pk in stood.agents


def test_nothing_stood_before_it_was_given(people: dict[str, User], returns: Queue) -> None:
    grant(people["jonas"], returns, QueueGrant.VOTE)
    make_agent(owner=people["jonas"], queues=[returns])
    stood = versions.read_versions(at=clock.now() - timedelta(days=400))
    assert stood.grants == {}
    assert stood.agents == frozenset()
