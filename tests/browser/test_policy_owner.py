"""A policy owner tries an edit: rows by key, errors on fields, the reading as one types."""

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

TRY = "/admin/policies/retail_returns/edit/"


@pytest.fixture(autouse=True)
def _own_checkpoint_file() -> None:
    """Nothing to keep apart: the processes have a folder of their own."""


def sign_in(page: Page, url: str) -> None:
    page.goto(f"{url}/admin/")
    page.fill("input[name=username]", "policy")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="Breadcrumb")).to_contain_text("Start")


def digest(site: Site) -> str:  # noqa: F811  the fixture's type
    return site.command(
        "shell",
        "-v0",
        "-c",
        "from governance.policies.models import PolicyVersion as V; "
        "print(*V.objects.order_by('pk').values_list('digest', flat=True))",
    )


def test_a_policy_owner_edits_a_scratch_copy(site: Site, browser: Browser) -> None:  # noqa: F811
    before = digest(site)
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    sign_in(page, site.url)
    page.goto(site.url + TRY)
    change_an_amount(page)
    add_a_row(page)
    page.locator("#fact-search").fill("refund goes")
    expect(page.locator("#facts-list tbody tr:visible")).to_have_count(1)
    assert complaints == []
    edit_without_script(site, browser)
    assert digest(site) == before


def change_an_amount(page: Page) -> None:
    """The reading follows what is typed, errors stand on their field, rows move by key."""
    page.get_by_role("button", name="Edit Row 4").click()
    row = page.get_by_role("region", name="Row 4")
    amount = row.get_by_label("Amount")
    amount.fill("750")
    expect(row.locator("[data-reading]")).to_have_text(
        "When amount is more than $750.00, ask for 1 vote by a supervisor."
    )
    expect(row.locator("ins")).to_have_text("$750.00")
    expect(row.locator("del")).to_have_text("$500.00")
    amount.fill("a lot")
    expect(amount).to_have_attribute("aria-invalid", "true")
    expect(amount).to_have_attribute("aria-describedby", "finding-rules.3")
    expect(row.locator("[data-findings]")).to_contain_text("“a lot” is no amount")
    expect(page.locator("#editor-errors")).to_contain_text("1 finding keeps this from going")
    expect(amount).to_have_value("a lot")
    amount.press("Alt+ArrowUp")
    moved = page.get_by_role("region", name="Row 3")
    expect(moved.get_by_label("What should hold")).to_have_value("The refund is at most $500.00")
    expect(moved.get_by_label("Amount")).to_have_value("a lot")
    moved.get_by_label("Amount").fill("600")
    expect(page.locator("#editor-errors")).not_to_contain_text("keeps this from going")


def add_a_row(page: Page) -> None:
    """A new row: the fact is found by typing and decides which input its value has."""
    page.get_by_role("button", name="Add a row").click()
    new = page.get_by_role("region", name="Row 6")
    fact = new.get_by_role("combobox", name="Fact")
    expect(fact).to_be_focused()
    page.keyboard.type("account age")
    page.keyboard.press("Enter")
    expect(new.locator("[data-findings]")).to_contain_text("No tool in scope reads “account age”")
    expect(fact).to_have_value("account age")
    fact.fill("confid")
    offered = new.get_by_role("option").first
    expect(offered).to_contain_text("confidence")
    expect(offered).to_contain_text("whoever proposes the call")
    page.keyboard.press("ArrowDown")
    expect(offered).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(new).to_contain_text("How sure the AI says it is")
    new.get_by_label("How it is compared").select_option("below")
    expect(new.get_by_label("How it is compared")).to_have_value("below")
    new.get_by_label("Value").fill("0.8")
    new.get_by_label("What should hold").fill("The AI is sure")
    new.get_by_label("Reason, in plain words").fill("A guess is no reason.")
    reading = new.locator("[data-reading]")
    expect(reading).to_have_text("When confidence is less than 0.8, refuse it.")
    new.get_by_role("button", name="Disable").click()
    expect(reading).to_contain_text("Disabled, never fires:")
    expect(new.get_by_label("What should hold")).to_have_value("The AI is sure")


def edit_without_script(site: Site, browser: Browser) -> None:  # noqa: F811
    """On a phone without script the same form checks and keeps what was typed."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    sign_in(page, site.url)
    page.goto(site.url + TRY)
    page.get_by_role("button", name="Edit Row 4").click()
    row = page.get_by_role("region", name="Row 4")
    expect(row.get_by_label("Fact")).to_have_value("amount_minor")
    row.get_by_label("Amount").fill("12.345")
    row.get_by_label("Amount").press("Enter")
    expect(row).to_contain_text("USD has 2 digits after the point.")
    expect(row.get_by_label("Amount")).to_have_value("12.345")
    row.get_by_label("Amount").fill("12.34")
    page.get_by_role("button", name="Check all rows").click()
    expect(row.locator("[data-reading]")).to_contain_text("more than $12.34")
    context.close()
