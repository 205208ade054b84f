"""What people make of findings, and who may."""

from typing import Any
from uuid import uuid4

import pytest

from governance.access.models import User
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from qa.findings import services
from qa.findings.models import Finding
from qa.findings.types import FindingState
from tests.conftest import NOW
from tests.factories.access import make_person
from tests.factories.cases import kinds_of, last_payload
from tests.factories.checked import make_talk

pytestmark = pytest.mark.django_db


@pytest.fixture
def analyst() -> User:
    return make_person(roles=[Role.QA_ANALYST])


@pytest.fixture
def finding() -> Finding:
    make_talk("customer: Hi", "ai: I am an AI assistant. I have cancelled it. Anything else?")
    services.run_next(now=NOW)
    return Finding.objects.get()


def settle(person: User, found: Finding, state: str = "confirmed", reason: str = "") -> Finding:
    return services.settle_finding(
        actor=person.as_actor(),
        now=NOW,
        finding_id=found.public_id,
        state=FindingState(state),
        reason=reason,
    )


def test_a_finding_is_confirmed_once_and_the_case_records_it(
    analyst: User, finding: Finding
) -> None:
    settle(analyst, finding)
    finding.refresh_from_db()
    assert (finding.state, finding.settled_by, finding.settled_at) == ("confirmed", analyst, NOW)
    stream = finding.unit.case.stream
    assert kinds_of(stream)[-1] == "finding.settled"
    assert last_payload(stream) == {
        "actor_label": analyst.label,
        "check": "promise_kept/1",
        "harm": "high",
        "state": "confirmed",
        "reason": "",
    }
    with pytest.raises(ConflictError):
        settle(analyst, finding, "refuted", "No.")
    finding.refresh_from_db()
    assert finding.state == "confirmed"


@pytest.mark.parametrize(
    ("state", "reason"), [("refuted", "  "), ("unseen", "x"), ("refuted", "x" * 501)]
)
def test_what_settles_nothing_changes_nothing(
    analyst: User, finding: Finding, state: str, reason: str
) -> None:
    entries = LedgerEntry.objects.count()
    with pytest.raises(InvalidInputError):
        settle(analyst, finding, state, reason)
    finding.refresh_from_db()
    assert (finding.state, LedgerEntry.objects.count()) == ("unseen", entries)


def test_it_is_taken_back_by_whoever_said_it_or_leads_quality(
    analyst: User, finding: Finding
) -> None:
    settle(analyst, finding, "refuted", "It was in another case.")
    other = make_person(roles=[Role.QA_ANALYST])
    call: Any = {"now": NOW, "finding_id": finding.public_id}
    with pytest.raises(NotPermittedError):
        services.reopen_finding(actor=other.as_actor(), **call)
    services.reopen_finding(actor=make_person(roles=[Role.QA_LEAD]).as_actor(), **call)
    finding.refresh_from_db()
    assert (finding.state, finding.settled_by, finding.settled_reason) == ("unseen", None, "")
    assert kinds_of(finding.unit.case.stream)[-2:] == ["finding.settled", "finding.reopened"]
    with pytest.raises(ConflictError):
        services.reopen_finding(actor=analyst.as_actor(), **call)


def test_nobody_judges_their_own_work_and_readers_do_not_judge(finding: Finding) -> None:
    worker = make_person(roles=[Role.QA_ANALYST])
    finding.unit.workers = [f"human:{worker.public_id}"]
    finding.unit.save()
    for person in (worker, make_person(roles=[Role.COMPLIANCE_OFFICER])):
        with pytest.raises(NotPermittedError):
            settle(person, finding)
    finding.refresh_from_db()
    assert finding.state == "unseen"


def test_a_finding_out_of_reach_is_not_found(finding: Finding, analyst: User) -> None:
    with pytest.raises(NotFoundError):
        settle(make_person(roles=[Role.SUPERVISOR]), finding)
    finding.public_id = uuid4()
    with pytest.raises(NotFoundError):
        settle(analyst, finding)
