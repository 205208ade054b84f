"""``manage.py agents``: what it prints and what it does."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from governance.access.models import AgentIdentity, ApiCredential, Queue
from governance.access.selectors import find_agent_by_token
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from tests.factories.access import make_agent, make_person, make_queue, make_token

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    out = StringIO()
    call_command("agents", *words, stdout=out)
    return out.getvalue()


def run_json(*words: str) -> Any:
    return json.loads(run(*words, "--json"))


def test_create_prints_a_token_that_works(returns: Queue) -> None:
    make_person("nils")
    answer = run_json("create", "Bot", "--owner", "nils", "--queue", "returns", "--days", "7")
    agent = find_agent_by_token(token=answer["token"], now=clock.now())
    assert agent is not None
    assert agent.name == "Bot"
    assert list(agent.queues.all()) == [returns]
    life = ApiCredential.objects.get().expires_at - ApiCredential.objects.get().created_at
    assert life.days == 7
    assert list(LedgerEntry.objects.values_list("kind", "actor_kind").order_by("id")) == [
        ("agent.created", "system"),
        ("token.issued", "system"),
    ]


@pytest.mark.usefixtures("returns")
def test_create_in_words_shows_the_token_on_its_own_line() -> None:
    make_person("nils")
    lines = run("create", "Bot", "--owner", "nils", "--queue", "returns").splitlines()
    assert lines[0].startswith("created Bot; token, shown only now, valid until 2")
    agent = find_agent_by_token(token=lines[1], now=clock.now())
    assert agent is not None
    assert lines[2].startswith("next: docs/agents.md leads to its first call")
    assert lines[2].endswith(f"/admin/agents/{agent.public_id}/first-calls/")


@pytest.mark.parametrize(
    "words",
    [
        ("create", "Bot", "--owner", "nobody", "--queue", "returns"),
        ("create", "Bot", "--owner", "nils", "--queue", "nothing"),
        ("create", "Bot", "--owner", "nils", "--queue", "returns", "--days", "0"),
        ("create", "", "--owner", "nils", "--queue", "returns"),
        ("revoke", "aaaaaaaa"),
    ],
)
@pytest.mark.usefixtures("returns")
def test_what_cannot_be_done_says_why_and_changes_nothing(words: tuple[str, ...]) -> None:
    make_person("nils")
    with pytest.raises(CommandError) as refused:
        run(*words)
    assert str(refused.value)
    assert not AgentIdentity.objects.exists()
    assert not LedgerEntry.objects.exists()


def test_revoke_and_list() -> None:
    row, _text = make_token(make_agent("Bot"))
    assert [one["state"] for one in run_json("list")["agents"][0]["tokens"]] == ["live"]
    assert run("revoke", f"orc_{row.prefix}").strip() == f"revoked {row.prefix} of Bot"
    assert [one["state"] for one in run_json("list")["agents"][0]["tokens"]] == ["revoked"]
    assert "Bot" in run("list")


def test_an_empty_list_says_so() -> None:
    assert run("list").strip() == "no agents"


def test_create_says_that_new_contacts_arrive_elsewhere(returns: Queue) -> None:
    make_person("nils")
    Queue.objects.filter(pk=returns.pk).update(is_default=False)
    care = make_queue("care")
    Queue.objects.filter(pk=care.pk).update(is_default=True)
    told = run("create", "Bot", "--owner", "nils", "--queue", "returns")
    assert told.startswith(f"note: new contacts arrive in the queue {care.key};")
    told = run("create", "Bee", "--owner", "nils", "--queue", "returns", "--queue", "care")
    assert told.startswith("created Bee;")


def test_an_unknown_queue_is_answered_with_those_there_are(returns: Queue) -> None:
    make_person("nils")
    with pytest.raises(CommandError, match=f"there are .*{returns.key}"):
        run("create", "Bot", "--owner", "nils", "--queue", "nowhere")


@pytest.mark.usefixtures("returns")
def test_a_token_that_carries_less_and_its_rotation() -> None:
    make_person("nils")
    made = run_json(
        "create",
        "Bot",
        "--owner",
        "nils",
        "--queue",
        "returns",
        "--scope",
        "read",
        "--tool",
        "note",
    )
    first = ApiCredential.objects.get(prefix=made["prefix"])
    assert (first.tools, "tool.propose" in first.capabilities) == (["note"], False)
    new = run_json("rotate", made["prefix"], "--hours", "1")
    assert new["replaces"] == made["prefix"]
    second = ApiCredential.objects.get(prefix=new["prefix"])
    assert (second.tools, second.capabilities) == (first.tools, first.capabilities)
    for token in (made["token"], new["token"]):
        assert find_agent_by_token(token=token, now=clock.now()) is not None
    with pytest.raises(CommandError, match="replaced already"):
        run("rotate", made["prefix"])
    row = run_json("list")["agents"][0]["tokens"][0]
    assert row["last_used_at"] is None


def test_stop_start_and_limit() -> None:
    make_agent("Bot")
    assert run("stop", "Bot", "--reason", "It loops.").strip() == "Bot: stopped at once"
    assert not AgentIdentity.objects.get().is_active
    with pytest.raises(CommandError, match="stopped already"):
        run("stop", "Bot", "--reason", "Again.")
    assert run_json("start", "Bot", "--reason", "Mended.")["active"]
    run("limit", "Bot", "--reason", "Trial.", "--calls-per-hour", "60", "--writes-per-day", "5")
    agent = AgentIdentity.objects.get()
    assert (agent.calls_per_hour, agent.calls_per_day, agent.writes_per_day) == (60, None, 5)
    with pytest.raises(CommandError, match="from 0 to"):
        run("limit", "Bot", "--reason", "x", "--calls-per-day", "-1")
    with pytest.raises(CommandError, match="there is no agent"):
        run("stop", "Nobody", "--reason", "x")
