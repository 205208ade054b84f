"""What comes in wrong, over real HTTP: a problem that names the field, and nothing changed."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from cases.packs.services import BUILTIN
from orchestra.management.processes import Processes, free_port
from orchestra.management.world import PASSWORD
from tests.flows.helpers import RETURN, WORDS

ROOT = Path(__file__).parents[2]
PROBLEM = "application/problem+json"
CSRF = "c" * 32
BROWSER = {"X-CSRFToken": CSRF}
#: What one refused act leaves behind.
RECORDED = {"governance_ledgerentry": 1, "governance_entrypayload": 1}
SET_UP = """
import json, os
from pathlib import Path
from django.test import Client
from cases.packs import services as packs
from governance.access import services as access
from governance.access.models import Queue
from orchestra.core import clock
from orchestra.management import world
now, var = clock.now(), Path(os.environ["ORCHESTRA_VAR"])
packs.load_pack(
    actor=world.BUILDER, now=now, folder=var / "pack", publish_first=True,
    overrides={"store.kind": "simulated", "store.journal": str(var / "store.journal")},
)
people = world.ensure_people(now=now)
def token(agent):
    return world.fresh_token(now=now, agent=agent)
def session(name):
    client = Client()
    client.force_login(people[name], "django.contrib.auth.backends.ModelBackend")
    return client.cookies["sessionid"].value
stranger = access.create_agent(
    actor=world.BUILDER, now=now, name="Elsewhere", owner=people["operator"],
    queues=[Queue.objects.get(key="orders")], reason="tried",
)
print(json.dumps({
    "agent": token(world.ensure_agent(now=now, owner=people["operator"])),
    "stranger": token(stranger),
    **{name: session(name) for name in ("supervisor", "colleague")},
}))
"""

pytestmark = pytest.mark.processes


@pytest.fixture(autouse=True)
def _own_checkpoint_file() -> None:
    """Nothing to keep apart: the server has a folder of its own."""


@dataclass
class Site:
    """A live server and its callers.

    Attributes:
        case: A case whose customer is known and has agreed.
        evidence: The messages that say so.
        approval: A return on it that two supervisors have to approve, as a voter is shown it.
    """

    database: Path
    http: dict[str, httpx.Client]
    case: str = ""
    evidence: tuple[str, ...] = ()
    approval: dict[str, Any] | None = None

    def post(self, who: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps({} if body is None else body)
        return self.http[who].post(
            path,
            content=content,
            headers={
                "Content-Type": "application/json",
                "Idempotency-Key": str(uuid.uuid4()),
                **more,
            },
        )

    def created(self, path: str, body: Any, who: str = "agent") -> dict[str, Any]:
        answer = self.post(who, path, body)
        assert answer.status_code in {200, 201, 202}, answer.text
        return dict(answer.json())

    def rows(self) -> dict[str, int]:
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as connection:
            names = [
                name
                for (name,) in connection.execute(
                    "SELECT name FROM sqlite_master WHERE type = 'table'"
                )
            ]
            return {
                name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
                for name in names
            }

    def refused(self, answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
        assert answer.status_code == status, answer.text
        assert answer.headers["Content-Type"] == PROBLEM
        body = dict(answer.json())
        assert (body["code"], body["status"]) == (code, status), body
        assert body["detail"]
        return body

    def ballot(self, **changes: str) -> dict[str, str]:
        assert self.approval is not None
        shown = {name: self.approval[name] for name in ("digest", "view_digest")}
        return {"vote": "approve", **shown, **changes}


def fields(body: dict[str, Any]) -> set[str]:
    return {item["field"] for item in body["errors"]}


class Unchanged:
    """Counts the rows of every table before an act and compares them after it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.before = site.rows()

    def but(self, changed: dict[str, int]) -> None:
        after = self.site.rows()
        found = {
            name: count - self.before[name]
            for name, count in after.items()
            if count != self.before[name]
        }
        assert found == changed


@pytest.fixture
def unchanged(site: Site) -> Unchanged:
    return Unchanged(site)


def two_votes(folder: Path) -> None:
    """Copy the retail pack and let two people decide on every return."""
    shutil.copytree(BUILTIN / "retail", folder)
    returns = folder / "policies" / "returns.yaml"
    text = returns.read_text()
    assert "votes: 1" in text
    returns.write_text(text.replace("votes: 1", "votes: 2"))


