"""The stream that an open page of the admin holds, as server-sent events."""

import time
from collections.abc import Iterator
from http import HTTPStatus
from queue import Empty

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from governance.admin.visit import Visit, page
from orchestra.live.hub import Hub, Stream, TooManyPagesError, hub
from orchestra.live.rules import place_of, text_of

#: Nothing is sent for longer than this, so that one that went away is seen.
BEAT_SECONDS = 5.0
BEAT = b": still here\n\n"
_EVENTS = "text/event-stream"
#: How soon a browser comes back, in milliseconds.
RETRY = b"retry: 1000\n\n"
#: Sent in place of a stream to who holds as many as one person may; the page asks and says so.
FULL = text_of("full")


@page("live/", name="live")
def live(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """Hold a stream of what is newer and concerns the reader: ids and kinds, never contents.

    It ends by itself after a while and the browser comes back with the place it had come to.
    Where no stream is to be had the answer is empty, and the page asks as it would without. Who
    holds as many as one person may is told so, since they can close a page themselves.
    """
    # What a page keeps open by itself is no use of the session.
    request.__dict__["orchestra_live"] = True
    most = settings.ORCHESTRA["LIVE_STREAMS"]
    # The browser comes back by itself with the header; a page that was put aside, with its own.
    place = place_of(request.headers.get("Last-Event-ID", "") or request.GET.get("after", ""))
    key = request.session.session_key
    if most <= 0 or not key:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    each = settings.ORCHESTRA["LIVE_STREAMS_EACH"]
    try:
        stream = hub.join(
            person_id=visit.actor.id, session_key=key, place=place, most=most, most_each=each
        )
    except TooManyPagesError:
        return _events(HttpResponse(FULL, content_type=_EVENTS))
    if stream is None:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    told = Telling(hub, stream, seconds=settings.ORCHESTRA["LIVE_SECONDS"])
    return _events(StreamingHttpResponse(told, content_type=_EVENTS))


def _events(answer: HttpResponseBase) -> HttpResponseBase:
    answer.headers["Cache-Control"] = "no-store"
    # A proxy passes on what comes when it comes.
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


class Telling(Iterator[bytes]):
    """The texts of one stream, until its time is over, its end, or that nobody listens."""

    def __init__(self, streams: Hub, stream: Stream, *, seconds: float) -> None:
        """Begin with the place from which on it tells."""
        self._hub = streams
        self._stream = stream
        self._ends = time.monotonic() + seconds
        self._first: bytes | None = RETRY + text_of("place", place=stream.place)

    def __next__(self) -> bytes:
        """Wait for the next text, or for the time of a sign of life."""
        if self._first is not None:
            text, self._first = self._first, None
            if not connection.in_atomic_block:
                connection.close()
            self._hub.watch()
            return text
        left = self._ends - time.monotonic()
        if left <= 0:
            raise StopIteration
        try:
            told = self._stream.take(seconds=min(BEAT_SECONDS, left))
        except Empty:
            return BEAT
        if told is None:
            raise StopIteration
        return told

    def close(self) -> None:
        """Give the place back; the server calls this however the stream ends."""
        self._hub.leave(self._stream)
