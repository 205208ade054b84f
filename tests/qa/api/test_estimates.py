"""Estimates over REST: what the pages say, as it stood at any moment."""

import pytest
from django.test import Client

from governance.access.types import Role
from tests.factories.access import make_person
from tests.factories.weeks import make_week, weeks_ago

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]
PATH = "/api/v1/quality/estimates/"


@pytest.fixture
def lead(client: Client) -> Client:
    person = make_person(roles=[Role.QA_LEAD])
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_periods_come_with_their_estimate_and_its_digest(lead: Client) -> None:
    period, _drawn = make_week(weeks_ago(0))
    make_week(weeks_ago(1), reviewed=3)
    found = lead.get(PATH).json()
    assert found["plan"] == "weekly"
    newest, before = found["periods"]
    assert newest["period"] == str(period.public_id)
    figures = newest["figures"]
    assert (figures["standing"], figures["used"]["value"]) == ("known", 0.75)
    assert figures["used"]["interval"]["low"] < 0.75 < figures["used"]["interval"]["high"]
    assert len(figures["digest"]) == 64
    assert (before["figures"]["standing"], before["figures"]["used"]) == ("waiting", None)
    assert found["together"]["reviewed"] == 8
    assert {one["estimate"] for one in found["groups"]} == {None}
    again = lead.get(PATH).json()["periods"][0]["figures"]["digest"]
    assert again == figures["digest"]


def test_an_earlier_moment_is_read_as_it_stood(lead: Client) -> None:
    period, _drawn = make_week(weeks_ago(0))
    moment = period.starts_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    later = lead.get(PATH, {"as_of": "2000-01-01T00:00:00Z"}).json()
    assert later["periods"] == []
    found = lead.get(PATH, {"as_of": moment.replace(":00Z", ":59Z")}).json()
    assert [one["figures"]["reviewed"] for one in found["periods"]] in ([0], [])


@pytest.mark.parametrize(
    ("field", "value"), [("last", "0"), ("last", "x"), ("as_of", "noon"), ("by", "agent")]
)
def test_what_cannot_be_read_is_named(lead: Client, field: str, value: str) -> None:
    answer = lead.get(PATH, {field: value})
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [field]


def test_no_plan_and_no_permission_find_nothing(lead: Client) -> None:
    assert lead.get(PATH, {"plan": "directed"}).status_code == 404
    other = Client()
    other.force_login(
        make_person(roles=[Role.SPECIALIST]),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    assert other.get(PATH).status_code in (403, 404)
