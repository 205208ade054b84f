"""A reviewer works a review by keyboard; what is answered survives a lost server and browser."""

import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from orchestra.management.world import PASSWORD
from tests.browser.test_case_desk import WORDS, connect
from tests.browser.test_supervisor import RETURN, Site, browser, database_url, done, site

__all__ = ["browser", "database_url", "site"]

pytestmark = [pytest.mark.browser, pytest.mark.processes]

#: What a draw does, for one conversation of the demonstration: a unit, and its review.
ASSIGN = """
from datetime import timedelta
from django.utils import timezone
from cases.memory.models import Case
from governance.access.models import User
from qa.builtin.services import load_shipped
from qa.population.models import SamplingUnit
from qa.reviewing.models import Review
from qa.scorecards.models import ScorecardVersion
from orchestra.management import world
now = timezone.now()
load_shipped(actor=world.BUILDER, now=now)
case = Case.objects.get(external_ref="review-1")
talk = case.interactions.latest("pk")
unit = SamplingUnit.objects.create(kind="interaction", subject=str(talk.public_id), case=case,
    label=case.label, started_at=talk.started_at, ended_at=now, handled_by="ai", risk="medium",
    channel="chat")
card = ScorecardVersion.objects.get(scorecard__key="conversations", state="published")
review = Review.objects.create(unit=unit, scorecard=card, state="taken", taken_at=now,
    reviewer=User.objects.get(username="analyst"), assigned_at=now,
    due_at=now + timedelta(days=2))
print(review.public_id)
"""


def prepare(site: Site) -> str:
    """Let an AI agent work a case, and return the address of the analyst's review of it."""
    client = connect(site)
    case = str(client.open_case(text=WORDS, external_ref="review-1")["id"])
    person = {"first_name": "Yusuf", "last_name": "Rossi", "zip": "19122"}
    done(client, client.propose(case, "find_user_id_by_name_zip", person))
    done(client, client.propose(case, "get_order_details", {"order_id": RETURN["order_id"]}))
    client.say(case, "ai", "It has been returned. Is there anything else?")
    review = site.command("shell", "-c", ASSIGN).strip().splitlines()[-1]
    return f"{site.url}/admin/reviews/{review}/"


