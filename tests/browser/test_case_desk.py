"""A specialist works a handed-over case by keyboard; hostile words on its page stay words."""

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from orchestra.management.client import OrchestraClient
from orchestra.management.world import PASSWORD
from tests.browser.test_supervisor import RETURN, Site, browser, database_url, done, site
from tests.cases.admin.test_hostile_answers import CORPUS, MARK

__all__ = ["browser", "database_url", "site"]

pytestmark = [pytest.mark.browser, pytest.mark.processes]

DRAFT = "I have read it all. The refund goes to the card that paid."
WORDS = "I want to return the vacuum cleaner, the headphones and the smart watch I received."


def connect(site: Site) -> OrchestraClient:
    created = site.command(
        *("agents", "create", "Desk bot", "--owner", "operator", "--json"),
        *("--queue", "returns", "--queue", "care", "--queue", "orders"),
    )
    return OrchestraClient.open(base_url=site.url, token=json.loads(created)["token"])


def hand_over(client: OrchestraClient, case: str, **more: str) -> None:
    body = {"to": {"queue": "returns"}, "reason_code": "customer_request", **more}
    assert client.post(f"cases/{case}/handoffs/", body)["state"] == "offered"


def sign_in(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/admin/")
    page.fill("input[name=username]", "specialist")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#sidebar")).to_contain_text("Nadia Ferreira")


def test_a_case_is_taken_over_and_finished_by_keyboard(site: Site, browser: Browser) -> None:
    client = connect(site)
    case = str(client.open_case(text=WORDS, external_ref="desk-1")["id"])
    person = {"first_name": "Yusuf", "last_name": "Rossi", "zip": "19122"}
    # What is done already is not offered again: the page is opened once both are.
    done(client, client.propose(case, "find_user_id_by_name_zip", person))
    done(client, client.propose(case, "get_order_details", {"order_id": RETURN["order_id"]}))
    hand_over(client, case, customer_paragraph=DRAFT, suggested_next_step="Ask for the yes.")
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    sign_in(page, site)
    press = page.keyboard.press

    press("g")
    press("h")
    expect(page).to_have_url(f"{site.url}/admin/handoffs/")
    press("j")
    press("Enter")
    expect(page.get_by_role("heading", name="Handoff bundle")).to_be_visible()
    press("t")
    expect(page.locator("main")).to_contain_text("You have C-")
    press("b")
    expect(page).to_have_url(f"{site.url}/admin/cases/{case}/#bundle")
    expect(page.locator("#bundle")).to_contain_text(DRAFT)
    press("e")
    expect(page.locator("#bundle")).to_contain_text("Judged enough")

    reply_in_own_words(page, client, case)
    propose_and_wrap_up(page)
    seen = client.get(f"cases/{case}/")
    assert seen["status"] == "resolved"
    assert str(seen["outcome"]).endswith("The return waits for a supervisor.")
    assert complaints == []


def reply_in_own_words(page: Page, client: OrchestraClient, case: str) -> None:
    """Change the draft and send it, while the page goes on learning what is new."""
    press = page.keyboard.press
    # The draft is the AI's until a word is changed; it is sent by the person.
    press("r")
    reply = page.locator("#reply")
    expect(reply).to_be_focused()
    expect(reply).to_have_value(DRAFT)
    expect(reply).to_have_class("textarea is-draft")
    press("Control+Home")
    page.keyboard.type("Hello Yusuf, I am Nadia, a person. ")
    expect(reply).to_have_class("textarea")
    press("Control+Enter")
    lines = page.locator("#conversation-lines")
    expect(lines).to_contain_text(f"I am Nadia, a person. {DRAFT}")
    expect(page.locator("#reply")).to_have_value("")

    # What the customer says meanwhile comes by itself, and what is being typed stays.
    press("r")
    page.keyboard.type("One moment")
    client.say(case, "customer", "Yes, please, to that card.")
    expect(lines).to_contain_text("Yes, please, to that card.", timeout=15_000)
    expect(page.locator("#reply")).to_have_value("One moment")
    press("Escape")

    press("s")
    page.keyboard.type("refund")
    press("Enter")
    expect(page.locator("#articles")).to_contain_text("because of “refund”")
    press("Escape")


def propose_and_wrap_up(page: Page) -> None:
    """Propose the return through the governed path, then sign the drafted summary."""
    press = page.keyboard.press
    press("1")
    expect(page.get_by_role("heading", level=1)).to_have_text("Return delivered items")
    press("Tab")
    fill_by_keyboard(page)
    expect(page.locator("#calls")).to_contain_text("waits for approval")

    press("w")
    press("Space")
    press("Tab")
    expect(page.locator("#disposition")).to_be_focused()
    page.keyboard.type("Partly")
    press("Tab")
    expect(page.locator("#summary")).to_be_focused()
    press("Control+End")
    page.keyboard.type(" The return waits for a supervisor.")
    press("Control+Enter")
    expect(page.locator("#wrap-up")).to_contain_text("The return waits for a supervisor.")
    expect(page.locator("#wrap-up")).to_contain_text("partly solved")


def fill_by_keyboard(page: Page) -> None:
    """Fill the form of the return from its first field on, and propose it."""
    values: dict[str, Any] = {**RETURN, "item_ids": "\n".join(RETURN["item_ids"])}
    page.locator("[name^='arg.']").first.focus()
    for _each in values:
        name = str(page.evaluate("document.activeElement.name")).removeprefix("arg.")
        page.keyboard.press("Control+A")
        page.keyboard.type(values[name])
        page.keyboard.press("Tab")
    for _each in range(3):
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
    page.keyboard.press("Control+Enter")


def test_hostile_words_run_nowhere_and_none_is_lost(site: Site, browser: Browser) -> None:
    client = connect(site)
    every = "\n".join(CORPUS)
    case = hostile_case(client, every)
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    ran: list[str] = []
    page.expose_function(MARK, lambda: ran.append("a script ran"))
    page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    page.on(
        "request",
        lambda asked: None if asked.url.startswith((site.url, "data:")) else ran.append(asked.url),
    )
    sign_in(page, site)
    page.goto(f"{site.url}/admin/cases/{case}/")
    page.keyboard.press("t")
    expect(page.locator("main")).to_contain_text("You have C-")
    page.locator("details").evaluate_all("each => each.forEach(one => (one.open = true))")
    assert page.locator("#reply").input_value().split() == every.split()
    said = page.locator("#conversation-lines .tx").all_text_contents()
    for text in CORPUS:
        assert said.count(text) == 2, text
        for place in ("#bundle", "#record"):
            assert text in str(page.locator(place).text_content()), (place, text)

    client.say(case, "customer", f"Now {CORPUS[1]}")
    expect(page.locator("#conversation-lines")).to_contain_text(f"Now {CORPUS[1]}", timeout=15_000)
    use_forms(page, every)
    page.wait_for_load_state("networkidle")
    assert page.locator(f"[onerror], [onload], [onmouseover], {MARK}").count() == 0
    assert ran == []


def use_forms(page: Page, every: str) -> None:
    """Send the same words through the forms of the page."""
    page.fill("#article-words", CORPUS[4])
    page.locator("[data-articles] button").click()
    expect(page.locator("#articles-found")).to_be_visible()
    page.fill("#reply", every)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#conversation-lines .msg.is-human .tx")).to_contain_text(CORPUS[-1])
    page.locator("input[name=outcome]").first.check()
    page.fill("#summary", CORPUS[0])
    page.keyboard.press("Control+Enter")
    expect(page.locator("#wrap-up")).to_contain_text(CORPUS[0])


def hostile_case(client: OrchestraClient, every: str) -> str:
    """Open a case whose every field that an agent writes holds hostile words, and hand it over."""
    case = str(client.open_case(text=f"Return. {every}", external_ref=f"x {CORPUS[0]}")["id"])
    for text in CORPUS:
        client.say(case, "customer", text)
        client.say(case, "ai", text)
    client.propose(case, "get_order_details", {"order_id": CORPUS[2]}, rationale=every[:1000])
    hand_over(
        client,
        case,
        note=every,
        suggested_next_step=every[:500],
        customer_paragraph=every,
    )
    return case
