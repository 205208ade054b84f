"""Lock-out after wrong tries, by login and address, counted in the database.

One counter serves signing in, the second factor and proving again who one is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_cool_off, get_failure_limit
from axes.models import AccessAttempt
from django.core.cache import cache
from django.http import HttpRequest

from governance.access.models import User
from governance.access.services.lockouts import record_lock_out
from orchestra.core import clock

#: What a lock-out's response knows of the try, kept on the request by axes.
_LOCKED: Final = "axes_locked_out"


@dataclass(frozen=True, slots=True)
class LockedOut:
    """A person who cannot try again yet.

    Attributes:
        person: Who.
        tries: Wrong tries that count.
        address: Where they came from.
        until: When the next try is taken.
    """

    person: User
    tries: int
    address: str
    until: datetime


class LockOutHandler(AxesDatabaseHandler):
    """The counter; the try that reaches the limit goes on record, once a lock-out."""

    def user_login_failed(
        self,
        sender: Any,
        credentials: Mapping[str, Any],
        request: HttpRequest | None = None,
        **kwargs: Any,
    ) -> None:
        """Count a wrong try."""
        super().user_login_failed(sender, credentials, request, **kwargs)
        tries = getattr(request, "axes_failures_since_start", None)
        if request is None or tries != get_failure_limit(request, credentials):
            return
        person = User.objects.filter(username=credentials.get("username", "")).first()
        # Tries from many addresses lock many times; the record needs it once.
        if person is not None and cache.add(f"locked-out:{person.pk}", 1, _seconds()):
            record_lock_out(
                now=clock.now(),
                person=person,
                tries=tries,
                address=getattr(request, "axes_ip_address", None) or "",
            )


def may_try(request: HttpRequest, person: User) -> bool:
    """Return whether a code of this person may be tried here; else the answer says until when."""
    credentials = {"username": person.get_username()}
    if AxesProxyHandler.is_allowed(request, credentials):
        return True
    request.__dict__.update({_LOCKED: True, "axes_credentials": credentials})
    return False


def count_wrong_try(request: HttpRequest, person: User) -> None:
    """Count a wrong code like a wrong password."""
    AxesProxyHandler.user_login_failed(
        sender=__name__, credentials={"username": person.get_username()}, request=request
    )


def answer_elsewhere(request: HttpRequest) -> None:
    """Keep the lock-out's page from replacing an answer that is no page."""
    request.__dict__[_LOCKED] = False


def is_locked_out(request: HttpRequest) -> bool:
    """Return whether this request met the lock-out."""
    return bool(request.__dict__.get(_LOCKED))


def seconds_left(*, login: str, address: str | None, now: datetime) -> int:
    """Return the longest it can take until a login may be tried again from an address.

    It is the same whether anybody has that login.
    """
    rows = AccessAttempt.objects.filter(username=login, ip_address=address)
    last = rows.order_by("-attempt_time").values_list("attempt_time", flat=True).first()
    if last is None:
        return _seconds()
    passed: int = ceil((last - now).total_seconds())
    return max(passed + _seconds(), 1)


def list_locked(*, now: datetime) -> list[LockedOut]:
    """Return the people who are locked out, the latest first."""
    rows = AccessAttempt.objects.filter(attempt_time__gt=now - timedelta(seconds=_seconds()))
    tries: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        tries.setdefault((row.username or "", row.ip_address or ""), []).append(row)
    people = {
        person.username: person
        for person in User.objects.filter(username__in={login for login, _at in tries})
    }
    found = [
        LockedOut(
            person=people[login],
            tries=sum(row.failures_since_start for row in counted),
            address=address,
            until=max(row.attempt_time for row in counted) + timedelta(seconds=_seconds()),
        )
        for (login, address), counted in tries.items()
        if login in people
    ]
    limit = get_failure_limit(None, None)
    return sorted(
        (one for one in found if one.tries >= limit), key=lambda one: one.until, reverse=True
    )


def _seconds() -> int:
    return int(get_cool_off().total_seconds())
