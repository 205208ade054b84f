"""The metrics in force with their cells, as pages, answers and files show them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from orchestra.core.together import read_together
from qa.measurement.models import MetricCell, MetricVersion
from qa.measurement.selectors import list_cells, list_in_force, spec_of
from qa.measurement.services.computing import HEADLINE_WEEKS, TREND_WEEKS, this_monday
from qa.measurement.standing import main_reading
from qa.measurement.types import MetricSpec

Json = Any

#: The six outcomes in the product's order; what else is defined follows them.
SIX: Final = (
    "recontact_rate",
    "transfer_rate",
    "time_to_resolution",
    "after_contact_work",
    "exception_rate",
    "audit_completeness",
)


@dataclass(frozen=True, slots=True)
class Shown:
    """One metric with its cells."""

    version: MetricVersion
    spec: MetricSpec
    now: MetricCell | None
    before: MetricCell | None
    weeks: tuple[tuple[date, MetricCell | None], ...]


def list_shown(*, now: datetime) -> list[Shown]:
    """Return every metric in force with its cells, one trip."""
    # The Monday of no time zone is a week and a day ago.
    since = now.date() - timedelta(weeks=TREND_WEEKS + 1, days=1)
    versions, computed = list_in_force(), list_cells(since=since)
    read_together(versions, computed)
    specs = [(version, spec_of(version)) for version in versions]
    specs.sort(key=lambda pair: (_place(pair[1].key), pair[1].key))
    mondays = [this_monday(now=now, time_zone=spec.time_zone) for _v, spec in specs]
    cells = {(cell.key, cell.begin, cell.weeks): cell for cell in computed}
    return [
        _shown(version, spec, monday, cells)
        for (version, spec), monday in zip(specs, mondays, strict=True)
    ]


def in_order(shown: Iterable[Shown]) -> list[Shown]:
    """Return metrics in the product's order."""
    return sorted(shown, key=lambda one: (_place(one.spec.key), one.spec.key))


def export_rows(one: Shown) -> Iterator[dict[str, Json]]:
    """Yield the numbers of a metric: its weeks, then both stretches of four."""
    cells = [cell for _week, cell in one.weeks] + [one.before, one.now]
    for cell in cells:
        if cell is None:
            continue
        figure = cell.body["figure"]
        reading = main_reading(one.spec, figure)
        few = figure["n"] < one.spec.minimum_cases
        yield {
            "metric": cell.key,
            "version": cell.version,
            "begin": cell.begin.isoformat(),
            "weeks": cell.weeks,
            "unit": str(one.spec.measure),
            "value": None if few else reading.value,
            "low": reading.low,
            "high": reading.high,
            "n": figure["n"],
            "hits": None if few else figure["hits"],
            "open": figure["open"],
            "left_out": "; ".join(f"{name} {n}" for name, n in figure["left_out"].items()),
            "computed_at": cell.computed_at.isoformat(),
            "ledger_index": cell.upto_index,
        }


def _place(key: str) -> int:
    return SIX.index(key) if key in SIX else len(SIX)


def _shown(
    version: MetricVersion,
    spec: MetricSpec,
    monday: date,
    cells: Mapping[tuple[str, date, int], MetricCell],
) -> Shown:
    begin = monday - timedelta(weeks=HEADLINE_WEEKS)
    weeks = [monday - timedelta(weeks=back) for back in range(TREND_WEEKS, 0, -1)]
    return Shown(
        version,
        spec,
        cells.get((spec.key, begin, HEADLINE_WEEKS)),
        cells.get((spec.key, begin - timedelta(weeks=HEADLINE_WEEKS), HEADLINE_WEEKS)),
        tuple((week, cells.get((spec.key, week, 1))) for week in weeks),
    )
