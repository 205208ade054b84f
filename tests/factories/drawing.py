"""Plans with running periods, and units that end in them."""

from datetime import datetime, timedelta
from typing import Any

from governance.ledger.services import sequence
from qa.population.models import SamplingUnit
from qa.population.registry import tell_written
from qa.population.services import follow_ledger
from qa.sampling.models import SamplePeriod
from qa.sampling.services import draw_due, open_due, publish_plan
from tests.factories.access import FACTORY
from tests.factories.quality import shipped
from tests.factories.sampled import make_unit

MONDAY = datetime.fromisoformat("2026-11-16T00:00:00+00:00")
WEEK = timedelta(days=7)


def weekly(**changes: Any) -> dict[str, Any]:
    """The document of a weekly plan that draws 10 by size of risk, at midnight UTC."""
    document = next(one for one in shipped("sampling_plans") if one["key"] == "weekly")
    return {
        **document,
        "key": "small",
        "title": "Small weekly",
        "strata": {"by": ["risk"], "minimum": 2},
        "allocation": {"method": "proportional", "total": 10},
        "schedule": {"every": "week", "time_zone": "UTC", "draw": "after_period", "at": "00:00"},
        **changes,
    }


def run_plan(document: dict[str, Any], at: datetime = MONDAY) -> SamplePeriod:
    """Put a plan into force and begin its first period."""
    publish_plan(actor=FACTORY, now=at, document=document)
    open_due(now=at)
    return SamplePeriod.objects.get(version__plan__key=document["key"])


def ended(count: int, at: datetime = MONDAY + timedelta(days=1), **fields: Any) -> list[Any]:
    """Units that ended, told to whoever keeps frames."""
    rows = [
        make_unit(started_at=at, ended_at=at + timedelta(minutes=9), **fields)
        for _number in range(count)
    ]
    tell_written(now=at, rows=rows)
    return rows


def draw_at(at: datetime = MONDAY + WEEK) -> int:
    """Fill the population up to a moment and draw what is due then."""
    sequence(now=at)
    kept = list(SamplingUnit.objects.values_list("pk", flat=True))
    follow_ledger(now=at)
    assert kept == list(SamplingUnit.objects.values_list("pk", flat=True))
    return draw_due(now=at)
