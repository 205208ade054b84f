"""Who could do what on a date, as page and as CSV; and a review as a file."""

import csv
import json
from datetime import timedelta
from io import StringIO

import pytest
from django.http import HttpResponse
from pytest_django import DjangoAssertNumQueries

from governance.access import services as access
from governance.access.models import Queue, User
from governance.access.types import QueueGrant, Role
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from tests.factories.access import make_person
from tests.governance.access_reviews.conftest import (  # noqa: F401  fixtures are used by name
    accounts,
    people,
    returns,
    start,
)
from tests.governance.access_reviews.test_past import move_back
from tests.governance.admin.test_changes import sign_in, text_of

pytestmark = pytest.mark.django_db
PATH = "/admin/access/on-a-date/"
PAGE_QUERIES = 4
People = dict[str, User]


def read(answer: HttpResponse) -> list[dict[str, str]]:
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return list(csv.DictReader(StringIO(answer.content.decode(), newline="")))


def test_a_moment_shows_what_stood_then(people: People) -> None:  # noqa: F811
    move_back(2)
    client = sign_in(people["ilse"])
    access.take_role(
        actor=people["petra"].as_actor(),
        now=clock.now(),
        user=people["jonas"],
        role=Role.SPECIALIST,
    )
    who = f"human:{people['jonas'].public_id}"
    then = (clock.now() - timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M:%S")
    page = text_of(client, f"{PATH}?at={then}&who={who}")
    assert "<b>Specialist</b>" in page
    assert "by petra" in page
    assert "1 holder, 3 grants." in page
    now = text_of(client, f"{PATH}?who={who}")
    assert "<b>Specialist</b>" not in now
    assert "Vote on approvals, Returns" in now
    assert "read_queue" not in now


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("soon", "That is no date and time."),
        ("2999-01-01T00:00", "Nobody knows yet"),
        ("0001-01-01T00:00", ""),
    ],
)
def test_a_moment_that_cannot_be_is_said(people: People, at: str, said: str) -> None:  # noqa: F811
    answer = sign_in(people["ilse"]).get(f"{PATH}?at={at}&page=x")
    assert answer.status_code == (422 if said else 200)
    assert (said or "Nobody held anything then.") in answer.content.decode()


def test_it_is_taken_out_as_csv_and_that_is_an_entry(people: People) -> None:  # noqa: F811
    User.objects.filter(username="jonas").update(first_name="=cmd()", last_name="")
    rows = read(sign_in(people["ilse"]).get(f"{PATH}csv/"))
    assert {row["holder"] for row in rows} >= {"'=cmd()", "Everybody with the role Human agent"}
    told = {(row["holder"], row["what"], row["where"], row["active"]) for row in rows}
    assert ("maren", "Vote on approvals", "Accounts", "yes") in told
    assert LedgerEntry.objects.latest("id").kind == "access.exported"


@pytest.mark.parametrize("role", [Role.HUMAN_AGENT, Role.POLICY_OWNER])
def test_who_may_not_read_access_finds_nothing(people: People, role: Role) -> None:  # noqa: F811
    del people
    client = sign_in(make_person("hugo", roles=[role]))
    before = LedgerEntry.objects.count()
    assert client.get(PATH).status_code == 404
    assert client.get(f"{PATH}csv/").status_code == 404
    assert LedgerEntry.objects.count() == before


@pytest.mark.parametrize("more", [0, 45])
def test_it_asks_as_often_for_more_people(
    people: People,  # noqa: F811
    returns: Queue,  # noqa: F811
    more: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _number in range(more):
        make_person(roles=[Role.SUPERVISOR], grants={returns: [QueueGrant.VOTE]})
    client = sign_in(people["ilse"])
    text_of(client, PATH)
    with django_assert_num_queries(PAGE_QUERIES):
        page = text_of(client, PATH)
    assert ("Next" in page) is bool(more)


def test_a_review_is_taken_out_in_both_forms(people: People) -> None:  # noqa: F811
    review = start(people)
    User.objects.filter(username="jonas").update(first_name="=cmd()", last_name="")
    client = sign_in(people["ilse"])
    link = f"/admin/access/reviews/{review.public_id}/export/"
    rows = read(client.get(f"{link}csv/"))
    lines = client.get(f"{link}jsonl/").content.decode().splitlines()
    assert len(rows) == len(lines) == review.items.count()
    raw = [json.loads(line) for line in lines]
    assert {row["key"] for row in rows} == {one["key"] for one in raw}
    conflicts = [one for one in raw if one["conflicts"]]
    assert "answers for Store assistant" in conflicts[0]["conflicts"]
    assert {one["decision"] for one in raw} == {"open"}
    assert LedgerEntry.objects.filter(kind="access.exported").count() == 2
    assert client.get(f"{link}xlsx/").status_code == 404
    assert sign_in(people["petra"]).get(f"{link}csv/").status_code == 404
