"""The page of a tool and of a cue sheet: versions, how two differ, open changes, who uses it."""

import copy
import re
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.journeys.models import Journey
from cases.journeys.selectors import get_published
from cases.journeys.services import publish_cue_sheet
from cases.tools.governed import TOOL_KIND
from cases.tools.models import ToolDefinition
from cases.tools.services import publish_tool, retire_tool
from governance.reviews.models import ChangeRequest
from orchestra.core import clock
from orchestra.core.actors import system
from tests.cases.admin.conftest import Browser
from tests.flows.conftest import World
from tests.flows.helpers import waiting_return

NAME = "return_delivered_order_items"
PAGE = f"/admin/tools/{NAME}/"
BUILDER = system("test")


def text_of(name: str) -> dict[str, Any]:
    present = TOOL_KIND.rows.present(name)
    assert present is not None
    return copy.deepcopy(present[1])


def put(name: str = NAME, **changes: Any) -> None:
    publish_tool(actor=BUILDER, now=clock.now(), document={**text_of(name), **changes})


def plain(text: str) -> str:
    """The text of a page without the marks on the words that differ."""
    return " ".join(re.sub(r"</?(?:ins|del)>", "", text).split())


def test_every_version_is_read_and_compared_in_words(retail: World, browser: Browser) -> None:
    del retail
    put(risk="critical")
    put(max_attempts=2)
    client = browser("operator")
    marked = client.get(PAGE).content.decode()
    assert "at most <del>5</del> tries" in marked
    assert "at most <ins>2</ins> tries" in marked
    page = plain(marked)
    assert "version 3 in force since" in page
    assert "What version 3 changed against version 2" in page
    assert "10 s a try, at most 5 tries" in page
    assert "Risk raised" not in page
    first = plain(client.get(PAGE, {"version": "1"}).content.decode())
    assert "This is version 1 as it was." in first
    assert "What version 2 changed against version 1" in first
    assert "Propose to go back to version 1" in first
    both = plain(client.get(PAGE, {"version": "1", "compare": "3"}).content.decode())
    assert "What version 3 changed against version 1" in both
    for words in ("Risk raised", "critical", "at most 2 tries"):
        assert words in both, words
    for asked in ("9", "x", "0"):
        assert client.get(PAGE, {"version": asked}).status_code == 404, asked
        unasked = client.get(PAGE, {"compare": asked}).content.decode()
        assert "What version 3 changed against version 2" in plain(unasked)


def test_one_version_has_nothing_to_be_compared_with(retail: World, browser: Browser) -> None:
    del retail
    page = browser("operator").get(PAGE).content.decode()
    assert 'id="compared"' not in page
    assert "version 1 in force since" in plain(page)


def test_who_uses_a_tool_is_named_to_those_who_may_read_it(retail: World, browser: Browser) -> None:
    del retail
    page = browser("operator").get(PAGE).content.decode()
    assert "/admin/policies/retail_returns/" in page
    assert "/admin/cue-sheets/return_items/" in page
    assert "Request the return" in page
    seen = browser("agent").get(PAGE).content.decode()
    assert "/admin/policies/" not in seen
    assert "/admin/cue-sheets/return_items/" in seen
    read = browser("operator").get("/admin/tools/get_order_details/").content.decode()
    assert PAGE in read


def test_a_change_is_opened_on_the_page_and_leads_back(retail: World, browser: Browser) -> None:
    del retail
    asked = {"kind": "tool", "key": NAME, "title": "Ask two people"}
    supervisor = browser("supervisor")
    assert "Open a change request" not in supervisor.get(PAGE).content.decode()
    assert supervisor.post("/admin/change-requests/open/", asked).status_code == 404
    assert not ChangeRequest.objects.exists()
    client = browser("operator")
    assert "Open a change request" in client.get(PAGE).content.decode()
    opened = client.post("/admin/change-requests/open/", asked, follow=True)
    assert f'href="{PAGE}"' in opened.content.decode()
    for person in (client, supervisor):
        assert "Ask two people" in person.get(PAGE).content.decode()


def test_taking_a_tool_out_of_force_is_proposed_on_its_page(
    retail: World, browser: Browser
) -> None:
    del retail
    client = browser("operator")
    words = "Propose to take it out of force"
    assert words in client.get(PAGE).content.decode()
    asked = {"kind": "tool", "key": NAME, "purpose": "retirement", "summary": "Unused."}
    opened = client.post("/admin/change-requests/open/", asked, follow=True)
    assert "Taken out of force, with nothing in its place." in opened.content.decode()
    change = ChangeRequest.objects.get()
    assert (change.purpose, change.summary, change.state) == ("retirement", "Unused.", "draft")
    # Once is enough.
    assert words not in client.get(PAGE).content.decode()
    assert words not in client.get(PAGE, {"version": "1"}).content.decode()


def test_what_another_version_would_end_is_said_before(retail: World, browser: Browser) -> None:
    client = browser("operator")
    assert "Another version ends what waits" not in client.get(PAGE).content.decode()
    waiting_return(retail)
    page = plain(client.get(PAGE).content.decode())
    assert "1 call of this tool waits." in page
    assert "Another version ends what waits" in page


def test_a_retired_tool_says_so(retail: World, browser: Browser) -> None:
    del retail
    document = {**text_of(NAME), "name": "unused_tool", "title": "Unused"}
    publish_tool(actor=BUILDER, now=clock.now(), document=document)
    retire_tool(actor=BUILDER, now=clock.now(), name="unused_tool")
    client = browser("operator")
    page = plain(client.get("/admin/tools/unused_tool/").content.decode())
    assert "This tool was taken out of force on" in page
    assert "Propose to go back to version 1" in page
    assert "Nothing in force names it." in page
    assert "no version in force" in client.get("/admin/tools/").content.decode()


def test_a_page_asks_no_more_where_more_is_stored(retail: World, browser: Browser) -> None:
    del retail
    client = browser("operator")
    put(max_attempts=2)
    counts = []
    for number in range(2):
        with CaptureQueriesContext(connection) as captured:
            client.get(PAGE)
        counts.append(len(captured))
        for other in range(3):
            document = {**text_of(NAME), "name": f"tool_{number}_{other}"}
            publish_tool(actor=BUILDER, now=clock.now(), document=document)
        put(max_attempts=3 + number)
    assert counts[0] == counts[1]
    assert ToolDefinition.objects.count() == 16 + 6


def test_a_cue_sheet_is_compared_and_running_journeys_are_counted(
    retail: World, browser: Browser
) -> None:
    waiting_return(retail)
    journey = Journey.objects.get(version__cue_sheet__key="return_items")
    document = copy.deepcopy(get_published(key="return_items").document)
    document["title"] = "Return things"
    publish_cue_sheet(actor=BUILDER, now=clock.now(), document=document)
    client = browser("operator")
    page = plain(client.get("/admin/cue-sheets/return_items/").content.decode())
    assert "What version 2 changed against version 1" in page
    assert "Return things" in page
    assert "0 journeys on this version" in page
    first = plain(client.get("/admin/cue-sheets/return_items/?version=1").content.decode())
    assert "1 journey still runs on it, and keeps to it to its end." in first
    journey.refresh_from_db()
    assert journey.version.number == 1
