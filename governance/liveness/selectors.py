"""Reads of the signs of work."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db.models import Max, QuerySet
from prometheus_client.core import Metric

from governance.liveness.models import WorkerSign
from governance.liveness.rules import silence_seconds
from orchestra.core import clock
from orchestra.core.metrics import gauge


def list_signs() -> QuerySet[WorkerSign]:
    """Return the last sign of each worker, the newest first."""
    return WorkerSign.objects.order_by("-at")


def find_silence(now: datetime) -> float | None:
    """Return for how many seconds no worker took work, None while that is not too long."""
    seconds = _silence(now)
    return seconds if seconds > settings.ORCHESTRA["DEAF_SECONDS"] else None


def collect_liveness() -> Iterator[Metric]:
    """Yield how long no work was taken, in seconds, and whether that is too long."""
    now = clock.now()
    seconds = _silence(now)
    is_deaf = int(seconds > settings.ORCHESTRA["DEAF_SECONDS"])
    yield gauge("work_silence_seconds", "Time since a worker last took work.", seconds)
    yield gauge("work_deaf", "1 while no worker takes work, though it may be running.", is_deaf)


def _silence(now: datetime) -> float:
    return silence_seconds(last=WorkerSign.objects.aggregate(at=Max("at"))["at"], now=now)
