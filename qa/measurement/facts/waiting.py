"""When a case waited for somebody else, as the ledger goes on; pure."""

from dataclasses import dataclass, field
from datetime import datetime

from cases.journeys.types import WaitsFor
from qa.measurement.facts.types import Told
from qa.measurement.rows import Wait


@dataclass(slots=True)
class Waiting:
    """The waits of one case: from a pause that names whom for until its journey goes on."""

    case: str
    ended: list[Wait] = field(default_factory=list)
    open: dict[str, Told] = field(default_factory=dict)

    def paused(self, one: Told) -> None:
        """Begin to wait, where the pause says whom for."""
        if one.payload.get("waits_for") in set(WaitsFor):
            self.open.setdefault(one.subject, one)

    def goes_on(self, one: Told) -> None:
        """End the wait of a journey that goes on, or is ended."""
        begun = self.open.pop(one.subject, None)
        if begun is not None:
            self.ended.append(self._wait(begun, one.at))

    def end(self, at: datetime) -> None:
        """End every wait: the case is resolved, or another has taken it in."""
        self.ended.extend(self._wait(begun, at) for begun in self.open.values())
        self.open.clear()

    def whole(self) -> tuple[Wait, ...]:
        """Return all waits, those that last as the last."""
        return (*self.ended, *(self._wait(begun, None) for begun in self.open.values()))

    def _wait(self, begun: Told, end: datetime | None) -> Wait:
        return Wait(self.case, str(begun.payload["waits_for"]), begun.at, end)
