"""Long work that a worker does in turns, under a lease that runs out with a worker that dies."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from orchestra.core.dispatch import enqueue

#: A task gives way to others after this long and rings for itself.
TURN_SECONDS = 20.0


def lease_end(now: datetime) -> datetime:
    """Return until when a worker has what it takes now."""
    return now + timedelta(seconds=settings.ORCHESTRA["LEASE_SECONDS"])


def is_over(*, begun: datetime, now: datetime) -> bool:
    """Return whether a worker has had its turn."""
    return (now - begun).total_seconds() >= TURN_SECONDS


def ring_due(rows: QuerySet[Any], *, task: str, now: datetime) -> int:
    """Ring for the work that no worker has: lost messages, and workers that are gone.

    Args:
        rows: The open work, with its ``lease_until_at``.
        task: Registered name of the task that takes the key of one.
        now: When, UTC.

    Returns:
        For how many it rang.
    """
    due = rows.filter(Q(lease_until_at__isnull=True) | Q(lease_until_at__lte=now))
    keys = list(due.order_by("pk").values_list("pk", flat=True))
    for pk in keys:
        enqueue(task, pk)
    return len(keys)
