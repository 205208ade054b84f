"""A supervisor signs in, approves, and sees the effect: real browser, server, worker, store."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from orchestra.management.client import OrchestraClient
from orchestra.management.processes import Processes, free_port
from orchestra.management.world import PASSWORD
from tests.databases import own_database

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
RETURN: dict[str, Any] = {
    "order_id": "#W2378156",
    "item_ids": ["4602305039", "4202497723", "9408160950"],
    "payment_method_id": "credit_card_9513926",
}

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture(autouse=True)
def _own_checkpoint_file() -> None:
    """Nothing to keep apart: the processes have a folder of their own."""


@dataclass
class Site:
    """A running demonstration without its own agent."""

    url: str
    env: dict[str, str]

    def command(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout


@pytest.fixture
def database_url() -> Iterator[str]:
    """Name a database of its own where the suite runs on a server, else none."""
    with own_database("orchestra_browser") as url:
        yield url


@pytest.fixture
def site(tmp_path: Path, database_url: str) -> Iterator[Site]:
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "orchestra.settings.local",
        "ORCHESTRA_VAR": str(tmp_path / "var"),
    }
    env.pop("DATABASE_URL", None)
    if database_url:
        env["DATABASE_URL"] = database_url
    port = free_port()
    arguments = ["manage.py", "demo", "--quiet-agent", "--port", str(port)]
    with Processes(log_dir=tmp_path, env=env) as processes:
        processes.start("demo", arguments)
        processes.wait_until_answers(f"http://127.0.0.1:{port}/healthz")
        yield Site(url=f"http://127.0.0.1:{port}", env=env)
        demo = processes.children["demo"]
        demo.send_signal(signal.SIGINT)
        assert demo.wait(timeout=40) == 0
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2)


@pytest.fixture
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("ORCHESTRA_REQUIRE_SERVICES") == "1":
            pytest.fail("Chromium is required here and is not installed")
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


def done(client: OrchestraClient, call: dict[str, Any]) -> None:
    """Wait for the worker: a call that has not come to its end fails."""
    assert client.call(str(call["id"]), wait=25)["state"] == "succeeded"


def waiting_return(site: Site) -> str:
    """Let an AI agent propose a return over REST, and return the call's id once it waits."""
    created = site.command(
        *("agents", "create", "Browser bot", "--owner", "operator", "--json"),
        *("--queue", "returns", "--queue", "care", "--queue", "orders", "--queue", "exchanges"),
    )
    token = json.loads(created)["token"]
    client = OrchestraClient.open(base_url=site.url, token=token)
    case = client.open_case(text="I want to return three items I received.", external_ref="b-1")
    person = {"first_name": "Yusuf", "last_name": "Rossi", "zip": "19122"}
    client.propose(case["id"], "find_user_id_by_name_zip", person)
    listed = client.say(case["id"], "ai", "I would return three items. Shall I?")
    yes = client.say(case["id"], "customer", "Yes, please.")
    call = client.propose(
        case["id"], "return_delivered_order_items", RETURN, evidence=[listed, yes]
    )
    assert call["state"] == "awaiting_approval", call
    return str(call["id"])


def sign_in(page: Page, site: Site, login: str = "supervisor") -> None:
    page.goto(f"{site.url}/admin/")
    page.fill("input[name=username]", login)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("1 approval")