def sign_in(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/admin/")
    page.fill("input[name=username]", "analyst")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#sidebar")).to_contain_text("Amara Diallo")


def select(page: Page, words: str) -> None:
    """Select some words of the conversation as a person does."""
    page.evaluate(
        """words => {
          for (const piece of document.querySelectorAll("[data-from]")) {
            const at = piece.textContent.indexOf(words);
            if (at >= 0) {
              const range = document.createRange();
              range.setStart(piece.firstChild, at);
              range.setEnd(piece.firstChild, at + words.length);
              document.getSelection().removeAllRanges();
              document.getSelection().addRange(range);
            }
          }
        }""",
        words,
    )


def answered(page: Page, question: str, value: str) -> None:
    chosen = page.locator(f"#question-{question} input[value='{value}']")
    expect(chosen).to_be_checked()


def test_a_review_is_worked_by_keyboard_and_nothing_is_lost(site: Site, browser: Browser) -> None:
    address = prepare(site)
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    sign_in(page, site)
    page.goto(address)
    answer_with_evidence(page)
    lose_the_server(page)
    lose_the_browser(page, address)
    meet_another_screen(page, address)

    for question, value in (
        ("policy_followed", "yes"),
        ("nothing_asked_twice", "yes"),
        ("next_step_known", "yes"),
        ("tone", "3"),
        ("notes", "complete"),
    ):
        page.locator(f"#question-{question} input[value='{value}']").check()
    expect(page.locator("[data-foot]")).to_contain_text("Every question is answered.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("main")).to_contain_text("Handed in.")
    expect(page.locator("[data-saved]")).to_contain_text("0.0 · fail")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert complaints == []


def answer_with_evidence(page: Page) -> None:
    """Answer the first questions by keyboard, with a tool call and with words as evidence."""
    press = page.keyboard.press
    # The first question takes a tool call as its evidence.
    press("1")
    expect(page.locator("[data-saved]")).to_have_text(re.compile("^saved "))
    press("]")
    press("e")
    expect(page.locator("#question-identity_confirmed [data-evidence] li")).to_have_count(1)
    press("j")
    press("2")
    answered(page, "change_made", "no")
    expect(page.locator("#question-yes_before_change")).to_be_hidden()
    press("j")
    press("2")
    select(page, "It has been returned.")
    press("e")
    evidence = page.locator("#question-told_what_happened [data-evidence]")
    expect(evidence).to_contain_text("“It has been returned.”")
    expect(page.locator("[data-foot]")).to_contain_text("failed, so the review is 0.")
    everything_saved(page)


def lose_the_server(page: Page) -> None:
    """An answer given while the server is gone stays on the screen, and the page says so."""

    def gone(route: Route) -> None:
        route.abort()

    page.route("**/save/", gone)
    page.locator("#question-policy_followed input[value='no']").check()
    expect(page.locator("[data-unsaved]")).to_contain_text("are only on this screen.")
    page.unroute("**/save/")


def lose_the_browser(page: Page, address: str) -> None:
    """Opened again, the page brings the answer that the server never had, and sends it."""
    page.goto(address)
    answered(page, "policy_followed", "no")
    everything_saved(page)
    page.locator("#question-policy_followed input[value='yes']").check()
    everything_saved(page)
    expect(page.locator("[data-unsaved]")).to_be_hidden()


def meet_another_screen(page: Page, address: str) -> None:
    """Of two screens the later is asked which answers to keep."""
    other = page.context.new_page()
    other.goto(address)
    other.locator("#question-next_step_known input[value='yes']").check()
    everything_saved(other)
    page.locator("#question-nothing_asked_twice input[value='yes']").check()
    expect(page.locator("[data-elsewhere]")).to_be_visible()
    expect(page.locator("[data-elsewhere]")).to_contain_text("You answered this on another screen")
    page.locator("[data-keep-these]").click()
    expect(page.locator("[data-elsewhere]")).to_be_hidden()
    everything_saved(page)
    other.close()


def everything_saved(page: Page) -> None:
    """The server has every answer of this screen; "saved" alone may be of the answer before."""
    expect(page.locator("[data-review]:not([data-waiting])")).to_be_visible()
    expect(page.locator("[data-saved]")).to_have_text(re.compile("^saved "))


#: A handoff that was served, with a step that its tool confirmed, and its review.
HANDED_OVER = """
from django.utils import timezone
from datetime import timedelta
from cases.handoff.models import Handoff
from cases.memory.models import Case
from governance.access.models import User
from orchestra.management import world
from qa.builtin.services import load_shipped
from qa.population.models import SamplingUnit
from qa.reviewing.models import Review
from qa.scorecards.models import ScorecardVersion
now = timezone.now()
load_shipped(actor=world.BUILDER, now=now)
case = Case.objects.get(external_ref="review-2")
handoff = Handoff.objects.create(case=case, queue=case.queue, reason_code="customer_request",
    from_kind="system", from_id="test", from_label="Orders assistant", state="returned",
    bundle={"intent": {"title": "Return an item"},
            "completed_steps": {"steps": [{"title": "Order W1 returned"}]}},
    offered_at=now, reply_due_at=now)
unit = SamplingUnit.objects.create(kind="handoff", subject=str(handoff.public_id), case=case,
    label=case.label, started_at=now, ended_at=now, handled_by="human", risk="low",
    channel="chat")
card = ScorecardVersion.objects.get(scorecard__key="handoffs", state="published")
review = Review.objects.create(unit=unit, scorecard=card, state="taken", taken_at=now,
    reviewer=User.objects.get(username="analyst"), assigned_at=now,
    due_at=now + timedelta(days=2))
print(review.public_id)
"""


def test_a_part_of_the_bundle_is_quoted_by_key_and_by_click(site: Site, browser: Browser) -> None:
    connect(site).open_case(text=WORDS, external_ref="review-2")
    review = site.command("shell", "-c", HANDED_OVER).strip().splitlines()[-1]
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    sign_in(page, site)
    page.goto(f"{site.url}/admin/reviews/{review}/")
    for key in ("j", "j", "1", "]", "]", "e", "e"):
        page.keyboard.press(key)
    confirmed = page.locator("#question-steps_confirmed [data-evidence] li")
    expect(confirmed).to_have_count(1)
    expect(confirmed).to_contain_text("Already done")
    saved = page.locator("[data-saved]")
    expect(saved).to_have_text(re.compile("^saved "))
    page.locator("#question-intent_plain").click()
    # What was saved before says so already: the page is left once this quote is stored too.
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.locator("[data-part=intent] [data-quote-part]").click()
    said = page.locator("#question-intent_plain [data-evidence] li")
    expect(said).to_contain_text("What the customer wants")
    expect(saved).to_have_text(re.compile("^saved "))
    page.reload()
    expect(said).to_contain_text("What the customer wants")
    expect(confirmed).to_contain_text("Already done")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert complaints == []
