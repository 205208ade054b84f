"""Sessions in a table of our own: whose each is, when it was used, and when it ends by itself.

Django loads a session by its key where it has not expired. Both time-outs live in that one
date, so neither costs a query: the idle one moves with use, the absolute one caps it.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from governance.access.models import PersonSession
from orchestra.core import clock
from orchestra.core.clock import parse_rfc3339, rfc3339

#: Keys of the session that say since when it is a person's, and on which device.
BEGAN = "orchestra_began"
DEVICE = "orchestra_device"


class SessionStore(DatabaseStore):
    """Django's database sessions, with a person, a device and an absolute end.

    Attributes:
        used_at: When the row was last written, known once it is loaded.
    """

    used_at: datetime | None = None

    @classmethod
    def get_model_class(cls) -> type[PersonSession]:
        """Return the table."""
        return PersonSession

    def _get_session_from_db(self) -> PersonSession | None:
        row: PersonSession | None = super()._get_session_from_db()  # type: ignore[misc]  # not in the stubs
        self.used_at = row.used_at if row else None
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

    def was_used(self, *, now: datetime) -> bool:
        """Say whether use is worth writing down: not more often than the setting says."""
        gap = timedelta(seconds=settings.ORCHESTRA["SESSION_USE_SECONDS"])
        return self.used_at is None or now - self.used_at >= gap


def began_at(data: dict[str, Any]) -> datetime | None:
    """Return since when a session is a person's; None where nobody signed in."""
    began = data.get(BEGAN)
    return parse_rfc3339(began) if began else None
