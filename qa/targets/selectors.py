"""Targets, the weeks they are held against, and alerts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from orchestra.core.errors import NotFoundError
from qa.documents.selectors import versions_in_force
from qa.documents.types import Shelf, errors_of
from qa.measurement.contrasts import ADDS_UP
from qa.measurement.formulas.shares import Share
from qa.measurement.metrics.breakdowns import MIX
from qa.measurement.models import MetricCell
from qa.measurement.standing import Reading, reading_of
from qa.measurement.types import Breakdown, MetricSpec
from qa.targets import entries
from qa.targets.checking import find_wrong
from qa.targets.models import OutcomeAlert, OutcomeTarget, OutcomeTargetVersion
from qa.targets.parsing import parse_target
from qa.targets.types import AlertState, Part, TargetSpec, Week

Json = Any

DOCUMENT_KIND = "outcome_target"
SHELF = Shelf(
    kind=DOCUMENT_KIND,
    document=OutcomeTarget,
    version=OutcomeTargetVersion,
    title="target",
    find_errors=errors_of(parse_target, find_wrong),
    link="target",
    published=entries.PUBLISHED,
    retired=entries.RETIRED,
    fields=lambda document, _versions: {
        "metric": document["metric"],
        "journey": document.get("journey") or "",
    },
)
_SHORTEST: Final = timedelta(weeks=1)
_UNKNOWN: Final = Reading(None, None, None)


def spec_of(version: OutcomeTargetVersion) -> TargetSpec:
    """Return a stored version as a value."""
    return parse_target(document=version.document)


def list_targets() -> QuerySet[OutcomeTargetVersion]:
    """Return the targets in force, one query."""
    rows: QuerySet[OutcomeTargetVersion] = versions_in_force(shelf=SHELF)
    return rows.order_by("metric", "journey", "target__key")


def list_alerts() -> QuerySet[OutcomeAlert]:
    """Return every alert with its target, the newest first."""
    return OutcomeAlert.objects.select_related("target", "version", "acknowledged_by", "closed_by")


def list_open_alerts() -> QuerySet[OutcomeAlert]:
    """Return the alerts that are not closed, the newest first."""
    return list_alerts().exclude(state=AlertState.CLOSED)


def get_alert(alert_id: UUID | str) -> OutcomeAlert:
    """Return one alert.

    Raises:
        NotFoundError: There is no such alert.
    """
    found = list_alerts().filter(public_id=alert_id).first()
    if found is None:
        raise NotFoundError(_("There is no such alert."), code="not_found.outcome_alert")
    return found


def list_targets_of(*, journey: str) -> QuerySet[OutcomeTargetVersion]:
    """Return the targets in force of one journey alone, one query."""
    return list_targets().filter(journey=journey)


def is_open(alert_id: str) -> bool:
    """Return whether somebody still has to acknowledge an alert."""
    return OutcomeAlert.objects.filter(public_id=alert_id, state=AlertState.OPEN).exists()


def weeks_of(
    cells: Iterable[MetricCell], target: TargetSpec, metric: MetricSpec
) -> tuple[Week, ...]:
    """Return the weeks of which a target's number is known, oldest first.

    A week whose windows are not over is left out: those who will still come back would be
    missing from it.

    Args:
        cells: Of one metric; only those of single weeks are read.
        target: For which journey and statistic.
        metric: The definition in force.
    """
    found = []
    for cell in sorted(cells, key=lambda one: one.begin):
        if cell.weeks != 1 or not _is_over(cell, metric):
            continue
        reading, n = _number(cell.body, target, metric)
        if reading.value is not None and n >= metric.minimum_cases:
            found.append(Week(cell.begin, reading.value, reading.low, reading.high, n))
    return tuple(found)


def last_weeks_of(
    cells: Iterable[MetricCell], target: TargetSpec, metric: MetricSpec, *, weeks: int = 4
) -> tuple[Reading, int]:
    """Return a number over the last weeks together, and of how many it is.

    A share that adds up is that of the last weeks whose windows are over, taken together; all
    else is read off the cell of so many weeks.

    Args:
        cells: Of one metric.
        target: For which journey and statistic; its value says nothing here.
        metric: The definition in force.
        weeks: How many.
    """
    held = sorted(cells, key=lambda one: one.begin)
    if target.journey and metric.formula in ADDS_UP:
        over = [one for one in held if one.weeks == 1 and _is_over(one, metric)]
        hits = total = 0
        for cell in over[-weeks:]:
            for _names, (some, of) in _strata(cell.body, target):
                hits, total = hits + some, total + of
        return _share(hits, total)
    whole = [one for one in held if one.weeks == weeks]
    return _number(whole[-1].body, target, metric) if whole else (_UNKNOWN, 0)


def cuts_of(
    cells: Iterable[MetricCell], target: TargetSpec, metric: MetricSpec, *, weeks: int = 4
) -> dict[Breakdown, tuple[dict[str, Part], dict[str, Part]]]:
    """Return the parts of a number over the weeks before the last ones, and over the last ones.

    Only for metrics whose parts add up to the whole; empty for all others, and where there are
    not twice as many weeks.
    """
    if metric.formula not in ADDS_UP:
        return {}
    single = sorted((one for one in cells if one.weeks == 1), key=lambda one: one.begin)
    known = [one for one in single if _is_over(one, metric) and one.body["strata"]]
    if len(known) < 2 * weeks:
        return {}
    before, now = known[-2 * weeks : -weeks], known[-weeks:]
    found = {}
    for place, by in enumerate(MIX):
        if by is not Breakdown.JOURNEY or not target.journey:
            found[by] = (_parts(before, target, place), _parts(now, target, place))
    return found


def _parts(cells: Iterable[MetricCell], target: TargetSpec, place: int) -> dict[str, Part]:
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for cell in cells:
        for names, (hits, total) in _strata(cell.body, target):
            counts[names[place]][0] += hits
            counts[names[place]][1] += total
    return {name: part_of(hits, total) for name, (hits, total) in counts.items() if total}


def part_of(hits: int, total: int) -> Part:
    """Return a part of so many hits of so many, in percent."""
    # One more of each, so that none of few is not taken for a share known without error.
    held = (hits + 1) / (total + 2)
    return Part(total, 100 * hits / total, 100**2 * held * (1 - held) / total)


def _number(
    body: Mapping[str, Json], target: TargetSpec, metric: MetricSpec
) -> tuple[Reading, int]:
    if not target.journey:
        return reading_of(body["figure"], target.statistic), body["figure"]["n"]
    if metric.formula in ADDS_UP:
        hits = total = 0
        for _names, (some, of) in _strata(body, target):
            hits, total = hits + some, total + of
        return _share(hits, total)
    for line in body["breakdowns"].get(str(Breakdown.JOURNEY), ()):
        if line["key"] == target.journey and line["n"] is not None:
            return Reading(line["value"], line["low"], line["high"]), line["n"]
    return _UNKNOWN, 0


def _share(hits: int, total: int) -> tuple[Reading, int]:
    share = Share(hits, total)
    interval = share.interval()
    if share.value is None or interval is None:
        return _UNKNOWN, 0
    return Reading(100 * share.value, 100 * interval.low, 100 * interval.high), total


def _strata(body: Mapping[str, Json], target: TargetSpec) -> Iterable[tuple[list[str], Json]]:
    for name, counts in body["strata"].items():
        names = name.split(" / ")
        if not target.journey or names[0] == target.journey:
            yield names, counts


def _is_over(cell: MetricCell, metric: MetricSpec) -> bool:
    window = timedelta(days=metric.settings.window_days or 0)
    ends = cell.begin + _SHORTEST + window
    return cell.computed_at.date() >= ends
