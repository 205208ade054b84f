"""The demonstration's agent: when the store is reset, and what a colleague takes."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import respx

from orchestra.management import live
from orchestra.management.client import OrchestraClient
from orchestra.management.live import LiveAgent

STORE = "http://127.0.0.1:9"


@dataclass
class Inbox:
    """Requests that wait, as the agent sees them."""

    waiting: int
    taken: list[int] = field(default_factory=list)

    def take(self) -> bool:
        self.taken.append(self.waiting)
        self.waiting -= 1
        return True


def make_agent(memory: Path, inbox: Inbox) -> LiveAgent:
    """An agent whose customers were all served."""
    return LiveAgent(
        client=OrchestraClient.open(base_url="http://127.0.0.1:9", token="unused"),
        tasks=(),
        database={},
        memory=memory,
        vote=lambda _call: None,
        store_url=STORE,
        count_waiting=lambda: inbox.waiting,
        take_oldest=inbox.take,
    )


@pytest.fixture
def _no_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PACE_SECONDS", "FIRST_PACE_SECONDS", "LAST_ONES_SECONDS"):
        monkeypatch.setattr(live, name, 0.0)


@pytest.mark.usefixtures("_no_pace")
def test_the_store_is_restocked_when_nothing_waits_also_from_before_a_restart(
    tmp_path: Path,
) -> None:
    memory = tmp_path / "demo.json"
    memory.write_text(json.dumps({"round": 3, "used": ["mia_garcia_4516"]}))
    inbox = Inbox(waiting=2)
    agent = make_agent(memory, inbox)
    with respx.mock() as store:
        restocked = store.post(f"{STORE}/restock").mock(return_value=httpx.Response(200))
        agent.tick()
        agent.tick()
        assert (restocked.call_count, inbox.taken) == (0, [2, 1])
        assert json.loads(memory.read_text())["round"] == 3
        agent.tick()
        assert restocked.call_count == 1
    assert json.loads(memory.read_text()) == {"round": 4, "used": []}


def test_a_colleague_leaves_the_last_ones_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "PACE_SECONDS", 0.0)
    monkeypatch.setattr(live, "FIRST_PACE_SECONDS", 0.0)
    inbox = Inbox(waiting=9)
    agent = make_agent(tmp_path / "demo.json", inbox)
    for _ in range(5):
        agent.tick()
    assert inbox.taken == [9]
