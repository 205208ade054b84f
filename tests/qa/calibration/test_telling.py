"""Who is told of a calibration, reminded of it, and told of drift."""

import pytest
from django.test import Client

from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from governance.notifications.types import Happened, Telling
from orchestra.core import clock
from orchestra.core.errors import ConflictError, NotPermittedError
from qa.calibration.models import CalibrationSession
from qa.calibration.services import close_session, remind
from qa.calibration.telling import RULES
from tests.factories.access import make_person
from tests.factories.sessions import make_session, score_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


def telling_of(kind: str, session: CalibrationSession, actor_id: str = "") -> Telling | None:
    rule = RULES[kind]
    assert rule.tell is not None
    now = clock.now()
    happened = Happened(
        1, "e", kind, now, actor_id, "", "calibration", str(session.public_id), {}
    )  # fmt: skip
    return rule.tell(happened, now)


def question_of(session: CalibrationSession) -> str:
    key: str = session.scorecard.document["sections"][0]["questions"][0]["key"]
    return key


def people(telling: Telling | None) -> set[str]:
    assert telling is not None
    return {one.person_id for one in telling.people}


def test_its_people_are_told_and_who_is_missing_is_reminded() -> None:
    lead = make_person(roles=[Role.QA_LEAD])
    session = make_session(lead=lead, count=2)
    everybody = list(session.people.order_by("username"))
    telling = telling_of("calibration.opened", session)
    assert people(telling) == {str(one.public_id) for one in everybody}
    assert telling is not None
    assert (telling.page_id, telling.deadline_at) == (str(session.public_id), session.due_at)
    score_all(session, {0: ["yes", "no"]}, question_of(session))
    assert remind(actor=lead.as_actor(), now=clock.now(), session=session) == 2
    assert LedgerEntry.objects.filter(kind="calibration.reminded").count() == 1
    told = people(telling_of("calibration.reminded", session))
    assert told == {str(one.public_id) for one in everybody[1:]}


def test_nobody_is_reminded_where_all_are_in_or_it_is_closed_or_by_who_does_not_lead() -> None:
    lead = make_person(roles=[Role.QA_LEAD])
    session = make_session(lead=lead, count=2)
    with pytest.raises(NotPermittedError):
        remind(
            actor=make_person(roles=[Role.QA_ANALYST]).as_actor(), now=clock.now(), session=session
        )
    score_all(session, {place: ["yes", "no"] for place in range(3)}, question_of(session))
    with pytest.raises(ConflictError):
        remind(actor=lead.as_actor(), now=clock.now(), session=session)
    close_session(actor=lead.as_actor(), now=clock.now(), session=session)
    with pytest.raises(ConflictError):
        remind(actor=lead.as_actor(), now=clock.now(), session=session)
    assert telling_of("calibration.reminded", session) is None
    assert not LedgerEntry.objects.filter(kind="calibration.reminded").exists()


def test_leads_are_told_of_drift_once_and_nobody_is_named() -> None:
    lead = make_person(roles=[Role.QA_LEAD])
    session = make_session(lead=lead, count=2)
    telling = telling_of("calibration.drifted", session, actor_id=str(lead.public_id))
    assert people(telling) == {str(lead.public_id)}
    assert telling is not None
    assert telling.is_once
    assert not any(one.label in telling.label for one in session.people.all())


def test_the_lead_reminds_on_the_page() -> None:
    lead = make_person(roles=[Role.QA_LEAD])
    session = make_session(lead=lead, count=2)
    client = Client()
    client.force_login(lead, backend="django.contrib.auth.backends.ModelBackend")
    link = f"/admin/calibrations/{session.public_id}/"
    assert "Remind who is missing" in client.get(link).content.decode()
    page = client.post(f"{link}remind/", follow=True).content.decode()
    assert "Whoever is missing is reminded." in page
