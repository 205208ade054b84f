"""Read what stands beside cases: who worked them before, and what changes with them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import Max

from cases.memory.models import Case, CaseMerge
from governance.access.running_as import versions_of
from orchestra.core.actors import ActorKind
from orchestra.core.prepared import Prepared, fill
from qa.population.models import SamplingUnit
from qa.population.rules import COMES_BACK
from qa.population.story import CaseStory, FirstWork, Past

_TOOK_IN: Final = Prepared(
    lambda cases: (
        CaseMerge.objects.filter(survivor__in=cases)
        .select_related("absorbed__queue")
        .order_by("pk")
    )
)
_ENDED: Final = Prepared(
    lambda customers, since: (
        Case.objects.filter(customer__in=customers, sampling_units__ended_at__gte=since)
        .select_related("queue")
        .annotate(last_ended_at=Max("sampling_units__ended_at"))
        .order_by("pk")
    )
)
_FIRSTS: Final = """
    WITH wanted (agent) AS (VALUES {rows})
    SELECT unit.* FROM wanted JOIN qa_samplingunit unit ON unit.id = (
        SELECT own.id FROM qa_samplingunit own WHERE own.agent = wanted.agent
        ORDER BY own.ended_at, own.id LIMIT 1
    )
"""


def read_past(*, stories: Iterable[CaseStory]) -> Past:
    """Return what is known of everybody who worked some cases; two queries."""
    workers = sorted({by for story in stories for by in story.workers()})
    agents = [name for kind, _, name in (by.partition(":") for by in workers)
              if kind == ActorKind.AGENT]  # fmt: skip
    return Past(firsts=_first_works(workers), ran_as=versions_of(agents))


def _first_works(workers: Sequence[str]) -> dict[str, FirstWork]:
    """Return the unit that ended first of each; one look-up in the index a worker."""
    if not workers:
        return {}
    wanted = fill(workers)
    rows = SamplingUnit.objects.raw(_FIRSTS.format(rows=", ".join(["(%s)"] * len(wanted))), wanted)
    return {row.agent: FirstWork(row.started_at, row.ended_at) for row in rows}


def changed_with(*, touched: Mapping[Case, datetime | None]) -> dict[int, list[Case]]:
    """Return the cases that change with others, by the key of those; two queries.

    Args:
        touched: Cases on which something happened, and when their customer returned, or None.

    Returns:
        What each took in, then the customer's other cases whose work had ended lately, and
        which may have come back.
    """
    found: dict[int, list[Case]] = defaultdict(list)
    if touched:
        for merge in _TOOK_IN.rows(fill([case.pk for case in touched])):
            found[merge.survivor_id].append(merge.absorbed)
    returned = {case: at for case, at in touched.items() if at and case.customer_id is not None}
    others = _others(returned)
    for case, at in returned.items():
        found[case.pk] += [
            other
            for other in others.get(case.customer_id or 0, ())
            if other.pk != case.pk and other.last_ended_at >= at - COMES_BACK
        ]
    return found


def _others(returned: Mapping[Case, datetime]) -> dict[int, list[Any]]:
    """Return the cases of customers whose work ended lately, each with when the last of it did."""
    found: dict[int, list[Any]] = defaultdict(list)
    if returned:
        customers = sorted({one for case in returned if (one := case.customer_id) is not None})
        for case in _ENDED.rows(fill(customers), min(returned.values()) - COMES_BACK):
            found[case.customer_id or 0].append(case)
    return found
