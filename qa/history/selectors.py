"""Imported logs, their cases and events, read."""

from datetime import datetime

from django.db.models import Q, QuerySet

from orchestra.core.errors import NotFoundError
from qa.history.models import PastLog, PastLogCase, PastLogEvent

#: What a list of cases can be held to.
KINDS = {
    "transferred": Q(group_changes__gt=0),
    "went_back": Q(went_back=True),
    "reopened": Q(reopened=True),
    "open": Q(resolved_at=None, withdrawn=False),
    "withdrawn": Q(withdrawn=True),
}


def get_log(key: str) -> PastLog:
    """Return an imported log.

    Raises:
        NotFoundError: None has this key.
    """
    found = PastLog.objects.filter(key=key).first()
    if found is None:
        raise NotFoundError("There is no such log.")
    return found


def list_cases(
    *, log: PastLog, kind: str = "", month: str = "", after: tuple[datetime, int] | None = None
) -> QuerySet[PastLogCase]:
    """Return cases of a log, the newest first.

    Args:
        log: Which log.
        kind: One of ``KINDS``; anything else for all.
        month: Those opened in it, such as ``2012-05``, UTC; empty for all.
        after: Opening and key of the last case seen.
    """
    rows = log.rows.order_by("-opened_at", "-pk")
    if kind in KINDS:
        rows = rows.filter(KINDS[kind])
    if month:
        year, _dash, number = month.partition("-")
        rows = rows.filter(opened_at__year=int(year), opened_at__month=int(number))
    if after is not None:
        at, pk = after
        rows = rows.filter(Q(opened_at__lt=at) | Q(opened_at=at, pk__lt=pk))
    return rows


def list_events(*, log: PastLog, ref: str) -> list[PastLogEvent]:
    """Return the events of one case, in order.

    Raises:
        NotFoundError: The log has no such case.
    """
    rows = PastLogEvent.objects.filter(case__log=log, case__ref=ref)
    found = list(rows.select_related("case").order_by("at", "line"))
    if not found:
        raise NotFoundError("There is no such case in this log.")
    return found
