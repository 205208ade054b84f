"""A prepared query reads what the query itself reads, each time anew, and is compiled once."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.sql.compiler import SQLCompiler
from django.test.utils import CaptureQueriesContext

from governance.access.models import AgentIdentity, Queue, User
from governance.ledger.models import LedgerEntry
from orchestra.core.prepared import Prepared, fill, update_row
from tests.factories.access import make_agent, make_person, make_queue

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def agents(owner: UUID, names: list[str]) -> "QuerySet[AgentIdentity]":
    """Agents of a person by name, with an annotation and a column left out."""
    named = Queue.objects.filter(title=OuterRef("name"))
    return (
        AgentIdentity.objects.select_related("owner", "acts_for")
        .defer("owner__password")
        .filter(owner__public_id=owner, name__in=names)
        .annotate(called=F("name"), is_queue=Exists(named))
        .order_by("name")
    )


def told(rows: Any) -> list[tuple[Any, ...]]:
    """Everything a row brings, its neighbours included."""
    return [
        (
            *(getattr(row, field.attname) for field in AgentIdentity._meta.concrete_fields),
            row.called,
            row.is_queue,
            row.owner.public_id,
            row.owner.get_deferred_fields(),
            row.acts_for and row.acts_for.public_id,
        )
        for row in rows
    ]


def test_it_reads_what_the_query_reads_in_one_statement() -> None:
    owner = make_person()
    make_agent(name="a", owner=owner)
    make_agent(name="b", owner=owner, acts_for=owner)
    make_agent(name="c", owner=make_person())
    make_queue(title="b")
    prepared = Prepared(agents)
    for names in (["a"], ["a", "b", "c"], ["nobody"]):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            found = told(prepared.rows(owner.public_id, names))
        assert len(asked) == 1
        assert found == told(agents(owner.public_id, names))


def test_it_is_compiled_once_for_each_number_of_values(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[int] = []
    as_sql = SQLCompiler.as_sql

    def counted(self: SQLCompiler, *args: Any, **kwargs: Any) -> Any:
        compiled.append(1)
        return as_sql(self, *args, **kwargs)

    prepared = Prepared(lambda names: User.objects.filter(username__in=names))
    monkeypatch.setattr(SQLCompiler, "as_sql", counted)
    prepared.rows(["x", "y"])
    first = len(compiled)
    prepared.rows(["z", "w"])
    assert (first, len(compiled)) == (1, 1)
    prepared.rows(["z"])
    assert len(compiled) == first + 1


@pytest.mark.parametrize(("count", "filled"), [(1, 1), (2, 2), (3, 4), (5, 8), (8, 8), (100, 128)])
def test_lists_are_filled_up_to_few_lengths(count: int, filled: int) -> None:
    values = list(range(count))
    found = fill(values)
    assert (len(found), found[:count], set(found)) == (filled, values, set(values))


def test_it_keeps_no_row() -> None:
    person = make_person(first_name="Before")
    prepared = Prepared(lambda pk: User.objects.filter(pk=pk))
    assert prepared.rows(person.pk)[0].first_name == "Before"
    User.objects.filter(pk=person.pk).update(first_name="After")
    assert prepared.rows(person.pk)[0].first_name == "After"


def test_values_take_the_form_of_the_database() -> None:
    person = make_person(last_login=NOW)
    by_all = Prepared(
        lambda moment, public_id, name, pk: User.objects.filter(
            last_login__gte=moment, public_id=public_id, username=name, pk=pk
        ).values_list("public_id", "last_login")
    )
    asked = (NOW, person.public_id, person.username, person.pk)
    assert by_all.rows(*asked) == [(person.public_id, NOW)]
    assert by_all.rows(NOW.replace(year=2027), *asked[1:]) == []
    flat = Prepared(lambda pk: User.objects.filter(pk=pk).values_list("public_id", flat=True))
    assert flat.first(person.pk) == person.public_id
    assert flat.first(-1) is None


def test_a_number_stands_by_itself_in_columns_of_any_width() -> None:
    placed = Prepared(lambda least: LedgerEntry.objects.filter(leaf_index__gte=least))
    assert placed.rows(0) == []


def test_a_text_that_would_end_a_statement_is_only_a_value() -> None:
    prepared = Prepared(lambda name: User.objects.filter(username=name))
    assert prepared.rows("' OR 1=1; --") == []


@pytest.mark.django_db(transaction=True)
def test_it_locks_inside_a_transaction_only() -> None:
    prepared = Prepared(lambda pk: User.objects.filter(pk=pk), locks=True)
    person = make_person()
    with pytest.raises(RuntimeError, match="inside a transaction only"):
        prepared.rows(person.pk)
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        assert prepared.rows(person.pk) == [person]
    locks = connection.features.has_select_for_update
    assert any("FOR UPDATE" in one["sql"] for one in asked.captured_queries) is locks


@pytest.mark.parametrize("value", [None, True, 1.5, [], ["a", 1]])
def test_a_value_that_changes_the_text_is_refused(value: Any) -> None:
    prepared = Prepared(lambda one: User.objects.filter(username=one))
    with pytest.raises(TypeError, match="prepared"):
        prepared.rows(value)


def test_a_value_that_is_lost_on_the_way_is_refused() -> None:
    prepared = Prepared(lambda one: User.objects.filter(username__contains=one))
    with pytest.raises(TypeError, match="not every value stands by itself"):
        prepared.rows("part")


def test_what_it_cannot_read_is_refused() -> None:
    fetching = Prepared(lambda pk: User.objects.filter(pk=pk).prefetch_related("groups"))
    with pytest.raises(TypeError, match="fetches nothing ahead"):
        fetching.rows(1)
    all_values = Prepared(lambda pk: User.objects.filter(pk=pk).values())
    with pytest.raises(TypeError, match="not read by ValuesIterable"):
        all_values.rows(1)


@pytest.mark.parametrize(
    ("make", "given"),
    [
        (lambda at: User.objects.filter(date_joined__range=(at, at + timedelta(hours=1))), NOW),
        (lambda name: User.objects.filter(username=name, first_name=f"{name}!"), "ines"),
    ],
)
def test_a_value_made_of_a_given_one_is_refused(make: Any, given: Any) -> None:
    with pytest.raises(TypeError, match="give each as it stands"):
        Prepared(make).rows(given)


def test_values_come_by_their_names() -> None:
    person = make_person("ines")
    named = Prepared(lambda pk: User.objects.filter(pk=pk).values("username", "pk"))
    assert named.rows(person.pk) == [{"username": "ines", "pk": person.pk}]
    lines = Prepared(
        lambda pk: User.objects.filter(pk=pk).values_list("username", "pk", named=True)
    )
    (line,) = lines.rows(person.pk)
    assert (line.username, line.pk) == ("ines", person.pk)


def test_an_unknown_id_finds_nothing() -> None:
    prepared = Prepared(lambda public_id: User.objects.filter(public_id=public_id))
    assert prepared.rows(uuid4()) == []


def test_a_row_is_changed_by_the_statement_that_an_update_makes() -> None:
    owner, other = make_person(), make_person()
    agent = make_agent(owner=owner)
    changes = {"owner": other, "is_active": False, "ends_at": NOW, "acts_for": None}
    expected = {"owner": owner.pk, "ends_at": None, "name": agent.name}
    with CaptureQueriesContext(connection) as asked:
        assert update_row(agent, expected=expected, changes=changes) == 1
    AgentIdentity.objects.filter(pk=agent.pk).update(owner=owner, is_active=True, ends_at=None)
    with CaptureQueriesContext(connection) as by_django:
        AgentIdentity.objects.filter(pk=agent.pk, **expected).update(**changes)
    [ours], [theirs] = asked.captured_queries, by_django.captured_queries
    assert sorted(ours["sql"].replace("(", "").replace(")", "").split()) == sorted(
        theirs["sql"].replace("(", "").replace(")", "").split()
    )
    agent.refresh_from_db()
    assert (agent.owner, agent.is_active, agent.ends_at) == (other, False, NOW)


def test_a_row_that_no_longer_stands_as_expected_is_not_changed() -> None:
    agent = make_agent()
    assert update_row(agent, expected={"name": "another"}, changes={"is_active": False}) == 0
    assert update_row(agent, expected={"ends_at": NOW}, changes={"is_active": False}) == 0
    agent.refresh_from_db()
    assert agent.is_active


def test_what_is_no_plain_value_goes_through_django() -> None:
    agent = make_agent()
    assert update_row(agent, expected={"name__in": [agent.name]}, changes={"name": F("name")}) == 1
    assert update_row(agent, expected={"owner": agent.owner}, changes={"is_active": False}) == 1
    assert update_row(agent, expected={"name__in": []}, changes={"is_active": True}) == 0
    agent.refresh_from_db()
    assert not agent.is_active
