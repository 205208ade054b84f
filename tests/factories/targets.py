"""Targets, and the alerts of those that are not kept."""

from datetime import date, datetime, timedelta
from typing import Any

from qa.measurement.models import MetricCell
from qa.targets.models import OutcomeAlert, OutcomeTargetVersion
from qa.targets.types import Week

Json = Any

#: A Monday.
FIRST = date(2026, 8, 3)
WEEK = {"value": 14.0, "low": 12.5, "high": 15.6, "n": 400}


def target(**changes: Json) -> Json:
    """A target of the recontact rate of all journeys, with changes; None takes a part away."""
    found = {
        "key": "returns_end",
        "title": "Few come back",
        "why": "Who comes back was not helped.",
        "metric": "recontact_rate",
        "at_most": 10,
        "owner": "qa_lead",
        **changes,
    }
    return {name: value for name, value in found.items() if value is not None}


def week(number: int, value: float, half: float = 1.96, n: int = 400) -> Week:
    """A week whose standard error is ``half / 1.96``."""
    return Week(FIRST + timedelta(weeks=number), value, value - half, value + half, n)


def make_alert(version: OutcomeTargetVersion, now: datetime, **changes: Any) -> OutcomeAlert:
    """An open alert on a target."""
    values = {
        "sign": "two_of_three",
        "last_week": date(2026, 9, 14),
        "weeks": [{"begin": f"2026-09-{day:02}", **WEEK} for day in (7, 14)],
        "opened_at": now,
        **changes,
    }
    return OutcomeAlert.objects.create(version=version, target=version.target, **values)


def make_cell(
    number: int,
    *strata: tuple[str, int, int],
    now: datetime,
    key: str = "transfer_rate",
    first: date = FIRST,
) -> MetricCell:
    """One week of a share, made of strata such as ``("returns / low / chat", 3, 40)``."""
    hits, total = sum(one[1] for one in strata), sum(one[2] for one in strata)
    share = 100 * hits / total
    return MetricCell.objects.create(
        key=key,
        version=1,
        begin=first + timedelta(weeks=number),
        weeks=1,
        computed_at=now,
        upto_index=1,
        body={
            "figure": {
                "value": share,
                "interval": {"low": share - 2, "high": share + 2},
                "n": total,
                "hits": hits,
                "open": 0,
                "left_out": {},
                "beside": {},
            },
            "curve": [],
            "breakdowns": {},
            "counts": {},
            "strata": {name: [some, of] for name, some, of in strata},
        },
    )
