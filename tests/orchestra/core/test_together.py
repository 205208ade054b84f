"""Queries asked together find what each would by itself, in its order, in one trip."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, Value
from django.test.utils import CaptureQueriesContext

from governance.access.models import AgentIdentity, Queue, User
from orchestra.core.together import Reading, all_of, answer, ask, read, read_count, read_sums
from tests.factories.access import make_agent, make_person, make_queue

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _some() -> None:
    owner = make_person("ines", first_name="Ines")
    for name in ("c", "a", "b"):
        make_agent(name=name, owner=owner)
        make_queue(name, title=name.upper())


def reads() -> list[Any]:
    """Models with what they point at, values, one column, sums, unions and nothing at all."""
    named = Queue.objects.filter(key=OuterRef("name"))
    agents = AgentIdentity.objects.select_related("owner").annotate(is_queue=Exists(named))
    queues = Queue.objects.annotate(what=Value("queue")).values_list("what", "title")
    people = User.objects.annotate(what=Value("person")).values_list("what", "first_name")
    return [
        agents.defer("owner__password").order_by("-name"),
        agents.values("name", "public_id", "is_queue").order_by("name"),
        agents.values_list("public_id", "name", "owner__public_id", "is_queue").order_by("name"),
        Queue.objects.order_by("-title")[1:3],
        Queue.objects.none(),
        Queue.objects.filter(key__in=[]),
        Queue.objects.filter(key="nowhere"),
        User.objects.values_list("username", flat=True).order_by("username"),
        User.objects.order_by().values_list("is_active").annotate(n=Count("pk"), last=Max("pk")),
        queues.order_by().union(people.order_by(), all=True),
        AgentIdentity.objects.annotate(called=F("owner__first_name")).order_by("name", "pk")[:1],
    ]


def told(rows: Any) -> list[Any]:
    """Everything the rows bring."""
    return [
        {name: value for name, value in vars(row).items() if name != "_state"}
        | ({"owner": row.owner.username} if isinstance(row, AgentIdentity) else {})
        if hasattr(row, "_state")
        else row
        for row in rows
    ]


def test_it_finds_what_each_would_find_in_one_statement() -> None:
    with CaptureQueriesContext(connection) as asked:
        found = ask(reads())
    assert len(asked) == 1
    for rows, queryset in zip(found, reads(), strict=True):
        assert len(rows) == len(queryset)
        if queryset.query.combinator:
            assert sorted(rows) == sorted(queryset)
        else:
            assert [str(one) for one in told(rows)] == [str(one) for one in told(queryset)]


def test_what_is_fetched_ahead_takes_its_own_statement() -> None:
    people = User.objects.prefetch_related("groups").order_by("pk")
    with CaptureQueriesContext(connection) as asked:
        (found, _queues) = ask([people, Queue.objects.all()])
        assert [list(person.groups.all()) for person in found] == [[]]
    assert len(asked) == 2


def test_nothing_to_ask_asks_nothing() -> None:
    with CaptureQueriesContext(connection) as asked:
        assert ask([Queue.objects.none()]) == [[]]
        assert ask([]) == []
    assert not asked.captured_queries


@pytest.mark.parametrize(
    "queryset",
    [
        Queue.objects.values,
        lambda: Queue.objects.order_by("title").values_list("key").distinct(),
        Queue.objects.select_for_update,
    ],
)
def test_what_cannot_stand_beside_others_says_so(queryset: Any) -> None:
    with pytest.raises(TypeError):
        ask([queryset()])


def keys_after(key: str, more: int) -> Reading[list[str]]:
    """The keys of queues after one, each found by the one before."""
    found: list[str] = []
    for _each in range(more):
        rows = yield from read(Queue.objects.filter(key__gt=key).order_by("key")[:1])
        if not rows:
            break
        key = rows[0].key
        found.append(key)
    return found


def test_parts_wait_together_and_go_on_by_themselves() -> None:
    parts = {"long": keys_after("", 3), "none": keys_after("", 0), "short": keys_after("b", 2)}
    with CaptureQueriesContext(connection) as asked:
        found = answer(all_of(parts))
    assert found == {"long": ["a", "b", "c"], "none": [], "short": ["c"]}
    assert len(asked) == 3


def test_rows_are_counted_and_summed_with_the_rest() -> None:
    few = Queue.objects.filter(key__gt="a").order_by("key")
    parts = {
        "count": read_count(few),
        "none": read_count(few.none()),
        "sums": read_sums(few, first=Min("title"), b=Count("pk", filter=Q(key="b"))),
        "nothing": read_sums(few.filter(key="x"), first=Min("title"), all=Count("pk")),
        "never": read_sums(few.none(), first=Min("title"), all=Count("pk")),
    }
    with CaptureQueriesContext(connection) as asked:
        found = answer(all_of(parts))
    assert found == {
        "count": 2,
        "none": 0,
        "sums": {"first": "B", "b": 1},
        "nothing": {"first": None, "all": 0},
        "never": {"first": None, "all": 0},
    }
    assert len(asked) == 1


def test_parts_of_parts_go_together_too() -> None:
    inner = all_of({"one": keys_after("", 1), "two": keys_after("a", 1)})
    with CaptureQueriesContext(connection) as asked:
        found = answer(all_of({"inner": inner, "beside": keys_after("b", 1)}))
    assert found == {"inner": {"one": ["a"], "two": ["b"]}, "beside": ["c"]}
    assert len(asked) == 1


def test_a_part_that_fails_ends_all() -> None:
    def broken() -> Reading[None]:
        yield from read(Queue.objects.all())
        raise KeyError("nothing of that name")

    with pytest.raises(KeyError):
        answer(all_of({"broken": broken(), "other": keys_after("", 2)}))
