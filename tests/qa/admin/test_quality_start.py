"""Quality's start page."""

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from governance.access.models import Queue
from governance.access.types import Role
from orchestra.core import clock
from orchestra.core.together import Reading, read
from qa.figures.registry import Alert, alerts
from qa.findings.models import Finding, UnitCheck
from qa.findings.types import CheckResult
from qa.reviewing.types import ReviewKind, ReviewState
from qa.sampling.models import SamplingPlanVersion
from qa.sampling.types import PeriodState
from tests.factories.access import make_person
from tests.factories.sampled import make_review, make_unit
from tests.factories.weeks import make_week, weeks_ago
from tests.qa.admin.conftest import Browser

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]
QUERIES = 8


def text_of(client: Client, address: str = "/admin/quality/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_answer_stands_first_with_its_interval_and_how_it_came_about(
    browser: Browser,
) -> None:
    make_week(weeks_ago(0))
    page = text_of(browser(Role.QA_LEAD))
    assert "75.0 % would pass review, give or take" in page
    assert "95 % interval" in page
    assert "Of 12 in the population 12 were checked automatically and 8 were reviewed" in page
    for words in ("Automatic checks alone, all 12", "Reviews alone, unweighted", "Used. Fair"):
        assert words in page
    assert "Numbers as a table" in page


def test_before_enough_is_reviewed_there_is_no_number(browser: Browser) -> None:
    make_week(weeks_ago(0), reviewed=3)
    page = text_of(browser(Role.QA_ANALYST))
    assert "no number, 6 of 8 reviewed" in page
    assert "would pass review, give" not in page


def test_a_held_week_says_why_and_the_one_before_is_shown(browser: Browser) -> None:
    make_week(weeks_ago(1))
    make_week(weeks_ago(0), state=PeriodState.HELD, held_reason="The draw cannot be repeated")
    page = text_of(browser(Role.QA_LEAD))
    assert "75.0 % would pass review" in page
    assert "The draw cannot be repeated." in page


def test_without_a_plan_it_says_what_is_missing(browser: Browser) -> None:
    SamplingPlanVersion.objects.update(state="retired")
    page = text_of(browser(Role.QA_LEAD))
    assert "No sampling plan is in force. Without one there is no fair number." in page


