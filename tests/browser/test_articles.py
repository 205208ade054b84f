"""A policy owner writes an article beside its view; somebody finds one by keys alone."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_policy_owner import sign_in
from tests.browser.test_supervisor import (  # noqa: F401  fixtures are used by name
    Site,
    browser,
    database_url,
    site,
)

pytestmark = [pytest.mark.browser, pytest.mark.processes]
TEXT = "Wrapping is **free** above $50.\n\n## How\n\n- ask first\n\n<script>top.hit=1</script>"


@pytest.fixture(autouse=True)
def _own_checkpoint_file() -> None:
    """Nothing to keep apart: the processes have a folder of their own."""


def test_an_article_is_found_and_written(site: Site, browser: Browser) -> None:  # noqa: F811
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    sign_in(page, site.url)
    find_by_key(page, site.url)
    write(page, site.url)
    assert complaints == []
    address = page.url
    page.context.close()
    write_without_script(browser, site.url, address)


def find_by_key(page: Page, url: str) -> None:
    """The search is reached, asked and its first hit opened without a mouse."""
    page.goto(f"{url}/admin/knowledge/")
    page.keyboard.press("s")
    page.keyboard.type("gift card return")
    page.keyboard.press("Enter")
    expect(page.locator("mark").first).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("article.article-text")).to_be_visible()


def write(page: Page, url: str) -> None:
    """What is typed is seen as it will look, before it is saved, and runs nothing."""
    page.goto(f"{url}/admin/change-requests/new/article/")
    page.get_by_label("Title", exact=True).fill("Gift wrapping")
    page.get_by_role("button", name="Begin").click()
    page.get_by_label("Body", exact=True).fill(TEXT)
    view = page.locator("[data-preview]")
    expect(view.locator("strong")).to_have_text("free")
    expect(view.locator("h3")).to_have_text("How")
    expect(view).to_contain_text("<script>")
    assert page.evaluate("window.hit === undefined")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.get_by_role("link", name="Edit the article").click()
    expect(page.get_by_label("Body", exact=True)).to_have_value(TEXT)


def write_without_script(browser: Browser, url: str, address: str) -> None:  # noqa: F811
    """The button asks for the view where no script does."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    sign_in(page, url)
    page.goto(address)
    page.get_by_label("Body", exact=True).fill("Now *slanted*.")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("[data-preview] em")).to_have_text("slanted")
    context.close()
