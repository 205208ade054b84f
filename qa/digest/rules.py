"""When a digest is due; pure."""

from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

#: On the Monday after the week, by the clock on the person's wall.
DUE_AT: Final = time(7)
#: By then it goes out with the numbers there are.
LATEST_AT: Final = time(12)
#: After so long a mail on a week that is over is no news any more.
_NEWS_FOR: Final = timedelta(days=3)
#: How long one attempt may take before another is made, and how many are made.
LEASE: Final = timedelta(minutes=15)
MOST_ATTEMPTS: Final = 5


def due_week(*, now: datetime, zone: tzinfo, is_computed: bool) -> date | None:
    """Return the Monday of the week that a digest is due on; None where none is.

    Args:
        now: When, UTC.
        zone: The person's.
        is_computed: Whether every number of that week is there.
    """
    here = now.astimezone(zone)
    monday = here.date() - timedelta(days=here.weekday())
    begins = datetime.combine(monday, DUE_AT if is_computed else LATEST_AT, tzinfo=zone)
    ends = datetime.combine(monday, DUE_AT, tzinfo=zone) + _NEWS_FOR
    if not begins <= here < ends:
        return None
    return monday - timedelta(weeks=1)
