"""Read what stands beside cases: who worked them before, and what changes with them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db.models import TextField
from django.db.models.functions import Cast

from cases.memory.models import Case, CaseMerge, Interaction
from governance.access.running_as import versions_of
from orchestra.core.actors import ActorKind
from orchestra.core.prepared import Prepared, fill
from qa.population.models import SamplingUnit
from qa.population.rules import COMES_BACK, comes_back
from qa.population.story import CaseStory, FirstWork, Matter, Past, matter_of
from qa.population.types import Target

_TOOK_IN: Final = Prepared(
    lambda cases: (
        CaseMerge.objects.filter(survivor__in=cases)
        .select_related("absorbed__queue")
        .order_by("pk")
    )
)
_CONTACTS: Final = Prepared(
    lambda cases: (
        Interaction.objects.filter(case__in=cases).order_by("pk").values_list("case", "started_at")
    )
)
_NOT_BACK: Final = Prepared(
    lambda customers, intents, since, until: (
        SamplingUnit.objects.filter(
            case__customer__in=customers,
            case__intent__in=intents,
            ended_at__gte=since,
            ended_at__lt=until,
        )
        .annotate(told=Cast("targets", TextField()))
        .exclude(told__contains=f'"{Target.RECONTACT}"')
        .order_by("pk")
        .values_list("case", "case__customer", "case__intent", "ended_at")
    )
)
_CASES: Final = Prepared(
    lambda keys: Case.objects.filter(pk__in=keys).select_related("queue").order_by("pk")
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


def changed_with(*, touched: Mapping[Case, bool]) -> dict[int, list[Case]]:
    """Return the cases that change with others, by the key of those; at most four queries.

    Args:
        touched: Cases on which something happened, and whether their customer may have
            returned with them.

    Returns:
        What each took in, then the customer's other cases of whose work it was not known that
        the customer came back after it, as is known now. Those of which it is known do not
        change, however often the customer returns.
    """
    found: dict[int, list[Case]] = defaultdict(list)
    if touched:
        for merge in _TOOK_IN.rows(fill([case.pk for case in touched])):
            found[merge.survivor_id].append(merge.absorbed)
    returned = {case.pk: matter for case, may in touched.items()
                if may and (matter := matter_of(case)) is not None}  # fmt: skip
    others = _came_back(returned)
    keys = sorted({other for of_case in others.values() for other in of_case})
    cases = {case.pk: case for case in _CASES.rows(fill(keys))} if keys else {}
    for case_pk, of_case in others.items():
        found[case_pk] += [cases[other] for other in sorted(of_case)]
    return found


def _came_back(returned: Mapping[int, Matter]) -> dict[int, set[int]]:
    """Return, by the case a customer returned with, the cases of whose work that was not known."""
    contacts = _CONTACTS.rows(fill(list(returned))) if returned else ()
    if not contacts:
        return {}
    times = [at for _case, at in contacts]
    customers, intents = zip(*sorted(set(returned.values())), strict=True)
    since, until = min(times) - COMES_BACK, max(times)
    ended: dict[Matter, list[tuple[int, datetime]]] = defaultdict(list)
    for other, customer, intent, at in _NOT_BACK.rows(fill(customers), fill(intents), since, until):
        ended[customer, intent].append((other, at))
    found: dict[int, set[int]] = defaultdict(set)
    for case, contact in contacts:
        found[case] |= {
            other
            for other, at in ended[returned[case]]
            if other != case and comes_back(ended=at, contact=contact)
        }
    return found
