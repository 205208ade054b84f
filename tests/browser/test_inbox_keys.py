"""A dozen mixed requests are decided by keyboard alone, through the real pages."""

import json
import os
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from cases.tools.adapters.retail.dataset import load_database
from orchestra.management.client import OrchestraClient
from orchestra.management.world import PASSWORD
from tests.browser.test_supervisor import Site, browser, database_url, site

__all__ = ["browser", "database_url", "site"]

pytestmark = [pytest.mark.browser, pytest.mark.processes]

#: ``make test`` clears a dozen; the stated figure is a hundred.
REQUESTS = int(os.environ.get("INBOX_REQUESTS", "12"))
REASON = "The customer did not ask for this."
EVERY_REJECTED = 4


def fill(site: Site, count: int) -> None:
    """Let an AI agent propose returns and cancellations until so many wait for a person."""
    created = site.command(
        *("agents", "create", "Keyboard bot", "--owner", "operator", "--json"),
        *("--queue", "returns", "--queue", "care", "--queue", "orders", "--queue", "exchanges"),
    )
    client = OrchestraClient.open(base_url=site.url, token=json.loads(created)["token"])
    waiting = 0
    for tool, order, user in proposals():
        if waiting == count:
            return
        waiting += propose(client, tool, order, user)
    assert waiting == count


def proposals() -> list[tuple[str, Any, Any]]:
    """Return what could be proposed, the two kinds in turns, dear orders of a single customer."""
    database = load_database()
    orders = sorted(database["orders"].values(), key=lambda one: str(one["order_id"]))
    kinds: dict[str, list[tuple[str, Any, Any]]] = {"delivered": [], "pending": []}
    tools = {"delivered": "return_delivered_order_items", "pending": "cancel_pending_order"}
    seen: set[str] = set()
    for order in orders:
        status, owner = str(order["status"]), str(order["user_id"])
        dear = sum(item["price"] for item in order["items"]) > 800
        if status in kinds and dear and owner not in seen:
            seen.add(owner)
            kinds[status].append((tools[status], order, database["users"][owner]))
    pairs = zip(kinds["delivered"], kinds["pending"], strict=False)
    return [each for pair in pairs for each in pair]


def propose(client: OrchestraClient, tool: str, order: Any, user: Any) -> bool:
    """Propose one action on a case of its own, and return whether a person is asked."""
    name = str(order["order_id"])
    case = client.open_case(
        text="I want to return three items I received.", external_ref=f"keys-{name}"
    )
    client.propose(case["id"], "find_user_id_by_email", {"email": user["email"]})
    listed = client.say(case["id"], "ai", f"I would do that for {name}. Shall I?")
    yes = client.say(case["id"], "customer", "Yes, please.")
    arguments: dict[str, Any] = {"order_id": name, "reason": "no longer needed"}
    if tool == "return_delivered_order_items":
        arguments = {
            "order_id": name,
            "item_ids": [item["item_id"] for item in order["items"]],
            "payment_method_id": order["payment_history"][0]["payment_method_id"],
        }
    call = client.propose(case["id"], tool, arguments, evidence=[listed, yes])
    return bool(call["state"] == "awaiting_approval")


class Keyboard:
    """The keys of one page, counted; the text of a reason is one more each letter."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.presses = 0
        self.letters = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
        self.presses += len(keys)

    def write(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.letters += len(text)


def test_mixed_requests_are_cleared_by_keyboard(site: Site, browser: Browser) -> None:
    fill(site, REQUESTS)
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    sign_in(page, site)
    page.goto(f"{site.url}/admin/approvals/?only=may_decide")
    expect(page.locator("[data-row]")).to_have_count(min(REQUESTS, 50))

    asked: Counter[str] = Counter()
    page.on("request", lambda request: note(request, asked))
    keys = Keyboard(page)
    began = time.monotonic()
    keys.press("j", "Enter")
    for number in range(REQUESTS):
        decide(page, keys, is_rejected=number % EVERY_REJECTED == EVERY_REJECTED - 1)
    # What needs a second vote waits on, for somebody else.
    expect(page.locator('[data-fresh="count-may_decide"]')).to_have_text("0")
    seconds = round(time.monotonic() - began)

    rejected = REQUESTS // EVERY_REJECTED
    report = {
        "requests": REQUESTS,
        "keys": keys.presses,
        "letters": keys.letters,
        "seconds": seconds,
        **asked,
    }
    Path(os.environ.get("INBOX_REPORT", os.devnull)).write_text(json.dumps(report))
    assert keys.presses == 2 + (REQUESTS - rejected) + 5 * rejected
    # A vote, and the page of the next request; the page may ask for what else it shows.
    assert asked["POST"] <= 2 * REQUESTS
    assert asked["GET"] <= 3 * REQUESTS + 2
    assert complaints == []
    assert votes(site) == [REQUESTS - rejected, rejected]


def sign_in(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/admin/")
    page.fill("input[name=username]", "supervisor")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.url}/admin/")


def note(request: Request, asked: Counter[str]) -> None:
    """Count what the browser asks of the server, styles and scripts aside."""
    if request.resource_type in {"document", "fetch", "xhr", "ping"}:
        asked[request.method] += 1


def decide(page: Page, keys: Keyboard, *, is_rejected: bool) -> None:
    """Approve or reject the request on the screen, and wait until the next one is there."""
    page.locator(".decision-bar[data-seen]").first.wait_for()
    here = page.url
    if is_rejected:
        # First the kind of reason, by its first letter, then the reason in words.
        keys.press("r", "a", "Tab")
        keys.write(REASON)
        keys.press("Escape", "r")
    else:
        keys.press("a")
    page.wait_for_url(lambda url: url != here)


def votes(site: Site) -> list[int]:
    """Return how many approving and how many rejecting votes were cast."""
    counted = site.command(
        "shell",
        "-v0",
        "-c",
        "from governance.approvals.models import ApprovalVote as V; "
        "print(*(V.objects.filter(choice=c).count() for c in ('approve', 'reject')))",
    )
    return [int(number) for number in counted.split()]
