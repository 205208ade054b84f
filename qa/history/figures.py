"""What the cases of an event log come to; pure.

A transfer is a change of group; a case went back where a group has it again after another.
A case is reopened where it is worked again, as active, after it was first resolved. How long it
took is from its first to its last event; cases that are still open count with what was seen.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import Any

from qa.estimates.proportions import wilson
from qa.history.types import Baseline, LoggedEvent, Month, PastCase, Share, Spread, Standing
from qa.sampling.planning import z_of

Json = Any
_TENTH = 0.9


def case_of(events: Sequence[LoggedEvent]) -> PastCase:
    """Return what one case comes to.

    Args:
        events: All of one case, in order; at least one.
    """
    told = [one for one in events if one.standing is not Standing.IGNORED]
    groups = _runs(one.group for one in events if one.group)
    resources = _runs(one.resource for one in events if one.resource)
    end = told[-1] if told else None
    resolved = [one for one in told if one.standing is Standing.RESOLVED]
    is_resolved = end is not None and end.standing is Standing.RESOLVED
    return PastCase(
        ref=events[0].case,
        opened_at=events[0].at,
        last_at=events[-1].at,
        resolved_at=_last_resolved(told) if is_resolved else None,
        withdrawn=end is not None and end.standing is Standing.WITHDRAWN,
        events=len(events),
        group_changes=max(0, len(groups) - 1),
        went_back=len(set(groups)) < len(groups),
        resource_changes=max(0, len(resources) - 1),
        reopened=bool(resolved)
        and any(one.standing is Standing.ACTIVE for one in told[told.index(resolved[0]) + 1 :]),
        channel=next((one.channel for one in events if one.channel), ""),
        first_group=groups[0] if groups else "",
    )


def baseline_of(cases: Sequence[PastCase]) -> Baseline:
    """Return how a centre worked.

    Args:
        cases: In any order; of none, every share and time is None.
    """
    months: dict[str, list[PastCase]] = defaultdict(list)
    for one in cases:
        months[f"{one.opened_at:%Y-%m}"].append(one)
    return Baseline(
        cases=len(cases),
        events=sum(one.events for one in cases),
        transferred=_share(one.group_changes > 0 for one in cases),
        went_back=_share(one.went_back for one in cases),
        reopened=_share(one.reopened for one in cases),
        mean_group_changes=_mean([one.group_changes for one in cases]),
        mean_resource_changes=_mean([one.resource_changes for one in cases]),
        days=spread_of([one.days for one in cases]),
        still_open=sum(one.resolved_at is None and not one.withdrawn for one in cases),
        withdrawn=sum(one.withdrawn for one in cases),
        months=tuple(_month(name, months[name]) for name in sorted(months)),
    )


def spread_of(days: Sequence[float]) -> Spread:
    """Return median, mean and nine in ten of times.

    The interval of the median is that of the order statistics that bracket it at 95 %
    (normal approximation to the binomial); None where so few times bracket nothing.
    """
    ordered = sorted(days)
    count = len(ordered)
    if not ordered:
        return Spread(None, None, None, None, None)
    half = z_of(0.95) * math.sqrt(count) / 2
    low, high = math.floor(count / 2 - half), math.ceil(count / 2 + half)
    is_told = low >= 1 and high <= count - 1
    return Spread(
        median=_quantile(ordered, 0.5),
        low=ordered[low - 1] if is_told else None,
        high=ordered[high] if is_told else None,
        mean=math.fsum(ordered) / count,
        p90=_quantile(ordered, _TENTH),
    )


def as_json(baseline: Baseline) -> Json:
    """Return a baseline as it is stored."""
    return asdict(baseline)


def from_json(stored: Json) -> Baseline:
    """Return a baseline that was stored."""
    shares = {name: Share(**stored[name]) for name in ("transferred", "went_back", "reopened")}
    months = tuple(
        Month(
            **{
                **one,
                "transferred": Share(**one["transferred"]),
                "reopened": Share(**one["reopened"]),
            }
        )
        for one in stored["months"]
    )
    return Baseline(**{**stored, **shares, "days": Spread(**stored["days"]), "months": months})


def _runs(values: Iterable[str]) -> list[str]:
    """Return values without those that are the same as the one before."""
    found = list(values)
    return found[:1] + [after for before, after in pairwise(found) if before != after]


def _last_resolved(told: Sequence[LoggedEvent]) -> Any:
    """Return since when a case that ends resolved stands so."""
    at = told[-1].at
    for one in reversed(told):
        if one.standing is not Standing.RESOLVED:
            break
        at = one.at
    return at


def _month(name: str, cases: Sequence[PastCase]) -> Month:
    return Month(
        month=name,
        cases=len(cases),
        transferred=_share(one.group_changes > 0 for one in cases),
        reopened=_share(one.reopened for one in cases),
        median_days=spread_of([one.days for one in cases]).median,
    )


def _share(answers: Iterable[bool]) -> Share:
    found = list(answers)
    hits, total = sum(found), len(found)
    if not total:
        return Share(0, 0, None, None)
    interval = wilson(hits=hits, total=total)
    return Share(hits, total, interval.low, interval.high)


def _mean(values: Sequence[int]) -> float | None:
    return sum(values) / len(values) if values else None


def _quantile(ordered: Sequence[float], share: float) -> float:
    place = (len(ordered) - 1) * share
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
