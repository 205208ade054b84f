"""A circuit breaker per connection: opens after failures in a row, then admits one trial."""

import threading
from dataclasses import dataclass
from typing import ClassVar, Final

FAILURES_TO_OPEN: Final = 5
OPEN_SECONDS: Final = 30.0


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
            name = "closed" if self._opened_at is None else "trial" if self._trial else "open"
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
    def forget_all(cls) -> None:
        """Forget all breakers of this process."""
        with cls._all_lock:
            cls._all.clear()


def breaker_of(connection: str) -> Breaker:
    """Return the breaker of a connection."""
    return Breaker.of(connection)
