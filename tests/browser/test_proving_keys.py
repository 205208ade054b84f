"""A compliance officer plays a case back and reads ledger entries by keyboard alone."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from orchestra.management.world import PASSWORD
from tests.browser.test_supervisor import Site, browser, database_url, site, waiting_return

__all__ = ["browser", "database_url", "site"]

pytestmark = [pytest.mark.browser, pytest.mark.processes]
PLAYING = "sessionStorage.getItem('orc.playback')"


def line_of(page: Page, name: str) -> str:
    """Where a key of the time line leads, with the site before it."""
    told = page.locator("[data-playback]").get_attribute(f"data-{name}") or ""
    return page.url.partition("/admin/")[0] + told


def link_of(page: Page, key: str) -> str:
    href = page.locator(f'a[data-key="{key}"]').get_attribute("href") or ""
    return page.url.partition("/admin/")[0] + href


def press(page: Page, key: str, address: str) -> None:
    page.keyboard.press(key)
    page.wait_for_url(address)


def test_a_case_is_played_and_entries_are_read_by_keys(
    site: Site, browser: Browser, tmp_path: Path
) -> None:
    waiting_return(site)
    page = browser.new_page(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(f"{site.url}/admin/")
    page.fill("input[name=username]", "compliance")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("h1")

    playback(page, site)
    entries(page, site, tmp_path)
    assert complaints == []


def playback(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/admin/ledger/case-at/?case=C-1")
    first, last = line_of(page, "first"), line_of(page, "last")
    press(page, "Home", first)
    expect(page.locator('[data-key="k"]')).to_have_count(0)
    press(page, "End", last)
    expect(page.locator('[data-key="j"]')).to_have_count(0)
    press(page, "k", link_of(page, "k"))
    press(page, "j", last)
    decided = link_of(page, "K")
    press(page, "Shift+K", decided)
    press(page, "Shift+J", link_of(page, "J"))

    # Space plays on by itself, entry by entry; any other key stops it where it is.
    press(page, "Home", first)
    second = line_of(page, "next")
    page.keyboard.press("Space")
    page.wait_for_url(second)
    third = line_of(page, "next")
    page.wait_for_url(third)
    page.keyboard.press("Escape")
    assert page.evaluate(PLAYING) is None
    # Space stops it as well; at the end there is nothing to play.
    page.keyboard.press("Space")
    assert page.evaluate(PLAYING) is not None
    page.keyboard.press("Space")
    assert page.evaluate(PLAYING) is None
    press(page, "End", last)
    page.keyboard.press("Space")
    assert page.evaluate(PLAYING) is None


def entries(page: Page, site: Site, folder: Path) -> None:
    page.goto(f"{site.url}/admin/ledger/?group=case.opened")
    page.locator("[data-open]").first.click()
    page.locator("#entry h2 a").click()
    expect(page.get_by_role("heading", name="Ledger entry")).to_be_visible()
    words, raw = (page.locator(f'[data-entry-view="{name}"]') for name in ("words", "raw"))
    expect(words).to_be_visible()
    expect(raw).to_be_hidden()
    page.keyboard.press("e")
    expect(raw).to_be_visible()
    expect(words).to_be_hidden()
    # The way of reading is kept on the way through the stream.
    here, after = page.url, link_of(page, "j")
    press(page, "j", after)
    expect(raw).to_be_visible()
    press(page, "k", here)
    page.keyboard.press("e")
    expect(words).to_be_visible()
    with page.expect_download() as taken:
        page.keyboard.press("p")
    taken.value.save_as(folder / "proof")
    assert (folder / "proof").read_text(encoding="utf-8").startswith("c2sp.org/tlog-proof@v1")
    page.keyboard.press("v")
    expect(page.locator("main")).to_contain_text("nothing altered")