def test_a_week_that_moved_is_an_alert_and_so_is_what_others_report(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser(Role.QA_LEAD)
    for week in (3, 2, 1):
        make_week(weeks_ago(week), fails=0)
    assert "No open alerts." in text_of(client)
    make_week(weeks_ago(0), fails=4)

    def leans() -> Reading[list[Alert]]:
        yield from read(Queue.objects.none())
        return [Alert("Somebody leans", "-7 points")]

    monkeypatch.setitem(alerts._items, "test", leans)
    page = text_of(client)
    assert "is worse than before" in page
    assert "Somebody leans" in page
    assert "2 open alerts" in page


def test_what_waits_is_the_persons_own_and_never_says_what_is_gold() -> None:
    person = make_person(roles=[Role.QA_ANALYST])
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    _period, drawn = make_week(weeks_ago(0))
    now = clock.now()
    for unit, kind, row in (
        (drawn[0].unit, ReviewKind.SECOND, drawn[0]),
        (make_unit(), ReviewKind.GOLD, None),
        (make_unit(), ReviewKind.CALIBRATION, None),
    ):
        make_review(
            unit, kind=kind, drawn=row, reviewer=person, state=ReviewState.WAITING,
            submitted_at=None, passed=None, at=now,
        )  # fmt: skip
    other = make_review(make_unit(), drawn=None, state=ReviewState.WAITING, submitted_at=None)
    assert other.reviewer is None
    page = text_of(client)
    waits = page[page.index("Waits") : page.index("Drift")]
    assert '<b class="count">2</b>' in waits
    assert "Calibration to score" in waits
    assert "never part of the estimate" in waits
    assert "gold" not in page.lower()


def test_what_checks_saw_adds_up_to_the_whole_week(browser: Browser) -> None:
    _period, drawn = make_week(weeks_ago(0))
    results = [CheckResult.FOUND, CheckResult.FINE, CheckResult.DOES_NOT_APPLY]
    for one, result in zip(drawn, results, strict=False):
        row = UnitCheck.objects.create(
            unit=one.unit, check_key="promise_kept", series="promise_kept/1",
            result=result, at=clock.now(),
        )  # fmt: skip
        if result is CheckResult.FOUND:
            Finding.objects.create(check_row=row, unit=one.unit, harm="money", found_at=row.at)
    UnitCheck.objects.create(
        unit=drawn[3].unit, check_key="promise_kept", series="promise_kept/1",
        result=CheckResult.SKIPPED, why="no_transcript", at=clock.now(),
    )  # fmt: skip
    page = text_of(browser(Role.QA_LEAD))
    assert "Promised without a confirmed result" in page
    assert "2 checked, 1 do not apply, 9 not checked" in page
    assert "8 never run" in page
    assert "1 no transcript" in page
    assert "Findings nobody has looked at" in page


def test_it_asks_as_often_however_much_there_is(
    browser: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = browser(Role.QA_LEAD)
    make_week(weeks_ago(0))
    text_of(client)
    with django_assert_num_queries(QUERIES):
        text_of(client)
    make_week(weeks_ago(1), sizes={"high": 9, "low": 9, "medium": 8})
    with django_assert_num_queries(QUERIES):
        text_of(client)


def test_who_does_not_judge_work_finds_no_page(browser: Browser) -> None:
    for role in (Role.HUMAN_AGENT, Role.SPECIALIST):
        assert browser(role).get("/admin/quality/").status_code == 404
        assert browser(role).get("/admin/quality/estimate/").status_code == 404


def test_how_a_number_was_made_is_shown_with_what_could_be_bought(browser: Browser) -> None:
    make_week(weeks_ago(0), sizes={"high": 60, "low": 60}, drawn=40, reviewed=40, fails=4)
    make_week(weeks_ago(1), reviewed=2)
    page = text_of(browser(Role.QA_LEAD), "/admin/quality/estimate/?last=5&by=risk")
    assert "90.0 % would pass review" in page
    assert "4 of 8 reviewed" in page
    assert "Too few yet:" in page
    assert "Why this is not the plain average" in page
    assert "What more reviews would buy" in page
    assert page.count('class="ci-bar"') == 2
    assert "simple reviews" in page


def test_an_earlier_moment_shows_what_stood_then(browser: Browser) -> None:
    period, _drawn = make_week(weeks_ago(0))
    client = browser(Role.QA_ANALYST)
    then = (period.ends_at - timedelta(days=1)).isoformat().replace("+", "%2B")
    page = text_of(client, f"/admin/quality/estimate/?as_of={then}")
    assert "0 of 8 reviewed" in page
    assert "8 / 8" in text_of(client, "/admin/quality/estimate/?as_of=nonsense&last=x&by=mood")
    assert client.get("/admin/quality/estimate/?plan=directed").status_code == 404


def test_small_groups_are_not_shown(browser: Browser) -> None:
    make_week(weeks_ago(0))
    page = text_of(browser(Role.QA_LEAD), "/admin/quality/estimate/?by=risk")
    assert page.count(">not shown<") == 2
    assert "nor as much besides" in page


def test_what_is_late_is_told_with_whose_it_is(browser: Browser) -> None:
    past = clock.now() - timedelta(days=1)
    amara = make_person(roles=[Role.QA_ANALYST], first_name="Amara", last_name="Diallo")
    for _ in range(2):
        make_review(make_unit(), state=ReviewState.WAITING, reviewer=amara, due_at=past)
    make_review(make_unit(), state=ReviewState.WAITING, reviewer=None, due_at=past)
    make_review(make_unit(), state=ReviewState.SUBMITTED, reviewer=amara, due_at=past)
    page = text_of(browser(Role.QA_LEAD))
    assert "Late reviews" in page
    assert "Amara Diallo" in page
    assert "Nobody has them." in page
    # A colleague is told of their own only.
    assert "Late review" not in text_of(browser(Role.QA_ANALYST))


def test_a_mix_that_moved_is_an_alert_that_names_the_stratum(browser: Browser) -> None:
    make_week(weeks_ago(1), sizes={"high": 6, "low": 54})
    make_week(weeks_ago(0), sizes={"high": 30, "low": 30})
    page = text_of(browser(Role.QA_LEAD))
    assert "holds other work than" in page
    assert "high: 50.0 % of all, 10.0 % before" in page


def test_a_target_is_said_with_what_the_interval_shows(browser: Browser) -> None:
    document = SamplingPlanVersion.objects.get(plan__key="weekly").document
    SamplingPlanVersion.objects.filter(plan__key="weekly").update(
        document={**document, "target_percent": 70}
    )
    make_week(weeks_ago(0))
    client = browser(Role.QA_LEAD)
    assert "not shown: the interval holds it" in text_of(client)
    page = text_of(client, "/admin/quality/estimate/")
    assert "target 70 %: not shown" in page
    assert "Tells the target" in page
    assert '<a class="btn is-s" data-key="n"' in text_of(client)
