"""The demonstration's scripted customers: each comes once, one after another."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from governance.access.models import User
from orchestra.core.errors import OrchestraError
from orchestra.management.client import CallFailedError, OrchestraClient
from orchestra.management.scripted import ScriptPlayer, load_scripts

PACE_SECONDS = 1.0


@dataclass(slots=True)
class NineCustomers:
    """Plays the scripts that were not played yet on this data, one move at a time.

    Attributes:
        people: The demonstration's logins.
        memory: File that keeps which scripts were begun over a restart.
    """

    client: OrchestraClient
    people: Mapping[str, User]
    memory: Path
    _begun: list[str] = field(default_factory=list)
    _moves: Iterator[str] | None = None
    _next_at: float = 0.0

    def __post_init__(self) -> None:
        try:
            self._begun = json.loads(self.memory.read_text())
        except (OSError, ValueError):
            self._begun = []

    @property
    def is_done(self) -> bool:
        """Whether every script was played."""
        return self._moves is None and len(self._begun) == len(load_scripts())

    def tick(self) -> None:
        """Make the move that is due now; returns soon."""
        if time.monotonic() < self._next_at:
            return
        self._next_at = time.monotonic() + PACE_SECONDS
        if self._moves is None:
            self._begin()
            return
        try:
            move = next(self._moves, "finished")
        except (CallFailedError, OrchestraError):
            # What was refused stands on the case's page; the next customer comes all the same.
            self._moves = None
            raise
        if move == "finished":
            self._moves = None

    def _begin(self) -> None:
        script = next((one for one in load_scripts() if one.key not in self._begun), None)
        if script is None:
            return
        self._begun.append(script.key)
        draft = self.memory.with_suffix(".draft")
        draft.write_text(json.dumps(self._begun))
        draft.replace(self.memory)
        self._moves = ScriptPlayer(
            client=self.client,
            script=script,
            people=self.people,
            external_ref=f"nine-{script.key}",
        ).moves()
