"""The demonstration's AI agent: works on in the background at a human pace."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from cases.tools.adapters.retail.dataset import Task
from orchestra.management.client import CallFailedError, OrchestraClient
from orchestra.management.player import TaskPlayer, owner_of
from orchestra.management.votes import settle_need

Json = Any
PACE_SECONDS = 4.0
FIRST_PACE_SECONDS = 0.3
#: Requests left waiting before the pace falls from the first to the human one.
ENOUGH_WAITING = 6
#: Requests left waiting before a colleague takes the oldest, so that the work goes on.
MOST_WAITING = 14
COLLEAGUE_AFTER_SECONDS = 8.0
#: How often a colleague takes one once every customer was served and only those left wait.
LAST_ONES_SECONDS = 20.0


@dataclass(slots=True)
class Running:
    """One task being played, with the request it waits for, if any."""

    player: TaskPlayer
    moves: Iterator[str]
    waits: bool = False


@dataclass(slots=True)
class LiveAgent:
    """Plays tasks of different customers; two requests of three are left to the person.

    Where the person leaves many, a colleague takes the oldest that nobody has claimed. The
    store is restocked when every customer was served and nothing waits, also not from before a
    restart; then the next round begins. What was done before stays known to the store, so that
    it still agrees with the ledger.

    Attributes:
        memory: File that keeps the round and the tasks used in it over a restart.
        vote: Casts a colleague's vote on a waiting call.
        store_url: The system of record.
        count_waiting: Returns how many requests wait for votes.
        take_oldest: Lets a colleague decide what waits longest.
    """

    client: OrchestraClient
    tasks: tuple[Task, ...]
    database: Mapping[str, Json]
    memory: Path
    vote: Callable[[Mapping[str, Json]], None]
    store_url: str
    count_waiting: Callable[[], int]
    take_oldest: Callable[[], bool]
    running: list[Running] = field(default_factory=list)
    for_colleague: list[tuple[float, Mapping[str, Json]]] = field(default_factory=list)
    asked: int = 0
    _state: dict[str, Json] = field(default_factory=dict)
    _next_at: float = 0.0
    _take_at: float = 0.0

    def __post_init__(self) -> None:
        try:
            self._state = json.loads(self.memory.read_text())
        except (OSError, ValueError):
            self._state = {"round": 1, "used": []}

    def tick(self) -> None:
        """Do what is due now; returns soon."""
        self._let_colleague_vote()
        for item in tuple(self.running):
            self._move(item)
        if time.monotonic() < self._next_at:
            return
        waiting = self.count_waiting()
        task = self._choose()
        if task is not None:
            self._open(task)
        elif waiting == 0 and not self.running:
            self._begin_round()
        if waiting >= MOST_WAITING or task is None:
            self._take(0.0 if task else LAST_ONES_SECONDS)
        quick = waiting < ENOUGH_WAITING
        self._next_at = time.monotonic() + (FIRST_PACE_SECONDS if quick else PACE_SECONDS)

    def _move(self, item: Running) -> None:
        try:
            move = next(item.moves, "over")
        except CallFailedError:
            # A refused act is told on the case's page; the agent goes on with other cases.
            move = "over"
        item.waits = move == "waiting"
        if move == "over":
            self.running.remove(item)

    def _open(self, task: Task) -> None:
        player = TaskPlayer(
            client=self.client,
            task=task,
            database=self.database,
            external_ref=f"demo-{self._state['round']}-{task.id}",
            ask=self._ask,
            wait=0.0,
            longest=24 * 3600.0,
            stops_at_refusal=True,
            settle=settle_need,
        )
        self.running.append(Running(player, player.moves()))

    def _choose(self) -> Task | None:
        used = set(self._state["used"])
        for task in self.tasks:
            owner = owner_of(task, self.database)
            if owner is not None and owner not in used:
                self._remember(owner)
                return task
        return None

    def _begin_round(self) -> None:
        httpx.post(f"{self.store_url}/restock", timeout=10).raise_for_status()
        self._state = {"round": self._state["round"] + 1, "used": []}
        self._write()

    def _take(self, after_seconds: float) -> None:
        if time.monotonic() >= self._take_at:
            self.take_oldest()
            self._take_at = time.monotonic() + after_seconds

    def _remember(self, owner: str) -> None:
        self._state["used"].append(owner)
        self._write()

    def _write(self) -> None:
        draft = self.memory.with_suffix(".draft")
        draft.write_text(json.dumps(self._state))
        draft.replace(self.memory)

    def _ask(self, call: Mapping[str, Json]) -> None:
        self.asked += 1
        if self.asked % 3 == 0:
            self.for_colleague.append((time.monotonic() + COLLEAGUE_AFTER_SECONDS, call))

    def _let_colleague_vote(self) -> None:
        now = time.monotonic()
        for item in tuple(self.for_colleague):
            if item[0] <= now:
                self.for_colleague.remove(item)
                self.vote(item[1])
