"""The list of open questions: whom it shows what, where it leads, and what it costs."""

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.admin.questions import PAGE_SIZE
from cases.handoff.models import OpenQuestion
from tests.cases.admin.conftest import Browser
from tests.flows.conftest import World
from tests.flows.helpers import open_case

LIST = "/admin/questions/"
#: The visit, what one side asks for, what the other does, and the words of both.
QUERIES = 6


def ask(world: World, case: str, question: str = "Covered?", **to: str) -> str:
    body = {"to": to or {"queue": "care"}, "question": question}
    made = world.api.post(f"cases/{case}/consults/", body)
    assert made.status_code == 201, made.content
    return str(made.json()["id"])


def page_of(client: Any, link: str = LIST) -> str:
    return str(client.get(link).content.decode())


def test_a_question_stands_with_who_is_asked_until_it_is_answered(
    retail: World, browser: Browser
) -> None:
    case = open_case(retail)
    nadia, lena, reader = (browser(one) for one in ("specialist", "agent", "compliance"))
    person = str(retail.people["specialist"].public_id)
    by_name, of_queue = ask(retail, case, "By name?", person=person), ask(retail, case, "Of care?")
    link = f'href="/admin/cases/{case}/#consult-{by_name}"'
    page = page_of(nadia)
    assert "2 questions wait for your word" in page
    assert page.index("By name?") < page.index("Of care?")
    assert link in page
    assert f'id="consult-{by_name}"' in page_of(nadia, f"/admin/cases/{case}/")
    page = page_of(lena)
    assert "1 question waits for your word" in page
    assert "By name?" not in page
    assert "Nobody waits for your word" in page_of(reader)
    for each in (by_name, of_queue):
        nadia.post(f"/admin/cases/{case}/consults/{each}/answer/", {"answer": "Yes."})
    assert "Nobody waits for your word" in page_of(nadia)
    assert not OpenQuestion.objects.exists()
    assert browser("policy").get(LIST).status_code == 404


def test_who_asked_sees_what_they_wait_for(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    lena, nadia = browser("agent"), browser("specialist")
    lena.post(f"/admin/cases/{case}/ask/", {"queue": "care", "question": "Is mail a@b.org his?"})
    mine, theirs = page_of(lena), page_of(nadia)
    assert "Nobody waits for your word" in mine
    assert "Is mail" in mine.split("You asked")[1]
    assert "1 question waits for your word" in theirs
    assert "You wait for nobody." in theirs
    assert "a@b.org" not in mine + theirs


def test_a_closed_case_asks_nobody(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    ask(retail, case)
    OpenQuestion.objects.get().case.__class__.objects.update(status="closed")
    assert "Nobody waits for your word" in page_of(browser("specialist"))


def test_it_goes_by_pages_and_its_queries_do_not_grow(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    nadia = browser("specialist")
    for number in range(3):
        ask(retail, case, f"Question {number}?")
    with CaptureQueriesContext(connection) as few:
        page_of(nadia)
    for number in range(3, PAGE_SIZE + 2):
        ask(retail, case, f"Question {number}?")
    with CaptureQueriesContext(connection) as many:
        page = page_of(nadia)
    assert (len(few), len(many)) == (QUERIES, QUERIES)
    assert f"More than {PAGE_SIZE} questions wait for your word" in page
    assert f"Question {PAGE_SIZE}?" not in page
    (link,) = [part.split('"')[0] for part in page.split('href="') if part.startswith(LIST + "?")]
    page = page_of(nadia, link)
    assert "2 questions wait for your word" in page
    assert f"Question {PAGE_SIZE + 1}?" in page


def test_over_rest_each_sees_their_side(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    made = ask(retail, case)
    (own,) = retail.api.get("questions/?asked=by_me").json()["results"]
    assert (own["id"], own["case"], own["question"]) == (made, case, "Covered?")
    assert (own["queue"], own["who"], own["answered_at"]) == ("returns", "Customer care", None)
    assert retail.api.get("questions/").json()["results"] == []
    client = browser("specialist")
    (asked,) = client.get("/api/v1/questions/").json()["results"]
    assert asked["id"] == made
    assert client.get("/api/v1/questions/?asked=by_me").json()["results"] == []
    assert client.get("/api/v1/questions/?asked=by_all").status_code == 422
