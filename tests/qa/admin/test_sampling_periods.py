"""The pages of samples: before, after and again; what is held, and who may say why."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from qa.population.services import leave_out
from qa.population.types import Flag
from qa.sampling import redraw
from qa.sampling.models import SamplePeriod
from qa.sampling.services import open_due, replace_unit
from qa.sampling.services.framing import seed_of
from qa.sampling.types import ReplacedFor
from tests.factories.access import make_person
from tests.factories.drawing import MONDAY, WEEK, draw_at, ended, run_plan, weekly
from tests.factories.sampled import make_review, make_verdict
from tests.qa.admin.conftest import Browser

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]
NOW = MONDAY + WEEK + timedelta(hours=8)
PAGE_QUERIES = 7


@pytest.fixture
def period() -> SamplePeriod:
    found = run_plan(weekly())
    ended(30)
    ended(10, risk="high")
    ended(2, left_out="test")
    draw_at()
    found.refresh_from_db()
    return found


def address(period: SamplePeriod, act: str = "") -> str:
    return f"/admin/samples/{period.public_id}/{act}"


def text_of(client: Client, path: str, **query: Any) -> str:
    answer = client.get(path, query)
    assert answer.status_code == 200
    return answer.content.decode()


def flag_one(period: SamplePeriod) -> Any:
    person = make_person(roles=[Role.QA_LEAD])
    unit = period.drawn.select_related("unit")[0].unit
    leave_out(
        actor=person.as_actor(), now=NOW, subject=unit.subject, flag=Flag.DUPLICATE, reason="Twice."
    )
    return unit


def test_a_drawn_period_shows_its_strata_its_proof_and_its_planner(
    browser: Browser, period: SamplePeriod
) -> None:
    for number, row in enumerate(period.drawn.all()):
        make_review(row.unit, drawn=row, passed=number % 3 != 0)
        make_verdict(row.unit, would_pass=number % 4 != 0)
    client = browser(Role.QA_ANALYST)
    assert "Small weekly, week 47" in text_of(client, "/admin/samples/")
    text = text_of(client, address(period))
    assert "week 47: 10 of 40 drawn, and the draw can be repeated" in text
    assert "2 tests" in text
    assert "10 of 10" in text
    assert "95 % interval" in text
    assert "from 10 reviews" in text
    assert period.seed in text
    assert period.frame_digest in text
    assert "Directed reviews never enter this estimate." in text
    assert "10, <b>this plan</b>" in text
    assert "<svg" in text
    assert "6 minutes a review" in text.replace("6.0 minutes", "6 minutes")
    assert ">13<" in text_of(client, address(period), reviews="13")
    assert "this plan" in text_of(client, address(period), reviews="no number")


def test_before_it_is_drawn_the_seed_is_on_no_page(browser: Browser) -> None:
    period = run_plan(weekly())
    ended(3)
    client = browser(Role.QA_LEAD)
    text = text_of(client, address(period))
    assert "3 so far; the frame is not closed yet" in text
    assert period.commitment in text
    assert seed_of(period) not in text
    for file in ("frame.csv", "proof.json"):
        assert client.get(address(period, file)).status_code == 404


def test_the_three_files_prove_the_draw_together(browser: Browser, period: SamplePeriod) -> None:
    client = browser(Role.COMPLIANCE_OFFICER)
    frame = client.get(address(period, "frame.csv"))
    proof = client.get(address(period, "proof.json"))
    assert frame["Content-Disposition"] == 'attachment; filename="frame.csv"'
    read = redraw.read_frame(frame.content.decode())
    assert len(read) == 40
    assert redraw.differences(read, json.loads(proof.content)) == []
    command = client.get("/admin/samples/redraw.py").content.decode()
    assert "import django" not in command
    compile(command, "redraw.py", "exec")


def test_drawing_again_gives_the_same_or_holds(browser: Browser, period: SamplePeriod) -> None:
    client = browser(Role.QA_LEAD)
    answer = client.post(address(period, "redraw/"), follow=True)
    assert "Drawn again: the same." in answer.content.decode()
    unit = flag_one(period)
    text = client.post(address(period, "redraw/"), follow=True).content.decode()
    assert "cannot be re-drawn: the frame has changed" in text
    assert unit.label in text
    assert "“Twice.”" in text
    assert "1 of 40, against the stored list" in text


def test_two_people_end_a_hold_on_the_page(browser: Browser, period: SamplePeriod) -> None:
    flag_one(period)
    one, two = browser(Role.QA_LEAD), browser(Role.QA_LEAD)
    one.post(address(period, "redraw/"))
    said = one.post(address(period, "explain/"), {"reason": "x"}, follow=True).content.decode()
    assert "Choose what happened." in said
    body = {"explanation": "keep", "reason": "Found after the draw."}
    one.post(address(period, "explain/"), body)
    assert "Agree as the second person" not in text_of(one, address(period))
    refused = one.post(address(period, "agree/"), follow=True).content.decode()
    assert "A second person agrees" in refused
    assert LedgerEntry.objects.filter(kind="act.refused").exists()
    assert "Agree as the second person" in text_of(two, address(period))
    two.post(address(period, "agree/"))
    period.refresh_from_db()
    assert period.state == "drawn"
    assert "Explained by two people" in text_of(two, address(period))


def test_who_only_reads_may_not_explain(browser: Browser, period: SamplePeriod) -> None:
    flag_one(period)
    client = browser(Role.QA_ANALYST)
    text = client.post(address(period, "redraw/"), follow=True).content.decode()
    assert "Ask for the second signature" not in text
    for act in ("explain/", "agree/"):
        assert client.post(address(period, act)).status_code == 404
    assert browser(Role.HUMAN_AGENT).get(address(period)).status_code == 404


def test_what_was_replaced_is_told(browser: Browser, period: SamplePeriod) -> None:
    row = period.drawn.select_related("unit")[0]
    written = replace_unit(
        actor=make_person(roles=[Role.QA_LEAD]).as_actor(),
        now=NOW,
        drawn_id=row.pk,
        period_id=period.public_id,
        reason=ReplacedFor.UNREADABLE,
    )
    assert written is not None
    text = text_of(browser(Role.QA_ANALYST), address(period))
    assert f"{row.unit.label}</b>: it cannot be read." in text
    assert written.unit.label in text


def test_the_caveat_of_lots_is_printed(browser: Browser) -> None:
    document = weekly(
        key="lots",
        kind="acceptance",
        claim="lot",
        frame=[{"by": "risk", "is_not": ["critical"]}],
        acceptance={
            "standard": "iso_2859_1",
            "level": "II",
            "aql_percent": "1.0",
            "lot": ["journey"],
            "expected_lot_size": 100,
        },
    )
    for part in ("strata", "allocation", "replacements"):
        document.pop(part)
    period = run_plan(document)
    ended(20, journey="returns")
    draw_at()
    text = text_of(browser(Role.QA_ANALYST), address(period))
    assert "Accepting a lot at a limit does not show" in text
    assert "at most 0 may fail" in text


def test_a_targeted_sample_stands_for_nothing(browser: Browser) -> None:
    open_due(now=MONDAY)
    period = SamplePeriod.objects.filter(version__plan__key="directed").earliest("starts_at")
    ended(2, at=MONDAY, risk="high", targets=["complaint"])
    draw_at(MONDAY + timedelta(days=2))
    text = text_of(browser(Role.QA_ANALYST), address(period))
    assert "2 of 2 picked, which stand for nothing else" in text
    assert "Draw again" not in text


def test_a_page_asks_the_same_however_much_was_drawn(
    browser: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = browser(Role.QA_ANALYST)
    for key, count in (("one", 3), ("two", 60)):
        period = run_plan(weekly(key=key))
        ended(count)
        ended(count, risk="high")
        draw_at()
        client.get(address(period))
        with django_assert_num_queries(PAGE_QUERIES):
            client.get(address(period))
