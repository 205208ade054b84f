"""The page that fills as an AI agent's first calls arrive."""

import json
import re
import shlex
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from cases.admin.first_calls import mend_of, over_http, over_mcp
from governance.access import services as access
from governance.access.entries import AGENT_STEPS_READ
from governance.access.models import AgentIdentity, Queue
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from orchestra.management import world as made
from tests.factories.access import make_person
from tests.flows.conftest import World
from tests.flows.helpers import WORDS, identify, propose_return, waiting_return
from tests.governance.admin.conftest import Browser
from tests.governance.admin.test_changes import sign_in

pytestmark = pytest.mark.django_db
MARK = re.compile(r'<li>\s*<div class="fc-mark">(.*?)</div>(.*?)</li>', re.S)
QUERIES = 8


@pytest.fixture
def agent(retail: World) -> AgentIdentity:
    """An agent that has called nothing yet, whose token the API uses from now on."""
    now = clock.now()
    found = access.create_agent(
        actor=made.BUILDER,
        now=now,
        name="Fresh bot",
        owner=retail.people["operator"],
        queues=list(Queue.objects.all()),
        reason="tried",
    )
    retail.api.token = made.fresh_token(now=now, agent=found)
    return found


def path(agent: AgentIdentity, live: str = "live/") -> str:
    return f"/admin/agents/{agent.public_id}/first-calls/{live}"


def page_of(browser: Browser, agent: AgentIdentity, who: str = "supervisor", live: str = "") -> str:
    answer = browser(who).get(path(agent, live))
    assert answer.status_code == 200
    return str(answer.content.decode())


def done(page: str) -> list[bool]:
    marks = MARK.findall(page)
    assert len(marks) == 7
    return ["<time" in head for head, _rest in marks]


def test_it_fills_as_calls_arrive(retail: World, agent: AgentIdentity, browser: Browser) -> None:
    def live() -> str:
        return page_of(browser, agent, live="live/")

    assert done(live()) == [False] * 7
    assert "0 of 7" in live()
    retail.api.get("tools/")
    assert done(live()) == [True] + [False] * 6
    answer = retail.api.post("cases/", {"channel": "chat", "text": WORDS})
    case = answer.json()["id"]
    page = live()
    assert done(page) == [True, True, True, False, False, False, False]
    assert page.count(f'href="/admin/cases/{case}/"') == 2
    retail.api.get(f"cases/{case}/steps/")
    retail.api.get("steps/")
    assert done(live()) == [True, True, True, True, False, False, False]
    asked = LedgerEntry.objects.filter(kind=AGENT_STEPS_READ, actor_id=str(agent.public_id))
    assert asked.count() == 1
    identify(retail, case)
    assert done(live()) == [True, True, True, True, True, False, True]
    _case, call = waiting_return(retail)
    page = live()
    assert done(page) == [True] * 7
    assert f"#call-{call['id']}" in page
    assert "data-poll" not in page


def test_a_page_that_is_not_full_asks_again(agent: AgentIdentity, browser: Browser) -> None:
    assert f'data-poll="{path(agent)}"' in page_of(browser, agent)
    access.stop_agent(actor=made.BUILDER, now=clock.now(), agent=agent, reason="Loops.")
    page = page_of(browser, agent)
    assert "data-poll" not in page
    assert "It is stopped." in page


def test_what_was_refused_says_how_to_mend_it(
    retail: World, agent: AgentIdentity, browser: Browser
) -> None:
    nowhere = "00000000-0000-7000-8000-00000000dead"
    refused = retail.api.post(f"cases/{nowhere}/messages/", {"speaker": "customer", "text": "Hi"})
    assert refused.status_code == 404
    page = page_of(browser, agent)
    assert refused.json()["code"] in page
    assert refused.json()["detail"] in page
    assert "Check the id and its queues." in page
    case = retail.api.post("cases/", {"channel": "chat", "text": WORDS}).json()["id"]
    denied = propose_return(retail, case).json()
    assert denied["state"] == "denied"
    page = page_of(browser, agent)
    assert "The policy said no." in page
    assert page.index("The policy said no.") < page.index("Check the id and its queues.")


def test_cases_are_named_to_their_readers_alone(
    retail: World, agent: AgentIdentity, browser: Browser
) -> None:
    case = retail.api.post("cases/", {"channel": "chat", "text": WORDS}).json()["id"]
    identify(retail, case)
    assert case in page_of(browser, agent)
    elsewhere = sign_in(make_person(roles=[Role.SUPERVISOR]))
    page = elsewhere.get(path(agent, "")).content.decode()
    assert done(page)[:3] == [True] * 3
    assert case not in page
    assert ">C-" not in page
    assert browser("analyst").get(path(agent, "")).status_code == 404
    nowhere = path(agent, "").replace(str(agent.public_id), "00000000-0000-7000-8000-00000000dead")
    assert browser("operator").get(nowhere).status_code == 404
    assert browser("operator").get(f"{nowhere}live/").status_code == 404


def test_what_it_lacks_is_said_before_it_calls(
    retail: World, agent: AgentIdentity, browser: Browser
) -> None:
    assert "It can open no case" not in page_of(browser, agent)
    care = Queue.objects.get(is_default=True)
    access.revoke_agent_queue(actor=made.BUILDER, now=clock.now(), agent=agent, queue=care)
    assert "new contacts arrive in Customer care" in page_of(browser, agent)
    bare = access.create_agent(
        actor=made.BUILDER, now=clock.now(), name="Bare", owner=retail.people["operator"]
    )
    assert "It has no token" in page_of(browser, bare)


def test_the_snippets_work_and_hold_no_token(
    retail: World, agent: AgentIdentity, browser: Browser, settings: Any
) -> None:
    settings.ORCHESTRA = {**settings.ORCHESTRA, "PUBLIC_URL": "https://desk.example/"}
    page = page_of(browser, agent)
    assert "https://desk.example/api/v1/cases/" in page
    assert "https://desk.example/mcp" in page
    assert retail.api.token not in page
    command, address, *rest = shlex.split(over_http().replace("\\\n", ""))
    assert (command, address) == ("curl", "https://desk.example/api/v1/cases/")
    pairs = list(zip(rest[::2], rest[1::2], strict=True))
    headers = dict(text.split(": ", 1) for flag, text in pairs if flag == "-H")
    [body] = [text for flag, text in pairs if flag == "-d"]
    headers["Authorization"] = headers["Authorization"].replace(
        "$ORCHESTRA_TOKEN", retail.api.token
    )
    content_type = headers.pop("Content-Type")
    answer = retail.api.client.post(
        "/api/v1/cases/", body, content_type=content_type, headers=headers
    )
    assert answer.status_code == 201, answer.content
    server = json.loads(over_mcp())["mcpServers"]["orchestra"]
    assert server["url"] == "https://desk.example/mcp"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("access.scope", "carries less"),
        ("agent.budget_spent", "bound is used up"),
        ("not_permitted", "Grant it the queue"),
        ("not_found.case", "Check the id"),
        ("conflict.case_not_open", "The case moved on"),
    ],
)
def test_codes_say_what_mends_them(code: str, said: str) -> None:
    assert said in mend_of(code)
    assert mend_of("something.else") == ""


def test_the_queries_do_not_grow_with_calls(
    retail: World,
    agent: AgentIdentity,
    browser: Browser,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = browser("supervisor")
    waiting_return(retail)
    for _round in range(2):
        with django_assert_num_queries(QUERIES):
            client.get(path(agent))
        for _each in range(3):
            case = retail.api.post("cases/", {"channel": "chat", "text": WORDS}).json()["id"]
            propose_return(retail, case)
