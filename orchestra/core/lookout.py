"""One thread that looks, over one connection, for all who wait in this process."""

import threading
import time
from collections.abc import Callable
from contextvars import Context, copy_context
from dataclasses import dataclass, field

from django.db import connection

#: Nothing asks the database more often than this, nor much less often.
FIRST_PAUSE = 0.05
LONGEST_PAUSE = 0.25
_SLOWER = 1.5
#: So long a last look may take; who still waits then goes on with what was seen before.
_GRACE_SECONDS = 5.0


@dataclass(eq=False, slots=True)
class _Look:
    """What one of those who wait looks for; times are of the monotonic clock, in seconds."""

    again: Callable[[], bool]
    ends: float
    at: float
    pause: float
    context: Context = field(default_factory=copy_context)
    over: threading.Event = field(default_factory=threading.Event)
    error: Exception | None = None

    def look(self) -> None:
        """Look once, as whoever waits would; whatever goes wrong is theirs."""
        try:
            is_over = self.context.run(self.again)
        except Exception as error:  # noqa: BLE001  raised again where it is waited for
            self.error, is_over = error, True
        now = time.monotonic()
        self.pause = min(self.pause * _SLOWER, LONGEST_PAUSE)
        self.at = min(now + self.pause, max(self.ends, now))
        if is_over or now >= self.ends:
            self.over.set()


class Lookout:
    """Those who wait in one process. Its thread is there only while somebody waits."""

    def __init__(self) -> None:
        """Begin with nobody and without a thread."""
        self._lock = threading.Lock()
        self._looks: set[_Look] = set()
        self._thread: threading.Thread | None = None
        self._news = threading.Event()

    def wait(self, again: Callable[[], bool], *, ends: float) -> None:
        """Return once a look says that it is enough, or with the last look when time is over.

        A look that hangs, or a thread that was lost, holds nobody for longer than some seconds.

        Args:
            again: Looks, in the thread of all looks and with that thread's connection.
            ends: When it is over in any case, by the monotonic clock.

        Raises:
            Exception: Whatever looking raises.
        """
        one = _Look(again, ends, time.monotonic() + FIRST_PAUSE, FIRST_PAUSE)
        with self._lock:
            self._looks.add(one)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="lookout", daemon=True)
                self._thread.start()
        self._news.set()
        one.over.wait(max(0.0, ends - time.monotonic()) + _GRACE_SECONDS)
        with self._lock:
            self._looks.discard(one)
        if one.error is not None:
            raise one.error

    def _run(self) -> None:
        try:
            while (pause := self._look_around()) is not None:
                self._news.wait(pause)
                self._news.clear()
        finally:
            connection.close()

    def _look_around(self) -> float | None:
        """Look for those whose time it is; return the seconds to the next, None with nobody."""
        now = time.monotonic()
        for one in [each for each in self._waiting() if each.at <= now]:
            one.look()
            if one.error is not None:
                # What went wrong may be the connection; the next look has another.
                connection.close()
        with self._lock:
            self._looks = {one for one in self._looks if not one.over.is_set()}
            if not self._looks:
                self._thread = None
                return None
            return max(0.0, min(one.at for one in self._looks) - time.monotonic())

    def _waiting(self) -> list[_Look]:
        with self._lock:
            return list(self._looks)


#: Those who wait in this process.
lookout = Lookout()
