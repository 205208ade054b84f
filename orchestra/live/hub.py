"""The open streams of this process, and the one thread that looks at the ledger for all of them.

A stream waits and holds no database connection. The looking thread holds one while it looks, and
is there only while a stream is open. The ledger's places are the cursor: they have no gap and are
given in the order they become visible, so who comes back with the last one misses nothing.
"""

import json
import threading
from collections.abc import Sequence
from datetime import datetime
from queue import SimpleQueue

import structlog
from django.db import DatabaseError, connection

from cases.memory import selectors as memory
from governance.access import selectors as access
from governance.access import sessions
from governance.ledger import heads
from governance.ledger import selectors as ledger
from orchestra.core import clock
from orchestra.live import rules

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
#: How often session and rights are read again while nothing happens; with news they always are.
CHECK_LOOKS = 5
#: Who has been away for longer is told only that there is something.
MOST_ENTRIES = 500


class Stream:
    """One open page's stream; what is put is sent."""

    def __init__(self, *, person_id: str, session_key: str, place: int) -> None:
        """Begin after a place."""
        self.person_id = person_id
        self.session_key = session_key
        self.place = place
        self._put: SimpleQueue[bytes | None] = SimpleQueue()

    def put(self, text: bytes | None) -> None:
        """Send a text; None ends the stream."""
        self._put.put(text)

    def take(self, *, seconds: float) -> bytes | None:
        """Wait for the next text; None at the end.

        Raises:
            queue.Empty: Nothing came in time.
        """
        return self._put.get(timeout=seconds)


class TooManyPagesError(Exception):
    """As many pages of one person are held as may be; others may still have a place."""


class Hub:
    """The streams of one process."""

    def __init__(self) -> None:
        """Begin without a stream and without a thread."""
        self._lock = threading.Lock()
        self._streams: set[Stream] = set()
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()
        self._size = 0
        self._looks = 0

    def __len__(self) -> int:
        """Return how many streams are open."""
        return len(self._streams)

    def join(
        self, *, person_id: str, session_key: str, place: int | None, most: int, most_each: int
    ) -> Stream | None:
        """Open a stream, or None where as many are open as may be.

        Args:
            person_id: Public id of the reader.
            session_key: The session that keeps it open.
            place: The place the browser had come to; None for from now on.
            most: How many may be open in this process.
            most_each: How many of them one person may hold, whatever session they are of.

        Raises:
            TooManyPagesError: The person holds as many as one may.
        """
        size = ledger.tree_size()
        stream = Stream(
            person_id=person_id,
            session_key=session_key,
            place=size if place is None else min(place, size),
        )
        with self._lock:
            if len(self._streams) >= most:
                return None
            if sum(one.person_id == person_id for one in self._streams) >= most_each:
                raise TooManyPagesError
            self._streams.add(stream)
        return stream

    def leave(self, stream: Stream) -> None:
        """Close a stream."""
        with self._lock:
            self._streams.discard(stream)

    def watch(self) -> None:
        """See to it that somebody looks."""
        with self._lock:
            if self._thread is None and self._streams:
                self._thread = threading.Thread(target=self._look_on, name="live", daemon=True)
                self._thread.start()

    def look(self, *, now: datetime) -> None:
        """Read what is new once, for all streams, and tell each what concerns it."""
        with self._lock:
            streams = list(self._streams)
        size = ledger.tree_size()
        is_news = any(stream.place < size for stream in streams)
        self._looks += 1
        if streams and (is_news or self._looks % CHECK_LOOKS == 0):
            self._tell(streams, size=size, now=now)

    def _tell(self, streams: Sequence[Stream], *, size: int, now: datetime) -> None:
        living = sessions.living_keys(keys={one.session_key for one in streams}, now=now)
        authorities = access.authorities_of({one.person_id for one in streams})
        begin = rules.begin_of([one.place for one in streams], size=size, most=MOST_ENTRIES)
        found = _read_heads(begin, size)
        for stream in streams:
            authority = authorities.get(stream.person_id)
            if stream.session_key not in living or authority is None or not authority.active:
                stream.put(rules.text_of("over"))
                stream.put(None)
                self.leave(stream)
                continue
            news = rules.news_for(authority, found, after=stream.place)
            is_cut = stream.place < begin
            stream.place = size
            if news or is_cut:
                data = json.dumps({"cases": news, "cut": is_cut}, separators=(",", ":"))
                stream.put(rules.text_of("news", place=size, data=data))

    def _look_on(self) -> None:
        while True:
            with self._lock:
                if not self._streams:
                    self._thread = None
                    return
            try:
                self.look(now=clock.now())
            except DatabaseError:
                # The streams stay; the next look may be answered.
                log.warning("live.look_failed", exc_info=True)
            finally:
                connection.close()
            self._wake.wait(LOOK_SECONDS)


def _read_heads(begin: int, end: int) -> list[rules.Head]:
    found = [
        (index, kind, case, actor)
        for index, kind, stream, actor in heads.list_heads(begin=begin, end=end)
        if kind not in rules.UNTOLD and (case := rules.case_of(stream))
    ]
    queues = memory.queues_of({case for _index, _kind, case, _actor in found})
    return [
        rules.Head(index=index, kind=kind, case_id=case, queue_id=queues[case], actor_id=actor)
        for index, kind, case, actor in found
        if case in queues
    ]


#: The streams of this process.
hub = Hub()
