"""A drill of a kill switch: a stream of harmless calls, a stop, how long work went on, a lift."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from cases.memory.models import Case
from cases.tools.models import ToolAttempt, ToolCall
from cases.tools.selectors import get_tool
from cases.tools.services import Proposal, StepContext, propose
from cases.tools.types import CallState
from governance.access.selectors import authority_of
from governance.switches import services
from governance.switches.models import Stop
from governance.switches.types import Drill, StopScope
from orchestra.core import clock
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError

POLL_SECONDS = 0.05
#: How long nothing may begin before the stop counts as having worked.
QUIET_SECONDS = 3.0
REASON = "A drill: nothing is wrong. It is lifted within seconds."


class DrillError(Exception):
    """The drill could not be held; the message says why and what to do."""


@dataclass(slots=True)
class Stream:
    """Proposes one harmless call after the other, from a thread, until it is told to end.

    Attributes:
        case: The drill's own case.
        actor: Who proposes.
        tool: Name of a read tool with one text argument.
        argument: Name of that argument.
        step: The plan that the calls belong to; empty for a drill of anything but a cue sheet.
        refused: How many proposals a stop refused.
        trouble: Why the stream ended early, if it did.
    """

    case: Case
    actor: Actor
    tool: str
    argument: str
    step: StepContext = field(default_factory=StepContext)
    refused: int = 0
    trouble: str = ""
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> "Stream":
        """Begin."""
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End, and wait for it."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        number = 0
        try:
            while not self._over.wait(POLL_SECONDS):
                number += 1
                self._propose(number)
        except Exception as error:  # noqa: BLE001  told by the thread that waits
            self.trouble = str(error) or type(error).__name__
        finally:
            connection.close()

    def _propose(self, number: int) -> None:
        try:
            propose(
                authority=authority_of(self.actor),
                now=clock.now(),
                proposal=Proposal(
                    case=self.case,
                    tool=get_tool(name=self.tool),
                    arguments={self.argument: f"{number} + 1"},
                    confidence=1.0 if self.actor.is_agent else None,
                    margin=1.0 if self.actor.is_agent else None,
                    rationale="A drill of the kill switch.",
                    step=self.step,
                ),
            )
        except ConflictError as error:
            if not error.error_code.startswith("stop."):
                raise
            self.refused += 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a drill stops, and who takes part.

    Attributes:
        by: Who stops and asks for the end.
        second: Another person, who agrees to the end of a stop of everything.
        wait_seconds: How long to wait for the workers.
    """

    scope: StopScope
    key: str
    by: Actor
    second: Actor | None = None
    wait_seconds: float = 30.0


def hold_drill(*, wanted: Wanted, stream: Stream) -> tuple[Stop, Drill]:
    """Stop, measure, lift and record; whatever happens, the stop of the drill is lifted.

    Args:
        wanted: What is stopped.
        stream: The calls that run meanwhile, not begun yet.

    Raises:
        DrillError: No worker carries calls out, or the stream could not be proposed.
        OrchestraError: The stop or its end is refused.
    """
    calls = ToolCall.objects.filter(case=stream.case)
    with stream:
        _wait(wanted, stream, lambda: calls.filter(attempt__gt=0).count() >= 3)  # noqa: PLR2004  a stream, not one call
        stop = services.stop(
            actor=wanted.by,
            now=clock.now(),
            scope=wanted.scope,
            key=wanted.key,
            reason=REASON,
            is_drill=True,
        )
        stopped_at = clock.now()
        try:
            _wait(wanted, stream, lambda: _is_quiet(stream, stopped_at))
        finally:
            held = list(calls.filter(state=CallState.READY).values_list("pk", flat=True))
            late = _attempts(stream).filter(started_at__gt=stopped_at).order_by("-started_at")
            last = late.values_list("started_at", flat=True).first()
            counts = (_attempts(stream).filter(started_at__lte=stopped_at).count(), late.count())
            refused = stream.refused
            _lift(wanted, stop)
    ended = calls.filter(pk__in=held, settled_at__isnull=False)
    _wait(wanted, stream, lambda: ended.count() == len(held))
    drill = Drill(
        seconds=(last - stopped_at).total_seconds() if last else 0.0,
        ran=counts[0],
        late=counts[1],
        refused=refused,
        held=len(held),
        resumed=ended.count(),
    )
    services.record_drill(actor=wanted.by, now=clock.now(), stop=stop, drill=drill)
    return stop, drill


def _attempts(stream: Stream) -> "QuerySet[ToolAttempt]":
    return ToolAttempt.objects.filter(call__case=stream.case)


def _is_quiet(stream: Stream, stopped_at: datetime) -> bool:
    last = _attempts(stream).order_by("-started_at").values_list("started_at", flat=True).first()
    since = max(last or stopped_at, stopped_at)
    return stream.refused > 0 and (clock.now() - since).total_seconds() >= QUIET_SECONDS


def _lift(wanted: Wanted, stop: Stop) -> None:
    people = [wanted.by]
    if wanted.scope is StopScope.EVERYTHING and wanted.second is not None:
        people.append(wanted.second)
    for person in people:
        services.lift(
            actor=person, now=clock.now(), stop_id=stop.public_id, reason="The drill is over."
        )


def _wait(wanted: Wanted, stream: Stream, is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + wanted.wait_seconds
    while not is_so():
        if stream.trouble:
            raise DrillError(f"The calls of the drill could not be proposed: {stream.trouble}")
        if time.monotonic() > ends:
            raise DrillError(
                f"Nothing came of it within {wanted.wait_seconds:.0f} seconds: is a worker "
                "running, and is nothing else stopped?"
            )
        time.sleep(POLL_SECONDS)
