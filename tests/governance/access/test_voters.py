"""Who may vote on each queue, in one query, by the rule of the list for one queue."""

from collections.abc import Collection

import pytest
from pytest_django import DjangoAssertNumQueries

from governance.access.models import Queue, RoleHolding
from governance.access.selectors import list_eligible_voters
from governance.access.types import QueueGrant, Role
from governance.access.voters import list_voting, voters_by_queue
from tests.factories.access import grant, make_person, make_queue, make_supervisor
from tests.governance.access.test_holding import over

pytestmark = pytest.mark.django_db


def by_role(roles: Collection[str] = ()) -> dict[str, set[int]]:
    """What ``voters_by_queue`` answers, among all who vote by the role they hold."""
    found: dict[str, set[int]] = {}
    for queue, person, role in list_voting():
        if not roles or role in roles:
            found.setdefault(queue, set()).add(person)
    return found


def test_all_queues_at_once_say_what_each_says_alone(
    returns: Queue, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    billing = make_queue("billing")
    anna, team = make_supervisor(returns, "anna"), make_person("team", roles=[Role.SPECIALIST])
    make_supervisor(returns, "off", is_active=False)
    make_person("agent", roles=[Role.HUMAN_AGENT], grants={returns: [QueueGrant.VOTE]})
    make_person("reader", roles=[Role.SUPERVISOR], grants={billing: [QueueGrant.READ]})
    grant(team.groups.get(), returns, QueueGrant.VOTE)
    grant(team.groups.get(), billing, QueueGrant.VOTE)
    for roles in ((), ("supervisor",), ("specialist",), ("human_agent",)):
        alone = {
            queue.key: {
                person.pk
                for person in list_eligible_voters(queue_id=queue.pk, roles=roles, barred_ids=())
            }
            for queue in (returns, billing)
        }
        with django_assert_max_num_queries(1):
            found = voters_by_queue(roles=roles)
        assert found == {key: people for key, people in alone.items() if people}
        assert by_role(roles) == found
    assert voters_by_queue() == {returns.key: {anna.pk, team.pk}, billing.key: {team.pk}}
    over(RoleHolding.objects.filter(user=team))
    assert by_role() == voters_by_queue() == {returns.key: {anna.pk}}
    over(RoleHolding.objects)
    assert voters_by_queue() == {}
    assert list(list_voting()) == []
