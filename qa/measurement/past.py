"""The numbers as they stood at a past moment, made from the ledger as it was known then.

Nothing recorded later is looked at: a merge, a return, or a record that came afterwards has not
happened yet. What was measured since and stored is no help here, so the entries themselves are
read again; the definitions are those in force now, so that two moments can be compared.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from governance.ledger.selectors import tree_size
from orchestra.core.errors import InvalidInputError
from qa.calendars.selectors import list_changes
from qa.calendars.types import Change
from qa.measurement.columns.flattening import tables_of
from qa.measurement.columns.types import Facts
from qa.measurement.facts.types import CaseFacts
from qa.measurement.measuring import measure
from qa.measurement.models import MetricCell, MetricVersion
from qa.measurement.reading import list_touched_between, read_cases
from qa.measurement.selectors import list_cases_of_same_customers, list_in_force, spec_of
from qa.measurement.services.computing import (
    HEADLINE_WEEKS,
    body_of,
    clock_of,
    period_of,
    this_monday,
)
from qa.measurement.showing import Shown, in_order
from qa.measurement.types import Clock, MetricSpec

_BATCH: Final = 500


def figures_as_of(*, at: datetime, most: int | None = None) -> list[Shown]:
    """Return every metric in force with its last four weeks and the four before, as of a moment.

    The weeks of the trend are left out. A metric on the business clock has no numbers where no
    hours are set.

    Args:
        at: UTC; entries recorded later are not read.
        most: Refuse where more cases than that have to be read; None for any number.

    Raises:
        InvalidInputError: More cases have to be read than that.
    """
    versions = [(version, spec_of(version)) for version in list_in_force()]
    calendar = list_changes()
    begins = [_begin(spec, at, 2 * HEADLINE_WEEKS) for _version, spec in versions]
    first = min(
        (
            period_of(spec=spec, begin=begin, weeks=1, now=at).begin
            for (_version, spec), begin in zip(versions, begins, strict=True)
        ),
        default=at,
    )
    facts = tables_of(_known(first, at, most))
    upto = tree_size()
    return in_order(
        [_shown(version, spec, facts, at, upto, calendar) for version, spec in versions]
    )


def _known(begin: datetime, at: datetime, most: int | None) -> Iterator[CaseFacts]:
    """Yield the cases that something was recorded of between two moments, as known at the later.

    All other cases of the same customers come along, for returns.
    """
    touched = list_touched_between(begin=begin, until=at)
    chosen = sorted(touched | list_cases_of_same_customers(cases=touched))
    if most is not None and len(chosen) > most:
        message = _(
            "%(count)d cases would have to be read again for that, and the most here are "
            "%(most)d. Ask an operator to run: manage.py metrics show --as-of"
        ) % {"count": len(chosen), "most": most}
        raise InvalidInputError(message, code="metrics.too_many_cases")
    seen: set[str] = set()
    end = tree_size()
    for start in range(0, len(chosen), _BATCH):
        found = read_cases(cases=chosen[start : start + _BATCH], end=end, until=at)
        yield from (facts for case, (facts, _index) in found.items() if case not in seen)
        seen |= found.keys()


def _begin(spec: MetricSpec, at: datetime, weeks: int) -> date:
    return this_monday(now=at, time_zone=spec.time_zone) - timedelta(weeks=weeks)


def _shown(
    version: MetricVersion,
    spec: MetricSpec,
    facts: Facts,
    at: datetime,
    upto: int,
    calendar: tuple[Change, ...],
) -> Shown:
    if spec.clock is Clock.BUSINESS and not calendar:
        return Shown(version, spec, None, None, ())

    def cell(weeks: int) -> MetricCell:
        begin = _begin(spec, at, weeks)
        period = period_of(spec=spec, begin=begin, weeks=HEADLINE_WEEKS, now=at)
        found = measure(spec=spec, cases=facts, period=period, clock=clock_of(spec, calendar))
        return MetricCell(
            key=spec.key,
            version=version.number,
            begin=begin,
            weeks=HEADLINE_WEEKS,
            computed_at=at,
            upto_index=upto,
            body=body_of(found),
        )

    return Shown(version, spec, cell(HEADLINE_WEEKS), cell(2 * HEADLINE_WEEKS), ())
