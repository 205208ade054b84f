"""A draft is rehearsed where it is read; only what was rehearsed can be voted on."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from orchestra.management.world import PASSWORD
from tests.browser.test_supervisor import (  # noqa: F401  fixtures are used by name
    Site,
    browser,
    database_url,
    site,
    waiting_return,
)

pytestmark = [pytest.mark.browser, pytest.mark.processes]

#: What asks for a vote on the refund of the three items, and a draft that asks for none.
LOOSER = {
    "USD: 50000": "USD: 9000000",
    "above: 50000": "above: 9000000",
    "above: 400000": "above: 9500000",
    "at_most: 100000": "at_most: 9000000",
}


@pytest.fixture(autouse=True)
def _own_checkpoint_file() -> None:
    """Nothing to keep apart: the processes have a folder of their own."""


def sign_in(browser: Browser, url: str, login: str, complaints: list[str]) -> Page:  # noqa: F811
    page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(f"{url}/admin/")
    page.fill("input[name=username]", login)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="Breadcrumb")).to_contain_text("Start")
    return page


def open_change(page: Page, url: str) -> str:
    """Open a change of the returns policy, write its text, and hand it in; return its address."""
    page.goto(f"{url}/admin/policies/retail_returns/")
    page.get_by_label("What it changes, in one line").fill("Ask later")
    page.get_by_role("button", name="Open a change request").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ask later")
    write(page, LOOSER)
    submit(page)
    return page.url.partition("#")[0]


def write(page: Page, edits: dict[str, str]) -> None:
    text = page.get_by_label("As YAML")
    held = text.input_value()
    for before, after in edits.items():
        assert before in held
        held = held.replace(before, after, 1)
    text.fill(held)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def submit(page: Page) -> None:
    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_text("Submitted.")).to_be_visible()


def rehearse(page: Page) -> None:
    page.get_by_role("button", name="Rehearse this text").click()
    # The page reads itself anew once the worker is done.
    expect(page.locator("table.mx").first).to_be_visible(timeout=20_000)


def test_what_is_rehearsed_is_what_is_voted_on(site: Site, browser: Browser) -> None:  # noqa: F811
    waiting_return(site)
    complaints: list[str] = []
    owner = sign_in(browser, site.url, "policy", complaints)
    officer = sign_in(browser, site.url, "compliance", complaints)
    change = open_change(owner, site.url)

    officer.goto(change)
    expect(officer.locator("#rehearsal")).to_contain_text(
        "Not rehearsed yet. Voting opens when it is."
    )
    expect(officer.get_by_role("button", name="Approve")).to_have_count(0)

    rehearse(owner)
    choose_a_cell(owner)
    vote(officer, change)

    write(owner, {"above: 9500000": "above: 9600000"})
    submit(owner)
    expect(owner.locator("main")).to_contain_text("Two digests that should be one")
    officer.goto(change)
    expect(officer.locator("main")).to_contain_text("Rehearsal and text do not belong together.")
    expect(officer.locator("main")).to_contain_text("The old report stays readable")
    expect(officer.get_by_role("button", name="Approve")).to_have_count(0)

    rehearse(owner)
    officer.goto(change)
    expect(officer.get_by_role("button", name="Approve")).to_have_count(1)
    assert complaints == []


def choose_a_cell(page: Page) -> None:
    """By keys: m to the matrix, arrows to the number, Enter for its decisions."""
    expect(page.locator("#behind")).to_contain_text("Cases behind “approve → allow”")
    expect(page.locator("#behind")).to_contain_text("C-1")
    page.keyboard.press("m")
    focused = page.locator("[data-cell]:focus")
    expect(focused).to_have_attribute("aria-label", "1 approve → allow, looser")
    page.keyboard.press("ArrowUp")
    expect(focused).to_have_attribute("aria-label", re.compile("allow → allow, same verdict"))
    page.keyboard.press("Enter")
    expect(page.locator("#behind")).to_contain_text("Cases behind “allow → allow”")
    expect(page).to_have_url(re.compile("cell=allow%3Eallow"))


def vote(page: Page, change: str) -> None:
    """A second person reads what it is bound to, and may vote now."""
    page.goto(change)
    bound = page.locator("section", has_text="What the rehearsal is bound to").last
    expect(bound).to_contain_text("Publishing a draft with another digest is refused.")
    page.get_by_label("Reason").fill("I read the cases.")
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("main")).to_contain_text("I read the cases.")
    expect(page.locator("main")).to_contain_text("1 of 2")
