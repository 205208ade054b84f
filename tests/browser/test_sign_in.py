"""A second factor in the browser: set up, asked at sign-in, and as the proof of a vote."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from orchestra.management.world import PASSWORD
from tests.browser.test_supervisor import (  # noqa: F401  fixtures are used by name
    Site,
    browser,
    database_url,
    sign_in,
    site,
    waiting_return,
)
from tests.factories.factors import code_of

pytestmark = [pytest.mark.browser, pytest.mark.processes]

#: Run in the site: every proof that sessions keep is gone, as it is after five minutes.
FORGET_PROOFS = """
from governance.access.models import PersonSession
from governance.access.sessions import SessionStore
for key in PersonSession.objects.filter(person__isnull=False).values_list("pk", flat=True):
    session = SessionStore(key)
    session.pop("orchestra_proof", None)
    session.save()
"""


@pytest.fixture(autouse=True)
def _own_checkpoint_file() -> None:
    """Nothing to keep apart: the processes have a folder of their own."""


class App:
    """An authenticator app that shows no code twice."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.shown: set[str] = set()

    def code(self) -> str:
        codes = (code_of(self.secret, steps=steps) for steps in (0, 1, -1))
        found = next(code for code in codes if code not in self.shown)
        self.shown.add(found)
        return found


def set_up(page: Page, url: str) -> App:
    page.goto(f"{url}/admin/account/second-factor/")
    page.get_by_role("link", name="Set up an authenticator app").click()
    picture = page.get_by_role("img", name="A picture for the authenticator app")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") > 0
    page.get_by_text("No camera?").click()
    app = App(page.locator("#factor-key").inner_text().replace(" ", ""))
    page.get_by_label("Code the app shows now").fill(app.code())
    page.get_by_role("button", name="Turn it on").click()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    return app


def confirm_by_code(page: Page, app: App) -> None:
    code = page.get_by_label("Code from your authenticator app")
    code.fill("000000")
    page.get_by_role("button", name="Confirm and vote").click()
    expect(page.locator("main")).to_contain_text("Nothing was voted.")
    code.fill(app.code())
    page.get_by_role("button", name="Confirm and vote").click()


def test_a_second_factor_is_set_up_asked_and_proves_a_vote(
    site: Site,  # noqa: F811  the fixture's name
    browser: Browser,  # noqa: F811  the fixture's name
) -> None:
    waiting_return(site)
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    sign_in(page, site)
    app = set_up(page, site.url)

    page.locator(".who summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{site.url}/admin/")
    page.fill("input[name=username]", "supervisor")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your code")).to_be_visible()
    page.get_by_label("Code").fill(app.code())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("1 approval")

    site.command("shell", "-v0", "-c", FORGET_PROOFS)
    page.goto(f"{site.url}/admin/approvals/")
    page.get_by_role("link", name="Take back 3 of 5 items").first.click()
    address = page.url.partition("?")[0]
    page.get_by_role("button", name="Approve").click()
    expect(page).to_have_url(re.compile(r"/step-up/$"))
    confirm_by_code(page, app)
    # The way goes on in the inbox, where nothing is left; the request's page tells its end.
    expect(page).to_have_url(f"{site.url}/admin/approvals/")
    page.goto(address)
    expect(page.locator("#outcome")).to_contain_text(
        "reading it back confirms the effect", timeout=20_000
    )
    assert complaints == []