def manage(env: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    var = tmp_path_factory.mktemp("live")
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "orchestra.settings.local",
        "ORCHESTRA_VAR": str(var),
        # Its own on files, whatever the suite runs on: the rows are counted from outside.
        "DATABASE_URL": f"sqlite:///{var / 'orchestra.sqlite3'}",
        "REDIS_URL": "embedded://",
    }
    two_votes(var / "pack")
    manage(env, "migrate", "-v0")
    callers = json.loads(manage(env, "shell", "-v0", "-c", SET_UP).splitlines()[-1])
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with Processes(log_dir=var / "logs", env=env) as processes:
        processes.start_web(port)
        processes.wait_until_answers(f"{base}/healthz")
        with httpx.Client(base_url=f"{base}/api/v1/", timeout=30) as nobody:
            http = {"nobody": nobody}
            for name in ("agent", "stranger"):
                http[name] = httpx.Client(
                    base_url=nobody.base_url,
                    timeout=30,
                    headers={"Authorization": f"Bearer {callers[name]}"},
                )
            for name in ("supervisor", "colleague"):
                http[name] = httpx.Client(
                    base_url=nobody.base_url,
                    timeout=30,
                    headers=BROWSER,
                    cookies={"sessionid": callers[name], "csrftoken": CSRF},
                )
            found = Site(database=var / "orchestra.sqlite3", http=http)
            prepare(found)
            yield found
            for client in http.values():
                client.close()


def agreed_case(site: Site, words: str) -> tuple[str, tuple[str, ...]]:
    case = site.created("cases/", {"channel": "chat", "text": words})["id"]
    person = {"first_name": "Yusuf", "last_name": "Rossi", "zip": "19122"}
    known = site.created(
        f"cases/{case}/tool-calls/",
        {
            "tool": "find_user_id_by_name_zip",
            "arguments": person,
            "confidence": 0.99,
            "margin": 0.9,
        },
    )
    assert known["state"] == "succeeded", known
    said = [
        site.created(f"cases/{case}/messages/", {"speaker": speaker, "text": text})["id"]
        for speaker, text in (("ai", "Three items for $1,285.12?"), ("customer", "Yes, please."))
    ]
    return case, tuple(said)


def prepare(site: Site) -> None:
    """Let an AI ask for a return that two people have to approve, one of them proven."""
    site.case, site.evidence = agreed_case(site, WORDS)
    call = site.created(
        f"cases/{site.case}/tool-calls/",
        {
            "tool": "return_delivered_order_items",
            "arguments": RETURN,
            "confidence": 0.99,
            "margin": 0.9,
            "evidence": site.evidence,
        },
    )
    assert call["state"] == "awaiting_approval", call
    site.created("step-up/", {"password": PASSWORD}, who="supervisor")
    address = f"approvals/{call['approval']['id']}/"
    site.approval = dict(site.http["supervisor"].get(address).json())
    assert site.approval["votes_needed"] == 2


def test_an_unknown_tool(site: Site, unchanged: Unchanged) -> None:
    answer = site.post(
        "agent", f"cases/{site.case}/tool-calls/", {"tool": "launch_rocket", "arguments": {}}
    )
    body = site.refused(answer, 422, "tool.unknown")
    assert fields(body) == {"tool"}
    assert "launch_rocket" in body["detail"]
    unchanged.but({})


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"order_id": 7}, "arguments.order_id"),
        ({}, "arguments.order_id"),
        ({"order_id": "#W1", "extra": 1}, "arguments.extra"),
    ],
    ids=["another type", "missing", "too much"],
)
def test_arguments_that_break_the_schema(
    site: Site, unchanged: Unchanged, arguments: dict[str, Any], field: str
) -> None:
    answer = site.post(
        "agent",
        f"cases/{site.case}/tool-calls/",
        {"tool": "get_order_details", "arguments": arguments},
    )
    assert field in fields(site.refused(answer, 422, answer.json()["code"]))
    unchanged.but({})


def test_a_fact_that_the_caller_would_decide(site: Site, unchanged: Unchanged) -> None:
    answer = site.post(
        "agent",
        f"cases/{site.case}/tool-calls/",
        {
            "tool": "return_delivered_order_items",
            "arguments": RETURN,
            "facts": {"customer_confirmed": True},
        },
    )
    body = site.refused(answer, 422, "invalid_input")
    assert fields(body) == {"facts"}
    assert "evidence" in body["errors"][0]["message"]
    unchanged.but({})


