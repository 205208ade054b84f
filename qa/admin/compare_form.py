"""What a comparison of a metric asks for, as the address says it, and its form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from orchestra.core import words as plain_words
from qa.measurement import sentences as say
from qa.measurement.services.computing import HEADLINE_WEEKS, this_monday
from qa.measurement.showing import Shown
from qa.measurement.types import Breakdown, MetricSpec

_DAY: Final = timedelta(days=1)
_LONGEST: Final = timedelta(weeks=26)
#: What one may ask for alone; a version is a side of its own.
FILTERS: Final = (
    Breakdown.JOURNEY,
    Breakdown.CHANNEL,
    Breakdown.PATTERN,
    Breakdown.QUEUE,
    Breakdown.RISK,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be compared, as the address says it.

    Attributes:
        spans: Both sides' first and last day.
        versions: Both sides' versions; empty where spans are compared.
        only: What both sides are of.
        wrong: What could not be read, in words.
    """

    spans: tuple[tuple[date, date], tuple[date, date]]
    versions: tuple[str, str] | None = None
    only: Mapping[Breakdown, str] = field(default_factory=dict)
    cut: Breakdown = Breakdown.CHANNEL
    wrong: tuple[str, ...] = ()


def read_asked(given: Mapping[str, str], spec: MetricSpec, now: datetime) -> Asked:
    """Return what the address asks for; the last four weeks against those before by default."""
    monday = this_monday(now=now, time_zone=spec.time_zone)
    four = timedelta(weeks=HEADLINE_WEEKS)
    spans = (
        (monday - 2 * four, monday - four - _DAY),
        (monday - four, monday - _DAY),
    )
    wrong: list[str] = []
    if given.get("from2") or given.get("from1"):
        spans = (_span(given, "1", spans[0], wrong), _span(given, "2", spans[1], wrong))
    only = {by: given[by.value] for by in FILTERS if given.get(by.value)}
    versions = (given.get("v1", ""), given.get("v2", ""))
    if any(versions) and not all(versions):
        wrong.append(_("Name both versions, or none."))
    if all(versions) and Breakdown.JOURNEY not in only:
        wrong.append(_("Choose the journey whose versions are to be compared."))
    cut = given.get("cut", "")
    known = {by.value: by for by in Breakdown}
    return Asked(
        spans,
        versions if all(versions) else None,
        only,
        known.get(cut, Breakdown.CHANNEL),
        tuple(wrong),
    )


def _span(
    given: Mapping[str, str], which: str, usual: tuple[date, date], wrong: list[str]
) -> tuple[date, date]:
    try:
        first = date.fromisoformat(given.get(f"from{which}", ""))
        last = date.fromisoformat(given.get(f"to{which}", ""))
    except ValueError:
        wrong.append(_("Give the first and the last day of both spans."))
        return usual
    if not first <= last or last - first > _LONGEST:
        wrong.append(_("A span ends after it begins, and is at most 26 weeks long."))
        return usual
    return first, last


def moments_of(span: tuple[date, date], time_zone: str) -> tuple[datetime, datetime]:
    """Return a span from midnight to midnight of a zone."""
    zone = ZoneInfo(time_zone)
    return (
        datetime.combine(span[0], time(), tzinfo=zone),
        datetime.combine(span[1] + _DAY, time(), tzinfo=zone),
    )


def describe_form(one: Shown, asked: Asked) -> dict[str, Any]:
    """Return the fields of the form, each with the values that the last weeks know."""
    known = _known(one)
    return {
        "filters": [
            {
                "name": by.value,
                "title": str(say.BREAKDOWNS[by]).capitalize(),
                "options": [
                    {
                        "value": value,
                        "title": plain_words.plain(value),
                        "on": asked.only.get(by) == value,
                    }
                    for value in sorted(
                        {*known[by], *([asked.only[by]] if by in asked.only else [])}
                    )
                ],
            }
            for by in FILTERS
        ],
        "spans": [
            {"number": number, "first": first.isoformat(), "last": last.isoformat()}
            for number, (first, last) in enumerate(asked.spans, start=1)
        ],
        "cuts": [
            {"value": by.value, "title": str(say.BREAKDOWNS[by]), "on": by is asked.cut}
            for by in Breakdown
        ],
    }


def _known(one: Shown) -> dict[Breakdown, set[str]]:
    found: dict[Breakdown, set[str]] = {by: set() for by in FILTERS}
    for cell in (one.now, one.before):
        if cell is None:
            continue
        for by in FILTERS:
            lines = cell.body["breakdowns"].get(by.value, ())
            found[by] |= {line["key"] for line in lines if line["key"]}
        for name in cell.body["strata"]:
            journey, risk, channel = name.split(" / ")
            found[Breakdown.JOURNEY] |= {journey} - {""}
            found[Breakdown.RISK] |= {risk} - {""}
            found[Breakdown.CHANNEL] |= {channel} - {""}
    return found
