"""Reads of the signs of work and of breakers."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db.models import Max, QuerySet
from prometheus_client.core import GaugeMetricFamily, Metric

from governance.liveness.models import BreakerSign, WorkerSign
from governance.liveness.rules import FORGOTTEN_AFTER, Standing, Told, silence_seconds, standing_of
from orchestra.core import clock
from orchestra.core.breaker import CLOSED, OPEN, TRIAL
from orchestra.core.metrics import gauge
from orchestra.core.together import Reading, answer, read

#: How a state is told to a scrape.
BREAKER_VALUES = {CLOSED: 0.0, TRIAL: 0.5, OPEN: 1.0}


def list_signs() -> QuerySet[WorkerSign]:
    """Return the last sign of each worker, the newest first."""
    return WorkerSign.objects.order_by("-at")


def find_silence(now: datetime) -> float | None:
    """Return for how many seconds no worker took work, None while that is not too long."""
    return answer(reading_silence(now))


def reading_silence(now: datetime) -> Reading[float | None]:
    """Come to for how many seconds no worker took work, None while that is not too long."""
    newest = yield from read(list_signs().values_list("at", flat=True)[:1])
    seconds = silence_seconds(last=newest[0] if newest else None, now=now)
    return seconds if seconds > settings.ORCHESTRA["DEAF_SECONDS"] else None


def standings(now: datetime) -> dict[str, Standing]:
    """Return how connections stand, by key, as the processes see them that call: one query.

    A connection that no process told anything of is not in it: nothing is wrong there.
    """
    return answer(reading_standings(now))


def reading_standings(now: datetime) -> Reading[dict[str, Standing]]:
    """Come to how connections stand, as ``standings`` returns it."""
    told = defaultdict(list)
    rows = BreakerSign.objects.filter(at__gt=now - FORGOTTEN_AFTER)
    found = yield from read(rows.values_list("connection_key", "state", "failures", "at"))
    for key, state, failures, at in found:
        told[key].append(Told(state, failures, at))
    return {key: standing_of(each, now=now) for key, each in sorted(told.items())}


def collect_breakers_shared() -> Iterator[Metric]:
    """Yield how the breakers of all processes stand that carry calls out: one query."""
    family = GaugeMetricFamily(
        "orchestra_connection_left_alone",
        "1 while a process that calls leaves a connection alone; 0.5 while it would try it once.",
        labels=["connection"],
    )
    for key, standing in standings(clock.now()).items():
        family.add_metric([key], BREAKER_VALUES[standing.state])
    yield family


def collect_liveness() -> Iterator[Metric]:
    """Yield how long no work was taken, in seconds, and whether that is too long."""
    now = clock.now()
    seconds = _silence(now)
    is_deaf = int(seconds > settings.ORCHESTRA["DEAF_SECONDS"])
    yield gauge("work_silence_seconds", "Time since a worker last took work.", seconds)
    yield gauge("work_deaf", "1 while no worker takes work, though it may be running.", is_deaf)


def _silence(now: datetime) -> float:
    return silence_seconds(last=WorkerSign.objects.aggregate(at=Max("at"))["at"], now=now)
