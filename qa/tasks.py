"""Thin Celery entries of quality: each calls one service, and may run twice."""

from celery import shared_task

from orchestra.core import clock
from qa.population import services as population


@shared_task(name="qa.population.follow")
def follow_population() -> None:
    """Write what ended since the last time as units that can be sampled."""
    population.follow_ledger(now=clock.now())
