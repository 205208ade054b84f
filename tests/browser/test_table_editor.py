"""The draft of a change as a table: a finding on its row, a key away; rows struck and put back."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.test_policy_owner import sign_in
from tests.browser.test_supervisor import (  # noqa: F401  fixtures are used by name
    Site,
    browser,
    database_url,
    site,
)

pytestmark = [pytest.mark.browser, pytest.mark.processes]

POLICY = "/admin/policies/retail_returns/"


@pytest.fixture(autouse=True)
def _own_checkpoint_file() -> None:
    """Nothing to keep apart: the processes have a folder of their own."""


def row(page: Page, number: int) -> Locator:
    return page.get_by_role("region", name=f"Row {number}", exact=True)


def test_a_draft_is_mended_and_saved_by_keys(site: Site, browser: Browser) -> None:  # noqa: F811
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    sign_in(page, site.url)
    open_table(page, site.url)
    break_a_row(page)
    mend_it(page)
    remove_and_put_back(page)
    page.keyboard.press("Control+s")
    expect(page.locator("main")).to_contain_text("Saved as a draft.")
    expect(row(page, 5).locator("[data-read] ins")).to_have_text("3")
    expect(page.locator("[data-unsaved]")).to_be_hidden()
    page.get_by_role("link", name="Back to the change").click()
    expect(page.locator("main")).to_contain_text("Row 5")
    expect(page.locator("main")).to_contain_text("3 votes")
    expect(page.locator("main")).not_to_contain_text("Row 2")
    assert complaints == []


def open_table(page: Page, url: str) -> None:
    """A change of the policy, its draft as a table."""
    page.goto(url + POLICY)
    page.fill("#change-title", "Three people above 4,000")
    page.get_by_role("button", name="Open a change request").click()
    page.get_by_role("link", name="Edit as a table").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Draft of version 2")


def break_a_row(page: Page) -> None:
    """What is wrong stands on its row, on top, and beside the button that it holds back."""
    page.get_by_role("button", name="Edit Row 4").click()
    row(page, 4).get_by_label("Votes").fill("2")
    page.get_by_role("button", name="Edit Row 5").click()
    row(page, 5).get_by_label("Votes").fill("many")
    finding = row(page, 5).locator("[data-findings]")
    expect(finding).to_contain_text("Give a number of votes from 1 to 10.")
    expect(row(page, 5).get_by_label("Votes")).to_have_attribute("aria-invalid", "true")
    submit = page.get_by_role("button", name="Submit for review")
    expect(submit).to_be_disabled()
    expect(page.locator("#why-not")).to_have_text("1 finding needs attention first.")
    expect(page.locator("#editor-errors")).to_contain_text("Row 5: Give a number of votes")


def mend_it(page: Page) -> None:
    """The key n leads to the finding, Enter from there to the input."""
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("n")
    expect(row(page, 5).locator("[data-finding]")).to_be_focused()
    page.keyboard.press("Enter")
    votes = row(page, 5).get_by_label("Votes")
    expect(votes).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("3")
    expect(page.get_by_role("button", name="Submit for review")).to_be_enabled()
    expect(row(page, 5).locator("[data-read] ins")).to_have_text("3")
    expect(row(page, 5).locator("[data-read] del")).to_have_text("2")


def remove_and_put_back(page: Page) -> None:
    """A row taken away stays in sight, struck, and comes back where it stood."""
    page.get_by_text(re.compile("Rows 1 to 3: unchanged")).click()
    page.get_by_role("button", name="Edit Row 2").click()
    row(page, 2).get_by_role("button", name="Remove", exact=True).click()
    gone = page.locator("[data-gone]")
    expect(gone.locator("del")).to_have_text("When items in order is no, refuse it.")
    back = gone.get_by_role("button", name="Put Row 2 back")
    expect(back).to_be_focused()
    page.keyboard.press("Enter")
    expect(gone).to_have_count(0)
    expect(page.locator("#row-rules\\.1")).to_contain_text("items in order is no")
