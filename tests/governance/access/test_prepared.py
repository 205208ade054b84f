"""A query over what a person may see is compiled once, until they hold something else."""

from dataclasses import replace
from typing import Any

import pytest
from django.db.models import QuerySet

from governance.access import prepared as room
from governance.access.models import Queue, User
from governance.access.prepared import PreparedFor
from governance.access.selectors import authority_of, readable_queue_ids
from governance.access.types import Authority, Capability, QueueGrant, Role
from orchestra.core.history import acting
from orchestra.core.together import ask
from tests.factories.access import (
    ALL_GRANTS,
    FACTORY,
    grant,
    make_person,
    make_queue,
    make_supervisor,
    person_authority,
)

pytestmark = pytest.mark.django_db


class Queues:
    """Queues that may be read, and how often their query was made."""

    def __init__(self) -> None:
        self.made = 0
        self.prepared: PreparedFor[Queue] = PreparedFor(self.build)

    def build(self, authority: Authority, order: str, *titles: str) -> QuerySet[Queue]:
        self.made += 1
        keys = readable_queue_ids(authority, Capability.CASE_READ)
        rows = Queue.objects.order_by(order)
        rows = rows if keys is None else rows.filter(pk__in=keys)
        return rows.filter(title__in=titles) if titles else rows

    def titles(self, authority: Authority, order: str = "title", *titles: str) -> list[str]:
        return [queue.title for queue in self.prepared.rows(authority, order, *titles)]


@pytest.fixture
def queues() -> Queues:
    return Queues()


def of(person: User) -> Authority:
    return authority_of(person.as_actor())


def test_it_is_made_once_for_a_person_and_a_way_of_asking(queues: Queues) -> None:
    maren = make_supervisor(make_queue(title="a"))
    grant(maren, make_queue(title="b"), *ALL_GRANTS)
    for _each in range(3):
        assert queues.titles(of(maren)) == ["a", "b"]
        assert queues.titles(of(maren), "-title") == ["b", "a"]
        assert queues.titles(of(maren), "title", "b") == ["b"]
    # The last of them is of another shape: it has a value.
    assert queues.made == 3


def test_what_is_granted_and_taken_counts_at_once(queues: Queues) -> None:
    first, second = make_queue(title="a"), make_queue(title="b")
    maren = make_supervisor(first)
    assert queues.titles(of(maren)) == ["a"]
    grant(maren, second, *ALL_GRANTS)
    assert queues.titles(of(maren)) == ["a", "b"]
    with acting(FACTORY):
        maren.queueusergrant_set.all().delete()
    assert queues.titles(of(maren)) == []


def test_one_person_never_sees_by_the_query_of_another(queues: Queues) -> None:
    one, other = (make_supervisor(make_queue(title=title)) for title in "ab")
    for _each in range(2):
        assert queues.titles(of(one)) == ["a"]
        assert queues.titles(of(other)) == ["b"]
    # The same id with less is another authority.
    assert queues.titles(replace(of(one), queue_grants={})) == []


def test_it_stands_beside_others_and_nothing_is_nothing(queues: Queues) -> None:
    maren = make_supervisor(make_queue(title="a"))
    nobody = of(make_person())
    found, none = ask(
        [queues.prepared.beside(of(maren), "title"), queues.prepared.beside(nobody, "title")]
    )
    assert ([queue.title for queue in found], none) == (["a"], [])


def test_no_more_than_so_many_are_kept(queues: Queues, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_MOST", 2)
    queue = make_queue(title="a")
    people = [
        person_authority(Role.HUMAN_AGENT, grants={queue.pk: [QueueGrant.READ]}, person_id=name)
        for name in "abc"
    ]
    for person in [*people, people[0]]:
        assert queues.titles(person) == ["a"]
    known: Any = queues.prepared._known
    assert (queues.made, len(known)) == (4, 2)
