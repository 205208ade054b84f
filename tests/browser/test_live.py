"""Open pages are told at once of what is new, and say so when they are not: a real server."""

import time
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from orchestra.management.world import PASSWORD
from tests.browser.test_supervisor import Site, browser, database_url, site, waiting_return

__all__ = ["browser", "database_url", "site"]

pytestmark = [pytest.mark.browser, pytest.mark.processes]

#: Well below the fifteen seconds after which a page would ask by itself.
AT_ONCE = 10_000


def sign_in(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/admin/")
    page.fill("input[name=username]", "supervisor")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("nav").first).to_be_visible()


def open_live(page: Page, address: str) -> None:
    """Open a page and return once its stream is there."""
    with page.expect_response(lambda answer: "/admin/live/" in answer.url) as held:
        page.goto(address)
    assert held.value.headers["content-type"] == "text/event-stream"


def test_pages_are_told_at_once_and_say_when_the_stream_broke(site: Site, browser: Browser) -> None:
    desk = browser.new_context(viewport={"width": 1440, "height": 900})
    inbox, start = desk.new_page(), desk.new_page()
    sign_in(inbox, site)
    open_live(inbox, f"{site.url}/admin/approvals/")
    open_live(start, f"{site.url}/admin/")
    call_id = waiting_return(site)
    expect(inbox.locator("[data-newbar]")).to_contain_text("1 new request", timeout=AT_ONCE)
    expect(start.locator("[data-live-bar]")).to_contain_text("has changed", timeout=AT_ONCE)
    start.locator("[data-live-bar] a").click()
    expect(start.locator("main")).to_contain_text("Take back 3 of 5 items")

    start.get_by_role("link", name="Take back 3 of 5 items").first.click()
    case = start.get_by_role("link", name="C-1").first.get_attribute("href")
    open_live(start, f"{site.url}{case}")
    expect(start.locator("[data-live-bar]")).to_be_hidden()
    site.command(
        "shell",
        "-v0",
        "-c",
        "from cases.tools.models import ToolCall; from cases.memory import services; "
        "from orchestra.core import clock; from orchestra.core.actors import system; "
        f"c = ToolCall.objects.get(public_id='{call_id}').case; "
        "services.add_message(actor=system('test'), now=clock.now(), case=c, "
        "speaker='customer', text='Are you there?')",
    )
    expect(start.locator("[data-live-bar]")).to_contain_text("on this case", timeout=AT_ONCE)

    # The server lets a stream go that nobody will take up again; ordinary answers go on.
    inbox.route("**/admin/live/**", lambda route: route.abort())
    late = inbox.locator("[data-late]")
    expect(late).to_be_visible(timeout=60_000)
    expect(late).to_contain_text("The live connection broke at")
    expect(inbox.locator("[data-every]")).to_have_text("15")
    inbox.unroute("**/admin/live/**")
    expect(late).to_be_hidden(timeout=60_000)


def test_a_stream_ends_with_the_sign_out(site: Site, browser: Browser) -> None:
    desk = browser.new_context()
    page, other = desk.new_page(), desk.new_page()
    sign_in(page, site)
    open_live(page, f"{site.url}/admin/approvals/")
    cookies = {one["name"]: one["value"] for one in desk.cookies()}
    with httpx.stream("GET", f"{site.url}/admin/live/", cookies=cookies, timeout=15) as held:
        lines = held.iter_lines()
        assert next(lines) == "retry: 1000"
        other.goto(f"{site.url}/admin/")
        other.evaluate("document.querySelector('form[action*=logout]').submit()")
        assert "event: over" in list(lines)
    expect(page.locator("[data-late]")).to_be_visible(timeout=AT_ONCE)


def hold_all_six(held: ExitStack, site: Site, cookies: dict[str, str]) -> list[Iterator[str]]:
    """Hold every stream one person may have; that of a page just left is let go a little later.

    A stream is held as long as its lines are.
    """
    ends = time.monotonic() + 60
    kept: list[Iterator[str]] = []
    while len(kept) < 6:
        stream = httpx.stream("GET", f"{site.url}/admin/live/", cookies=cookies, timeout=60)
        lines = held.enter_context(stream).iter_lines()
        if next(lines) == "retry: 1000":
            kept.append(lines)
        assert time.monotonic() < ends, f"only {len(kept)} streams were given"
    return kept


def test_a_page_beyond_what_one_person_may_hold_asks_and_says_so(
    site: Site, browser: Browser
) -> None:
    desk = browser.new_context()
    page = desk.new_page()
    sign_in(page, site)
    cookies = {one["name"]: one["value"] for one in desk.cookies()}
    page.goto("about:blank")
    with ExitStack() as held:
        kept = hold_all_six(held, site, cookies)
        page.goto(f"{site.url}/admin/approvals/")
        told = page.locator("[data-live-full]")
        expect(told).to_be_visible(timeout=AT_ONCE)
        expect(told).to_contain_text("this one asks every 15 seconds")
        expect(page.locator("[data-late]")).to_be_hidden()
        del kept
    # Once others let go, the page is told again and no longer says so.
    expect(told).to_be_hidden(timeout=60_000)
