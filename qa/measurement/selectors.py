"""Where metric definitions are kept, a version as a value, and what was measured."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from django.db.models import Q, QuerySet

from cases.journeys.models import CueSheet
from governance.policies.reading import nearest
from orchestra.core.errors import FieldError
from qa.documents.selectors import versions_in_force
from qa.documents.types import Shelf, errors_of
from qa.measurement import entries
from qa.measurement.models import (
    MeasureCursor,
    MeasuredCase,
    MetricCell,
    MetricDefinition,
    MetricVersion,
)
from qa.measurement.parsing import parse_metric
from qa.measurement.types import Cohort, MetricSpec

_AT_ONCE: Final = 5_000
if TYPE_CHECKING:
    from qa.measurement.loading import StoredFacts

DOCUMENT_KIND = "metric_definition"


def spec_of(version: MetricVersion) -> MetricSpec:
    """Return a stored version as a value."""
    return parse_metric(document=version.document)


def journey_keys() -> frozenset[str]:
    """Return the keys of the cue sheets that a target may name."""
    return frozenset(CueSheet.objects.values_list("key", flat=True))


def _find_unknown(spec: MetricSpec) -> Iterator[FieldError]:
    if not any(goal.journey for goal in spec.goals):
        return
    known = journey_keys()
    for index, goal in enumerate(spec.goals):
        if goal.journey and goal.journey not in known:
            message = f"there is no cue sheet {goal.journey}{nearest(goal.journey, known)}"
            yield FieldError(f"targets[{index}].journey", "unknown_journey", message)


SHELF = Shelf(
    kind=DOCUMENT_KIND,
    document=MetricDefinition,
    version=MetricVersion,
    title="metric definition",
    find_errors=errors_of(parse_metric, _find_unknown),
    link="metric",
    published=entries.PUBLISHED,
    retired=entries.RETIRED,
    fields=lambda document, _versions: {"formula": document["formula"]},
)


def list_in_force() -> QuerySet[MetricVersion]:
    """Return the definitions in force, one query."""
    found: QuerySet[MetricVersion] = versions_in_force(shelf=SHELF)
    return found


def select_cases(
    *, cohort: Cohort, begin: datetime, end: datetime, with_customers: bool = False
) -> "StoredFacts":
    """Return the facts of which some may belong to a period; the formula says which do.

    Args:
        cohort: By which moment something belongs to it.
        begin: UTC.
        end: UTC, the moment after.
        with_customers: Whether all cases of the same customers come along, for returns.
    """
    from qa.measurement.loading import StoredFacts  # noqa: PLC0415 numpy is loaded where something is measured

    chosen = MeasuredCase.objects.filter(_within(cohort, begin, end))
    if not with_customers:
        return StoredFacts(chosen)
    # Two queries and not one with OR, which a database answers row by row.
    known = chosen.exclude(customer=0).values("customer")
    return StoredFacts(MeasuredCase.objects.filter(customer__in=known), chosen.filter(customer=0))


def list_cases_of_same_customers(*, cases: Collection[str]) -> frozenset[str]:
    """Return the cases of the same known customers, by public id, those given among them."""
    found: set[str] = set()
    ordered = sorted(cases)
    for start in range(0, len(ordered), _AT_ONCE):
        part = ordered[start : start + _AT_ONCE]
        customers = MeasuredCase.objects.filter(case__in=part).exclude(customer=0)
        same = MeasuredCase.objects.filter(customer__in=customers.values("customer"))
        found |= {str(one) for one in same.values_list("case", flat=True)}
    return frozenset(found)


def _within(cohort: Cohort, begin: datetime, end: datetime) -> Q:
    if cohort is Cohort.OPENED:
        return Q(opened_at__gte=begin, opened_at__lt=end)
    if cohort is Cohort.CLOSED:
        return Q(closed_at__gte=begin, closed_at__lt=end)
    if cohort is Cohort.RESOLVED:
        return Q(opened_at__lt=end, resolved_at__gte=begin)
    return Q(opened_at__lt=end, last_at__gte=begin)


def position() -> MeasureCursor | None:
    """Return how far the ledger was read for the metrics; None before the first time."""
    return list_positions().first()


def list_positions() -> QuerySet[MeasureCursor]:
    """Return the query of ``position``: of one row at most."""
    return MeasureCursor.objects.filter(pk=1)


def list_cells(*, since: date, keys: Sequence[str] | None = None) -> QuerySet[MetricCell]:
    """Return what was computed from some day on of metrics, all where none are named, one query."""
    rows = MetricCell.objects.filter(begin__gte=since).order_by("key", "begin", "weeks")
    return rows if keys is None else rows.filter(key__in=keys)
