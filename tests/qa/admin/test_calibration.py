"""The pages of calibration: blind while people are missing, then one row a question."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from governance.access.types import Role
from governance.reviews.models import ChangeRequest
from governance.reviews.types import ChangeState
from orchestra.core import clock
from orchestra.core.together import answer
from qa.calibration.models import CalibrationSession
from qa.calibration.types import SessionState
from qa.figures.drifting import reading_calibration_alerts
from qa.findings.models import UnitCheck
from tests.factories.access import make_person
from tests.factories.sampled import draw_units, make_period, make_review, make_unit
from tests.factories.sessions import make_session, score_all
from tests.qa.admin.conftest import Browser
from tests.qa.admin.test_disputes import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


def link(session: CalibrationSession) -> str:
    return f"/admin/calibrations/{session.public_id}/"


def question_of(session: CalibrationSession) -> str:
    key: str = session.scorecard.document["sections"][0]["questions"][0]["key"]
    return key


def test_while_somebody_is_missing_nothing_of_the_answers_is_shown(browser: Browser) -> None:
    session = make_session(count=10)
    score_all(session, dict.fromkeys(range(2), ["yes"] * 5 + ["no"] * 5), question_of(session))
    for role in (Role.QA_LEAD, Role.QA_ANALYST):
        page = browser(role).get(link(session)).content.decode()
        assert "2 of 3 people have scored all 10 units" in page
        assert "Scores stay hidden until everybody is in" in page
        assert "Agreement per question" not in page
        assert "leans" not in page


def test_then_it_shows_each_question_what_divides_and_who_leans(browser: Browser) -> None:
    people = [make_person(roles=[Role.QA_ANALYST]) for _ in range(4)]
    session = make_session(people=people, count=12)
    most, strict = ["yes"] * 8 + ["no"] * 4, ["no"] * 12
    score_all(session, {0: most, 1: most, 2: strict, 3: strict}, question_of(session))
    page = browser(Role.QA_LEAD).get(link(session)).content.decode()
    assert "Agreement per question" in page
    assert "12 units, 48 answers that can be paired" in page
    assert f"seed {session.seed}" in page
    assert "8 answers with at least two people on each side" in page
    assert "For the talk, not for ranking." in page
    assert "Fewer than 3 people or 10 units" in page


def test_a_lead_begins_one_on_the_page_and_closes_it(browser: Browser) -> None:
    lead = browser(Role.QA_LEAD)
    people = [make_person(roles=[Role.QA_ANALYST]) for _ in range(2)]
    for _ in range(3):
        make_unit(started_at=clock.now() - timedelta(days=1))
    due = timezone.localtime(clock.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    given = {
        "scorecard": "conversations",
        "count": "3",
        "due_at": due,
        "people": [str(one.public_id) for one in people],
    }
    answer = lead.post("/admin/calibrations/open/", {**given, "people": []})
    assert answer.status_code == 422
    assert due in answer.content.decode()
    answer = lead.post("/admin/calibrations/open/", given, follow=True)
    assert "0 of 2 people have scored all 3 units" in answer.content.decode()
    session = CalibrationSession.objects.get()
    lead.post(f"{link(session)}close/")
    session.refresh_from_db()
    assert session.state == SessionState.CLOSED
    assert "Agreement per question" in lead.get(link(session)).content.decode()
    assert link(session) in lead.get("/admin/calibrations/").content.decode()


def test_an_analyst_reads_and_does_not_lead(browser: Browser) -> None:
    session = make_session(count=2)
    analyst = browser(Role.QA_ANALYST)
    assert "Begin a calibration" not in analyst.get("/admin/calibrations/").content.decode()
    assert analyst.post(f"{link(session)}close/").status_code == 404
    assert analyst.post("/admin/calibrations/open/", {}).status_code == 404
    assert browser(Role.SPECIALIST).get(link(session)).status_code == 404
    other = "/admin/calibrations/01a228d1-c280-7760-919b-60cdfb011f1c/"
    assert analyst.get(other).status_code == 404


def test_keys_walk_what_divides_and_p_opens_a_draft_of_the_scorecard(browser: Browser) -> None:
    people = [make_person(roles=[Role.QA_ANALYST]) for _ in range(4)]
    session = make_session(people=people, count=12)
    most, strict = ["yes"] * 8 + ["no"] * 4, ["no"] * 12
    score_all(session, {0: most, 1: most, 2: strict, 3: strict}, question_of(session))
    lead = browser(Role.QA_LEAD)
    page = lead.get(link(session)).content.decode()
    assert page.count("data-row=") == 8
    first = session.units.order_by("ended_at", "pk")[0]
    assert f'data-open href="/admin/cases/{first.case.public_id}/"' in page
    (form,) = re.findall(r'<form method="post" action="(/admin/change-requests/open/)">', page)
    assert 'data-key="p"' in page
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    del fields["csrfmiddlewaretoken"]
    answer = lead.post(form, fields, follow=True)
    change = ChangeRequest.objects.get()
    assert answer.redirect_chain[-1][0] == f"/admin/change-requests/{change.public_id}/"
    assert (change.kind, change.document_key, change.state) == (
        "scorecard", "conversations", ChangeState.DRAFT,
    )  # fmt: skip
    assert change.document == session.scorecard.document
    assert link(session) in change.summary


def test_who_may_not_write_scorecards_is_offered_no_draft(browser: Browser) -> None:
    session = make_session(count=2)
    score_all(session, {place: ["yes", "no"] for place in range(3)}, question_of(session))
    assert 'data-key="p"' not in browser(Role.SUPERVISOR).get(link(session)).content.decode()


def test_a_series_shows_who_drifts_to_leads_and_to_others_their_own(browser: Browser) -> None:
    people = [make_person(roles=[Role.QA_ANALYST]) for _ in range(4)]
    strict = max(people, key=lambda one: one.username)
    for weeks in (3, 2, 1):
        at = clock.now() - timedelta(weeks=weeks)
        session = make_session(people=people, count=12, now=at)
        fair = ["yes"] * 9 + ["no"] * 3
        given = {0: fair, 1: fair, 2: ["yes"] * 8 + ["no"] * 4, 3: ["no"] * 12}
        score_all(session, given, question_of(session))
        CalibrationSession.objects.filter(pk=session.pk).update(
            state=SessionState.CLOSED, closed_at=at
        )
    lead = browser(Role.QA_LEAD)
    address = "/admin/calibrations/series/"
    page = lead.get(address).content.decode()
    assert f"<h1>{strict.label} grows stricter</h1>" in page
    assert "<b>grows stricter</b>" in page
    assert "The items that divided people most" in page
    own = lead.get(f"{address}?person={strict.public_id}").content.decode()
    assert f"<b>{strict.label}</b>" in own
    assert "AC1 with the majority of the others" in own
    analyst = signed_in(people[0])
    for query in ("", f"?person={strict.public_id}", "?judge=tone/1"):
        page = analyst.get(f"{address}{query}").content.decode()
        assert "How your answers went beside those of the others" in page
        assert strict.label not in page
    (alert,) = answer(reading_calibration_alerts())
    assert alert.title == f"{strict.label} scores lower than the others, session after session"
    assert alert.link == f"{address}?person={strict.public_id}"


def test_a_check_has_the_same_series_against_drawn_reviews(browser: Browser) -> None:
    page = browser(Role.QA_LEAD).get("/admin/calibrations/series/").content.decode()
    assert "No calibration was closed yet" in page
    units = [make_unit() for _ in range(12)]
    yesterday = clock.now() - timedelta(days=1)
    rows = draw_units(make_period(), {"all": units}, {"all": 12})
    for row in rows:
        UnitCheck.objects.create(
            unit=row.unit, check_key="tone", series="tone/1", result="fine", at=row.unit.ended_at
        )
        make_review(row.unit, drawn=row, at=yesterday, answers={"tone": {"value": "5"}})
    page = browser(Role.QA_LEAD).get("/admin/calibrations/series/?judge=tone/1").content.decode()
    assert "By automatic check" in page
    assert "Week from" in page
    # Everybody agrees twelve times: Wilson, 12 of 12.
    assert "0.76 to 1.00" in page
