"""What counts as use of a session: what a person does, not what an open page asks by itself."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from governance.access.models import User
from governance.access.sessions import SessionStore
from orchestra.core import clock

Answer = Callable[[HttpRequest], HttpResponseBase]


def activity_middleware(get_response: Answer) -> Answer:
    """Move the idle time-out with use, at most once a minute."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        session = request.session
        if (
            isinstance(session, SessionStore)
            and session.accessed
            and isinstance(request.user, User)
            and not session.modified
            and not is_live(request)
        ):
            session.record_use(now=clock.now())
        return response

    return answer


def is_live(request: HttpRequest) -> bool:
    """Say whether a page asked this by itself: a live part, a poll, or a wait for an answer.

    A caller who claims it wrongly only shortens the own session.
    """
    if request.__dict__.get("orchestra_live"):
        return True
    polls = request.headers.get("X-Requested-With") == "fetch" or "wait" in request.GET
    return request.method in {"GET", "HEAD"} and polls
