"""What is read together is what each queryset reads alone, in one statement."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.test.utils import CaptureQueriesContext

from cases.memory.models import Case
from governance.access.models import AgentIdentity, Queue, User
from governance.ledger.models import EntryPayload, LedgerEntry
from orchestra.core.together import read_together
from tests.factories.access import make_agent, make_person, make_queue
from tests.factories.cases import make_case
from tests.factories.ledger import make_entries

pytestmark = pytest.mark.django_db


def own(row: Any) -> Any:
    """The fields and annotations of a row."""
    values = {name: value for name, value in vars(row).items() if name != "_state"}
    return (type(row), values, row._state.adding, row._state.db)


def told(row: Any) -> Any:
    """Everything a row brings, its neighbours included."""
    if not hasattr(row, "_meta"):
        return row, getattr(row, "_fields", None)
    neighbours = row._state.fields_cache.items()
    return (own(row), {name: other and own(other) for name, other in neighbours})


def lists() -> "list[QuerySet[Any, Any]]":
    """Querysets of several kinds: numbers, moments, bytes, JSON, joins, unions, none at all."""
    named = Queue.objects.filter(title=OuterRef("name"))
    return [
        AgentIdentity.objects.select_related("owner", "acts_for")
        .defer("owner__password")
        .annotate(called=F("name"), is_queue=Exists(named))
        .order_by("-name"),
        User.objects.values_list("username", "date_joined", "is_active").order_by("-username"),
        Queue.objects.order_by("-key").values_list("public_id", flat=True),
        AgentIdentity.objects.values_list("owner__username", "name", named=True).order_by("name"),
        Queue.objects.none(),
        LedgerEntry.objects.select_related("payload").order_by("-id"),
        EntryPayload.objects.order_by("-entry_id")[1:3],
        Case.objects.filter(subject__contains="%").select_related("queue", "customer"),
        Case.objects.order_by("-id"),
        User.objects.filter(username="a").union(User.objects.exclude(username="a"), all=True),
    ]


@pytest.fixture
def rows() -> None:
    owner = make_person()
    for name in "cab":
        make_agent(name=name, owner=owner, acts_for=owner if name == "b" else None)
        make_queue(title=name)
    make_entries(7)
    make_case(subject="50 % off", risk_flags=["fraud"])
    make_case(subject="nothing")


@pytest.mark.usefixtures("rows")
def test_each_queryset_has_what_it_reads_alone_in_one_statement() -> None:
    together = lists()
    with CaptureQueriesContext(connection) as asked:
        read_together(*together, None)
        found = [[told(row) for row in queryset] for queryset in together]
    assert len(asked) == 1
    assert found == [[told(row) for row in queryset] for queryset in lists()]
    assert [len(rows) for rows in found][:7] == [3, User.objects.count(), 5, 3, 0, 7, 2]


@pytest.mark.usefixtures("rows")
def test_what_is_fetched_ahead_is_fetched_at_its_first_use() -> None:
    people = User.objects.prefetch_related("groups").order_by("pk")
    person = User.objects.earliest("pk")
    person.groups.add(Group.objects.get_or_create(name="held")[0])
    read_together(people, Queue.objects.all())
    with CaptureQueriesContext(connection) as asked:
        groups = [[group.name for group in one.groups.all()] for one in people]
    assert (len(asked), groups[0]) == (1, ["held"])


def test_what_has_been_read_is_not_read_again_and_nothing_asks_nothing() -> None:
    queues = Queue.objects.order_by("pk")
    assert list(queues) == []
    make_queue()
    with CaptureQueriesContext(connection) as asked:
        read_together(queues, None, User.objects.none())
        read_together()
    assert (len(asked), list(queues)) == (0, [])


@pytest.mark.parametrize(
    "make",
    [
        User.objects.values,
        lambda: Case.objects.filter(queue=make_case().queue).select_for_update(),
        lambda: User.objects.order_by("pk").values_list("username").distinct(),
    ],
    ids=["every value", "locked", "sorted by another"],
)
def test_what_cannot_be_read_this_way_says_so(make: Any) -> None:
    with transaction.atomic(), pytest.raises(TypeError):
        read_together(make())


def test_rows_reached_from_their_owner_are_read_alone() -> None:
    case = make_case()
    with pytest.raises(TypeError):
        read_together(case.queue.cases.all())
