"""How often answers of people and findings of checks did not stand once somebody else looked."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.db.models import Count

from governance.access.models import User
from governance.access.rules import may
from governance.access.types import Authority, Capability
from qa.disputes.models import Dispute
from qa.disputes.types import FEWEST_DECIDED, DisputeState, Overturned, OverturnedBy
from qa.estimates.proportions import wilson
from qa.findings.models import Finding
from qa.findings.selectors import JUDGE
from qa.findings.types import LOOKED_AT, FindingState

_PEOPLE = frozenset({OverturnedBy.REVIEWER, OverturnedBy.DECIDER})


@dataclass(slots=True)
class _Tally:
    """What was decided, and what of it changed, by what it is counted by."""

    decided: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)

    def add(self, what: str, count: int, *, changed: bool) -> None:
        self.decided[what] += count
        self.changed[what] += count if changed else 0

    def rates(self) -> list[Overturned]:
        return [
            rate_of(what, self.decided[what], self.changed[what])
            for what in sorted(self.decided, key=lambda one: (-self.decided[one], one))
        ]


def list_overturned(*, authority: Authority) -> dict[OverturnedBy, list[Overturned]]:
    """Return every rate for who leads quality, most decided first: three queries.

    Disputes count once for the question, for who reviewed and for who decided; findings that a
    person confirmed or refuted once for the check, and for the judge where a model made it.
    """
    if not may(authority, Capability.QUALITY_LEAD):
        return {by: [] for by in OverturnedBy}
    tallies = {by: _Tally() for by in OverturnedBy}
    people = _count_disputes(tallies)
    _count_findings(tallies)
    named = User.objects.in_bulk(list(people))
    return {
        by: [_named(one, named) for one in tally.rates()] if by in _PEOPLE else tally.rates()
        for by, tally in tallies.items()
    }


def rate_of(what: str, decided: int, changed: int) -> Overturned:
    """Return one rate with Wilson's interval; too few say how many they are and nothing else."""
    if decided < FEWEST_DECIDED:
        return Overturned(what, what, decided)
    found = wilson(hits=changed, total=decided)
    return Overturned(what, what, decided, changed, found.low, found.high)


def judge_of(series: str) -> str:
    """Return what stands for the judge that a series is of; empty where no model made it."""
    return series.partition("/")[2] if series.startswith(JUDGE) else ""


def _count_disputes(tallies: dict[OverturnedBy, _Tally]) -> set[int]:
    rows = (
        Dispute.objects.exclude(state=DisputeState.OPEN)
        .values_list("question", "review__reviewer", "decided_by", "state")
        .annotate(count=Count("pk"))
        .order_by()
    )
    people = set()
    for question, reviewer, decider, state, count in rows:
        changed = state == DisputeState.CHANGED
        tallies[OverturnedBy.QUESTION].add(question, count, changed=changed)
        for by, person in ((OverturnedBy.REVIEWER, reviewer), (OverturnedBy.DECIDER, decider)):
            if person is not None:
                people.add(person)
                tallies[by].add(str(person), count, changed=changed)
    return people


def _count_findings(tallies: dict[OverturnedBy, _Tally]) -> None:
    rows = (
        Finding.objects.filter(state__in=LOOKED_AT)
        .values_list("check_row__check_key", "check_row__series", "state")
        .annotate(count=Count("pk"))
        .order_by()
    )
    for key, series, state, count in rows:
        changed = state == FindingState.REFUTED
        tallies[OverturnedBy.CHECK].add(key, count, changed=changed)
        if judge := judge_of(series):
            tallies[OverturnedBy.JUDGE].add(judge, count, changed=changed)


def _named(rate: Overturned, people: Mapping[int, User]) -> Overturned:
    person = people[int(rate.what)]
    return replace(rate, what=str(person.public_id), title=person.label)
