"""Django's own question for an object permission gives the answer of everything else."""

from datetime import UTC, datetime

import pytest

from governance.access.models import Queue, QueueUserGrant, RoleHolding
from governance.access.types import QueueGrant, Role
from tests.factories.access import grant, make_person, make_queue, make_supervisor

pytestmark = pytest.mark.django_db

ENDED = {
    "since_at": datetime(2020, 1, 1, tzinfo=UTC),
    "until_at": datetime(2021, 1, 1, tzinfo=UTC),
}


def test_a_grant_counts_until_it_ends(returns: Queue) -> None:
    person = make_supervisor(returns)
    assert person.has_perm("governance.vote_queue", returns)
    assert person.has_perm("vote_queue", returns)
    assert not person.has_perm("governance.vote_queue", make_queue())
    assert not person.has_perm("cases.vote_queue", returns)
    assert not person.has_perm("governance.vote_queue")
    QueueUserGrant.objects.update(**ENDED)
    assert not person.has_perm("governance.vote_queue", returns)


def test_a_grant_of_a_role_counts_while_the_role_is_held(returns: Queue) -> None:
    person = make_person(roles=[Role.SPECIALIST])
    grant(person.groups.get(), returns, QueueGrant.READ)
    assert person.get_all_permissions(returns) == {"read_queue"}
    RoleHolding.objects.update(**ENDED)
    assert person.get_all_permissions(returns) == set()


def test_the_disabled_hold_nothing_and_what_is_not_granted_is_nobodys(returns: Queue) -> None:
    person = make_supervisor(returns, is_active=False)
    assert not person.has_perm("governance.vote_queue", returns)
    other = make_supervisor(returns)
    assert other.get_all_permissions(other) == set()