@pytest.mark.parametrize("token", ["", "Bearer orc_abcdefgh_" + "x" * 43])
def test_without_a_token_that_counts(site: Site, unchanged: Unchanged, token: str) -> None:
    more = {"Authorization": token} if token else {}
    answer = site.post("nobody", "cases/", {"channel": "chat", "text": "x"}, **more)
    site.refused(answer, 401, "not_authenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    unchanged.but({})


@pytest.mark.parametrize("who", ["agent", "stranger"])
def test_a_case_of_somebody_else(site: Site, unchanged: Unchanged, who: str) -> None:
    case = site.case if who == "stranger" else str(uuid.uuid4())
    answer = site.post(who, f"cases/{case}/messages/", {"speaker": "ai", "text": "x"})
    site.refused(answer, 404, "not_found.case")
    unchanged.but(RECORDED)


@pytest.mark.parametrize("name", ["digest", "view_digest"])
def test_a_stale_vote(site: Site, unchanged: Unchanged, name: str) -> None:
    assert site.approval is not None
    answer = site.post(
        "supervisor", f"approvals/{site.approval['id']}/vote/", site.ballot(**{name: "0" * 64})
    )
    body = site.refused(answer, 409, "approval.stale")
    assert fields(body) == {name}
    unchanged.but(RECORDED)


def test_a_replayed_and_a_second_vote(site: Site) -> None:
    assert site.approval is not None
    address = f"approvals/{site.approval['id']}/vote/"
    first = site.post("supervisor", address, site.ballot(), **{"Idempotency-Key": "once"})
    assert (first.status_code, first.json()["state"]) == (200, "pending"), first.text
    unchanged = Unchanged(site)
    again = site.post("supervisor", address, site.ballot(), **{"Idempotency-Key": "once"})
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    unchanged.but({})
    second = site.post("supervisor", address, site.ballot())
    site.refused(second, 403, "approval.already_voted")
    unchanged.but(RECORDED)
    shown = site.http["colleague"].get(f"approvals/{site.approval['id']}/").json()
    assert shown["state"] == "pending"


def test_whoever_asked_approves_nothing(site: Site) -> None:
    case, evidence = agreed_case(site, "I want to return three items, please.")
    site.created("step-up/", {"password": PASSWORD}, who="colleague")
    asked = site.created(
        f"cases/{case}/tool-calls/",
        {"tool": "return_delivered_order_items", "arguments": RETURN, "evidence": evidence},
        who="colleague",
    )
    address = f"approvals/{asked['approval']['id']}/"
    shown = site.http["colleague"].get(address).json()
    ballot = {
        "vote": "approve",
        "digest": shown["digest"],
        "view_digest": shown["view_digest"],
    }
    unchanged = Unchanged(site)
    site.refused(site.post("colleague", f"{address}vote/", ballot), 403, "approval.own_request")
    unchanged.but(RECORDED)
    assert site.http["colleague"].get(address).json()["state"] == "pending"


def test_a_message_of_a_mebibyte(site: Site, unchanged: Unchanged) -> None:
    answer = site.post(
        "agent", f"cases/{site.case}/messages/", {"speaker": "customer", "text": "x" * 2**20}
    )
    assert fields(site.refused(answer, 422, "invalid_input")) == {"text"}
    unchanged.but({})


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        (b'{"speaker": "ai", "text": NaN}', "text", "NaN"),
        (b'{"speaker": "ai", "text": [1, -Infinity]}', "text[1]", "-Infinity"),
        (b'{"speaker": "ai", "text": "a", "text": "b"}', "text", "twice"),
        (b'{"speaker": "ai", "text": {"a": 1, "a": 1}}', "text.a", "twice"),
        (b'{"speaker": "ai", "text": "a\\u0000b"}', "text", "U+0000"),
        (b'{"speaker": "ai", "text": "\\ud800"}', "text", "surrogate"),
        (b'{"speaker": "ai", "text": 1e999}', "text", "too large"),
    ],
    ids=["NaN", "infinity", "twice", "twice below", "U+0000", "half a pair", "too large"],
)
def test_json_that_means_two_things(
    site: Site, unchanged: Unchanged, body: bytes, field: str, words: str
) -> None:
    answer = site.post("agent", f"cases/{site.case}/messages/", body)
    found = site.refused(answer, 400, "bad_request")
    assert fields(found) == {field}
    assert words in found["detail"]
    unchanged.but({})
