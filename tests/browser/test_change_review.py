"""A change of a policy from its draft to force, by the people it takes, in the browser."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from orchestra.management.world import PASSWORD
from tests.browser.test_supervisor import (  # noqa: F401  fixtures are used by name
    Site,
    browser,
    database_url,
    site,
)

pytestmark = [pytest.mark.browser, pytest.mark.processes]

POLICY = "/admin/policies/retail_returns/"
TITLE = "Returns and refunds"


@pytest.fixture(autouse=True)
def _own_checkpoint_file() -> None:
    """Nothing to keep apart: the processes have a folder of their own."""


def sign_in(browser: Browser, url: str, who: str) -> Page:  # noqa: F811  the fixture's type
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(f"{url}/admin/")
    page.fill("input[name=username]", who)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="Breadcrumb")).to_contain_text("Start")
    return page


def test_a_change_is_written_read_approved_and_in_force(site: Site, browser: Browser) -> None:  # noqa: F811
    owner = sign_in(browser, site.url, "policy")
    address = write(owner, site.url)
    refuse_own_vote(owner)
    for who in ("compliance", "lead"):
        approve(sign_in(browser, site.url, who), site.url, address, comments=who == "compliance")
    owner.goto(address)
    expect(owner.get_by_text("approved, not in force")).to_be_visible()
    owner.get_by_role("button", name="Publish now").click()
    expect(owner.get_by_text("Published. It is in force from this moment.")).to_be_visible()
    expect(owner.get_by_role("heading", name="Publishing").locator("../..")).to_contain_text(
        "as version 2"
    )
    owner.goto(site.url + POLICY)
    expect(owner.get_by_role("heading", level=1)).to_contain_text(TITLE)
    expect(owner.locator("main")).to_contain_text("ersion 2")


def write(page: Page, url: str) -> str:
    """The owner opens a change, edits its text, and hands it in."""
    page.goto(url + POLICY)
    page.get_by_label("What it changes, in one line").fill("A better title")
    page.get_by_label("Why", exact=True).fill("People look for refunds.")
    page.get_by_role("button", name="Open a change request").click()
    text = page.get_by_label("As YAML")
    text.fill(re.sub(r"(?m)^title: .*$", f"title: {TITLE}", text.input_value(), count=1))
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#what-changes ins").first).to_be_visible()
    expect(page.locator("#what-changes")).to_contain_text("are the same, word for word.")
    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_text("Submitted. Others vote on it now.")).to_be_visible()
    return page.url


def refuse_own_vote(page: Page) -> None:
    """Whoever wrote it is told why there is no vote for them."""
    expect(page.locator("#your-vote")).to_contain_text("You wrote this; you may not vote on it.")
    expect(page.locator("#your-vote button")).to_have_count(0)
    expect(page.get_by_text("may not vote on own change")).to_be_visible()


def approve(page: Page, url: str, address: str, *, comments: bool) -> None:
    """A reviewer comes by the badge, reads, comments on the title, and approves."""
    badge = page.locator('[data-badge="changes"]')
    expect(badge).to_have_text("1")
    page.goto(f"{url}/admin/change-requests/")
    page.get_by_role("link", name="A better title").click()
    page.wait_for_url(address, wait_until="load")
    page.keyboard.press("d")
    expect(page).to_have_url(f"{address}#what-changes")
    if comments:
        page.get_by_role("link", name="Comment on Title").click()
        page.get_by_label("Comment", exact=True).fill("Do the articles follow?")
        page.get_by_role("button", name="Comment", exact=True).click()
        expect(page.locator("#comments")).to_contain_text("on Title")
        expect(page.locator("#comments")).to_contain_text("1, 1 not resolved")
    page.get_by_label("Reason (kept in the ledger)").fill("Read all of it.")
    page.get_by_role("button", name="Approve version 2").click()
    password = page.get_by_label("Your password")
    expect(page.get_by_text("Your approval counts.").or_(password)).to_be_visible()
    if password.is_visible():
        password.fill(PASSWORD)
        page.get_by_role("button", name="Confirm and vote").click()
    expect(page.get_by_text("Your approval counts.")).to_be_visible()
    expect(page.get_by_text("“Read all of it.”").first).to_be_visible()
    expect(badge).to_have_count(0)