def test_a_supervisor_approves_and_sees_the_effect(site: Site, browser: Browser) -> None:
    call_id = waiting_return(site)
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)

    sign_in(page, site)
    page.goto(f"{site.url}/admin/approvals/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Before and after")).to_be_visible()
    expect(page.locator("main")).to_contain_text("#W2378156")
    expect(page.locator("main")).to_contain_text("return requested")

    # "Not now" is no vote: it leads on, here back to the list, where the request still waits.
    press_of_vote(page, "n")
    expect(page).to_have_url(f"{site.url}/admin/approvals/")
    page.keyboard.press("f")
    expect(page.get_by_role("link", name="All waiting")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Take back 3 of 5 items").first.click()
    address = page.url.partition("?")[0]
    page.get_by_role("button", name="Approve").click()
    # Signing in a moment ago is proof enough of who votes. The way goes on in the inbox, where
    # nothing is left; the request's own page tells what became of it.
    expect(page).to_have_url(f"{site.url}/admin/approvals/")
    page.goto(address)
    expect(page.locator("#outcome")).to_contain_text(
        "reading it back confirms the effect", timeout=20_000
    )

    page.goto(f"{site.url}/admin/ledger/")
    expect(page.locator("main")).to_contain_text("Maren Osei voted to approve")
    expect(page.locator("main")).to_contain_text("carried out")
    assert complaints == []
    states = site.command(
        "shell",
        "-v0",
        "-c",
        "from cases.tools.models import ToolCall; "
        f"c = ToolCall.objects.get(public_id='{call_id}'); print(c.state, c.confirmed, c.attempt)",
    )
    assert states.split() == ["succeeded", "True", "1"]
    verified = json.loads(site.command("ledger", "verify", "--json"))
    assert verified["ok"] is True


def desk_of(browser: Browser, width: int, height: int, complaints: list[str]) -> Page:
    """Open a page of a session of its own; what its console complains of is kept."""
    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    return page


def press_of_vote(page: Page, key: str) -> None:
    """Press a key of the bar of a vote, which does nothing before the bar was on the screen."""
    page.locator(".decision-bar[data-seen]").wait_for()
    page.keyboard.press(key)


def edit_by_keyboard(page: Page) -> None:
    """Edit the request whose page is open, from its keys, and end on the new one's page."""
    # A rejection without its kind goes nowhere; the cursor goes to where it is chosen.
    page.get_by_label("Reason", exact=True).fill("Too much.")
    page.keyboard.press("Escape")
    press_of_vote(page, "r")
    expect(page.get_by_label("Kind of reason, to reject")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page.get_by_role("heading", name="Before you ask for it")).to_be_visible()
    page.get_by_label("Item ids").fill("\n".join(RETURN["item_ids"][:2]))
    expect(page.locator("[data-edit-count]")).to_contain_text("Item ids")
    page.keyboard.press("Escape")
    page.keyboard.press("p")
    expect(page.get_by_role("heading", name="What your edit would do")).to_be_visible()
    page.get_by_label("Reason for the edit").fill("The customer keeps the third.")
    page.get_by_role("button", name="Ask for this instead").click()
    expect(page.locator("main")).to_contain_text("You edited it last.")


def test_an_edit_is_decided_by_another_person_and_runs(site: Site, browser: Browser) -> None:
    call_id = waiting_return(site)
    complaints: list[str] = []
    editor = desk_of(browser, 1440, 900, complaints)
    voter = desk_of(browser, 390, 844, complaints)

    sign_in(editor, site)
    editor.goto(f"{site.url}/admin/approvals/")
    editor.keyboard.press("j")
    editor.keyboard.press("Enter")
    expect(editor.get_by_role("heading", name="Before and after")).to_be_visible()
    edit_by_keyboard(editor)

    sign_in(voter, site, "colleague")
    voter.goto(editor.url)
    expect(voter.locator("main")).to_contain_text("Maren Osei edited this at")
    assert voter.evaluate("document.documentElement.scrollWidth") == 390
    voter.get_by_role("button", name="Approve").click()
    expect(voter.locator("#outcome")).to_contain_text(
        "reading it back confirms the effect", timeout=20_000
    )
    assert complaints == []
    states = site.command(
        "shell",
        "-v0",
        "-c",
        "from cases.tools.models import ToolCall; "
        f"old = ToolCall.objects.get(public_id='{call_id}'); new = old.replaced_by; "
        "print(old.state, old.attempt, new.state, new.confirmed, new.attempt)",
    )
    assert states.split() == ["cancelled", "0", "succeeded", "True", "1"]
