"""Findings and checks over REST: what may be read, by whom, and that no words are in it."""

import pytest
from django.test import Client

from governance.access.types import Role
from qa.findings import services
from qa.findings.models import Finding
from tests.conftest import NOW
from tests.factories.access import make_person
from tests.factories.checked import make_talk

pytestmark = pytest.mark.django_db
PATH = "/api/v1/findings/"


def signed_in(role: Role) -> Client:
    client = Client()
    client.force_login(
        make_person(roles=[role]), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


@pytest.fixture
def finding() -> Finding:
    make_talk("customer: Hi", "ai: I am an AI assistant. I have cancelled it. Anything else?")
    services.run_next(now=NOW)
    return Finding.objects.get()


def test_findings_are_listed_and_read_with_their_places(finding: Finding) -> None:
    client = signed_in(Role.QA_LEAD)
    answer = client.get(f"{PATH}?state=unseen&harm=high&check=promise_kept")
    (row,) = answer.json()["results"]
    assert row == client.get(f"{PATH}{finding.public_id}/").json()
    assert (row["series"], row["detail"], row["state"]) == ("promise_kept/1", "no_call", "unseen")
    assert row["spans"] == finding.spans
    assert row["interaction"] == finding.unit.subject
    assert "cancelled" not in answer.content.decode()
    assert client.get(f"{PATH}?state=confirmed").json()["results"] == []


def test_what_is_no_choice_is_refused(finding: Finding) -> None:
    answer = signed_in(Role.QA_LEAD).get(f"{PATH}?harm=huge")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "harm"
    assert finding.state == "unseen"


def test_who_may_not_read_the_case_finds_nothing(finding: Finding) -> None:
    supervisor = signed_in(Role.SUPERVISOR)
    assert supervisor.get(PATH).json()["results"] == []
    assert supervisor.get(f"{PATH}{finding.public_id}/").status_code == 404
    assert signed_in(Role.HUMAN_AGENT).get(PATH).status_code == 403


def test_checks_are_read_with_coverage_and_licence(finding: Finding) -> None:
    told = signed_in(Role.QA_LEAD).get("/api/v1/checks/").json()
    assert told["coverage"] == {"ended": 1, "checked": 1, "waiting": 0, "skipped": {}}
    checks = {one["check"]: one for one in told["checks"]}
    promise = checks["promise_kept"]
    assert (promise["found"], promise["unseen"], promise["licence"]) == (1, 1, "advisory")
    assert checks["judge.policy_followed"]["found"] == 0
    assert finding.check_row.series == promise["series"]
