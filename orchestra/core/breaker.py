"""A circuit breaker per connection: opens after failures in a row, then admits one trial."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

FAILURES_TO_OPEN: Final = 5
OPEN_SECONDS: Final = 30.0
CLOSED: Final = "closed"
OPEN: Final = "open"
TRIAL: Final = "trial"


@dataclass(frozen=True, slots=True)
class BreakerState:
    """How a breaker stands: ``closed``, ``open`` or ``trial``, and failures in a row."""

    state: str
    failures: int


class Breaker:
    """Counts failures in a row; time is given, so that it is a plain machine."""

    _all: ClassVar[dict[str, "Breaker"]] = {}
    _all_lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._opened_at: float | None = None
        self._trial = False
        self.shared = BreakerState(state=CLOSED, failures=0)

    def admit(self, now: float) -> bool:
        """Return whether a request may be sent; while open, one trial per period may.

        Args:
            now: Seconds on a clock that only rises.
        """
        with self._lock:
            if self._opened_at is None:
                return True
            if self._trial or now - self._opened_at < OPEN_SECONDS:
                return False
            self._trial = True
            return True

    def failed(self, now: float) -> None:
        """Count a failure; a failed trial begins a new period."""
        with self._lock:
            self._failures += 1
            self._trial = False
            if self._failures >= FAILURES_TO_OPEN:
                self._opened_at = now

    def succeeded(self) -> None:
        """Forget the failures and close."""
        with self._lock:
            self._failures = 0
            self._opened_at = None
            self._trial = False

    @property
    def state(self) -> BreakerState:
        """How it stands."""
        with self._lock:
            name = CLOSED if self._opened_at is None else TRIAL if self._trial else OPEN
            return BreakerState(state=name, failures=self._failures)

    @classmethod
    def of(cls, connection: str) -> "Breaker":
        """Return the breaker of a connection, made on first use."""
        with cls._all_lock:
            return cls._all.setdefault(connection, cls())

    @classmethod
    def states(cls) -> dict[str, BreakerState]:
        """Return how all breakers of this process stand."""
        with cls._all_lock:
            return {name: breaker.state for name, breaker in sorted(cls._all.items())}

    @classmethod
    def changes(cls) -> dict[str, BreakerState]:
        """Return the breakers that stand otherwise than was last told of them.

        Failures in a row that do not open one are no change; each failed trial is.
        """
        return {
            name: state
            for name, state in cls.states().items()
            if _worth_telling(state) != _worth_telling(cls.of(name).shared)
        }

    @classmethod
    def told(cls, states: Mapping[str, BreakerState]) -> None:
        """Note what was told of breakers, so that they count as changed no more."""
        for name, state in states.items():
            cls.of(name).shared = state

    @classmethod
    def forget_all(cls) -> None:
        """Forget all breakers of this process."""
        with cls._all_lock:
            cls._all.clear()


def _worth_telling(state: BreakerState) -> tuple[str, int]:
    return (state.state, 0 if state.state == CLOSED else state.failures)


def breaker_of(connection: str) -> Breaker:
    """Return the breaker of a connection."""
    return Breaker.of(connection)
