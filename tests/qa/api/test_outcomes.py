"""The outcomes over REST: numbers with intervals, verdicts, and who may read them."""

import pytest
from rest_framework.test import APIClient

from governance.access.types import Role
from orchestra.core import clock
from tests.factories.access import make_person
from tests.factories.measured import make_cells

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


def client_of(role: Role) -> APIClient:
    client = APIClient()
    client.force_login(
        make_person(roles=[role]), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def test_every_metric_with_its_numbers() -> None:
    make_cells(now=clock.now())
    answer = client_of(Role.QA_ANALYST).get("/api/v1/outcomes/")
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [one["key"] for one in results][:2] == ["recontact_rate", "transfer_rate"]
    assert {len(one["numbers"]) for one in results} == {14}
    last = results[1]["numbers"][-1]
    assert (last["hits"], last["n"], last["weeks"], last["ledger_index"]) == (5, 45, 4, 1234)
    assert results[1]["verdicts"] == [{"target": 15.0, "statistic": None, "verdict": "not_shown"}]
    assert not results[1]["is_old"]


def test_too_few_are_told_by_their_interval_alone() -> None:
    make_cells(now=clock.now(), cases=12)
    told = client_of(Role.QA_ANALYST).get("/api/v1/outcomes/transfer_rate/").json()
    assert told["verdicts"] == []
    assert {one["value"] for one in told["numbers"]} == {None}
    assert {one["hits"] for one in told["numbers"]} == {None}


def test_an_unknown_metric_is_not_found() -> None:
    answer = client_of(Role.QA_ANALYST).get("/api/v1/outcomes/nothing/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found.metric")


def test_as_they_were_known_at_a_past_moment() -> None:
    client = client_of(Role.QA_ANALYST)
    told = client.get("/api/v1/outcomes/transfer_rate/?as_of=2026-10-31").json()
    assert [(one["begin"], one["n"]) for one in told["numbers"]] == [
        ("2026-08-31", 0),
        ("2026-09-28", 0),
    ]
    for asked, code in (("yesterday", "as_of.invalid"), ("2999-01-01", "as_of.later")):
        answer = client.get(f"/api/v1/outcomes/?as_of={asked}")
        assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_who_may_not_read_is_refused() -> None:
    assert client_of(Role.HUMAN_AGENT).get("/api/v1/outcomes/").status_code == 403
