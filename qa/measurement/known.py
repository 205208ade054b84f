"""The numbers as they are known now, or as they were known at a past moment."""

from datetime import datetime
from typing import Final

from qa.measurement.showing import Shown, list_shown

#: More cases than that are not read again while somebody waits for the answer.
MOST_CASES: Final = 5_000


def list_known(*, now: datetime, at: datetime | None = None) -> list[Shown]:
    """Return every metric in force with its numbers.

    Args:
        now: When is asked, UTC.
        at: A past moment; what was recorded later is then left out, and the trend with it.

    Raises:
        InvalidInputError: Too many cases would have to be read again.
    """
    if at is None:
        return list_shown(now=now)
    from qa.measurement.past import figures_as_of  # noqa: PLC0415 numpy is loaded where something is measured

    return figures_as_of(at=at, most=MOST_CASES)
