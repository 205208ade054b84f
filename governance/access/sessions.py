"""Sessions in a table of our own: whose each is, when it was used, and when it ends by itself.

A session is loaded by its key where it has not expired. Both time-outs live in that one
date, so neither costs a query: the idle one moves with use, the absolute one caps it. Whose
it is comes with it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db.models import Count
from django.utils.crypto import salted_hmac

from governance.access.models import PersonSession, User
from orchestra.core import clock
from orchestra.core.clock import parse_rfc3339, rfc3339
from orchestra.core.prepared import Prepared

#: Keys of the session that say since when it is a person's, and on which device.
BEGAN = "orchestra_began"
DEVICE = "orchestra_device"


@dataclass(frozen=True, slots=True)
class SignIn:
    """One sign-in of a person, as it is shown.

    Attributes:
        handle: What a page may name it by; its key is nobody's to see.
        device: Browser and system in words; empty where nothing is known.
        began_at: When it began.
        used_at: When it was last used, to the minute.
        is_here: Whether it is the one that asks.
    """

    handle: str
    device: str
    began_at: datetime
    used_at: datetime
    is_here: bool


class SessionStore(DatabaseStore):
    """Django's database sessions, with a person, a device and an absolute end.

    Attributes:
        used_at: When the row was last written, known once it is loaded.
        person: Whose the row is, as read with it; None before that, and of nobody's.
    """

    used_at: datetime | None = None
    person: User | None = None

    @classmethod
    def get_model_class(cls) -> type[PersonSession]:
        """Return the table."""
        return PersonSession

    def _get_session_from_db(self) -> PersonSession | None:
        row = _LIVING.first(self.session_key, clock.now())
        if row is None:
            # As Django does: a key that names no session is not taken over.
            self._session_key = None
        self.used_at = row.used_at if row else None
        self.person = row.person if row else None
        return row

    def create_model_instance(self, data: dict[str, Any]) -> PersonSession:
        """Return the row that is written; the first of a person stamps when it began."""
        now = clock.now()
        person = data.get(SESSION_KEY)
        if person is not None:
            data.setdefault(BEGAN, rfc3339(now))
        row: PersonSession = super().create_model_instance(data)  # type: ignore[assignment]  # the stubs name Django's own row
        row.person_id = int(person) if person is not None else None
        row.began_at = began_at(data)
        row.device = str(data.get(DEVICE, ""))
        row.used_at = self.used_at = now
        return row

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        """Return the earlier of the idle and the absolute time-out."""
        idle: datetime = super().get_expiry_date(**kwargs)
        began = self.get(BEGAN)
        if began is None:
            return idle
        longest = timedelta(seconds=settings.ORCHESTRA["SESSION_LONGEST_SECONDS"])
        return min(idle, parse_rfc3339(began) + longest)

    def record_use(self, *, now: datetime) -> None:
        """Move the idle time-out, not more often than the setting says.

        Only that is written: a save of the whole session could undo what another request of
        the same person has put into it meanwhile.
        """
        gap = timedelta(seconds=settings.ORCHESTRA["SESSION_USE_SECONDS"])
        if self.used_at is not None and now - self.used_at >= gap:
            PersonSession.objects.filter(session_key=self.session_key).update(
                used_at=now, expire_date=self.get_expiry_date()
            )


_LIVING: Prepared[PersonSession] = Prepared(
    lambda key, now: PersonSession.objects.filter(
        session_key=key, expire_date__gt=now
    ).select_related("person")
)


def began_at(data: dict[str, Any]) -> datetime | None:
    """Return since when a session is a person's; None where nobody signed in."""
    began = data.get(BEGAN)
    return parse_rfc3339(began) if began else None


def list_sign_ins(*, person: User, now: datetime, here: str = "") -> list[SignIn]:
    """Return the sign-ins of a person that live, the last used first.

    Args:
        person: Whose.
        now: The moment.
        here: Key of the session that asks.
    """
    rows = PersonSession.objects.filter(person=person, expire_date__gt=now).defer("session_data")
    return [
        SignIn(
            handle=_handle_of(row.session_key),
            device=row.device,
            began_at=row.began_at or row.used_at,
            used_at=row.used_at,
            is_here=row.session_key == here,
        )
        for row in rows.order_by("-used_at")
    ]


def living_keys(*, keys: Collection[str], now: datetime) -> frozenset[str]:
    """Return those of some sessions, by their keys, that have not ended."""
    rows = PersonSession.objects.filter(session_key__in=keys, expire_date__gt=now)
    return frozenset(rows.values_list("session_key", flat=True))


def key_of(*, person: User, handle: str) -> str:
    """Return the key of a person's session by its handle; empty where there is none."""
    keys = PersonSession.objects.filter(person=person).values_list("session_key", flat=True)
    return next((key for key in keys if _handle_of(key) == handle), "")


def _handle_of(key: str) -> str:
    return salted_hmac("orchestra.sign_in", key).hexdigest()[:16]


def count_sign_ins(*, person_pks: Collection[int], now: datetime) -> dict[int, int]:
    """Return how often some people are signed in, in one query."""
    rows = PersonSession.objects.filter(person_id__in=person_pks, expire_date__gt=now)
    counted = rows.values_list("person_id").annotate(count=Count("pk")).order_by()
    return {pk: count for pk, count in counted if pk is not None}
