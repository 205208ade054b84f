"""Findings as one reader may see them, and what each check came to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Case as Choose
from django.db.models import IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from cases.memory.models import Message
from governance.access.selectors import readable_queue_ids
from governance.access.types import Authority, Capability
from orchestra.core.errors import NotFoundError
from orchestra.core.together import read_together
from qa.findings.checks.base import Harm
from qa.findings.counting import Counted, Span, list_counted
from qa.findings.licensing import LicenceState
from qa.findings.models import CheckLicence, Finding
from qa.findings.rules import RULES_SERIES
from qa.findings.types import CheckResult, FindingState, Summed
from qa.population.selectors import sums_standing

#: The check that stands for a whole set: one row a unit says that the set was run.
ALL: Final = "all"
#: What the keys of checks begin with that a model makes.
JUDGE: Final = "judge."
#: More than this need not be counted to say that much waits.
MOST_COUNTED: Final = 999
MOST_VERSIONS: Final = 50
_VERSIONS: Final = """
    WITH RECURSIVE version (name) AS (
        SELECT min(ai_version) FROM qa_samplingunit WHERE ai_version > ''
        UNION ALL
        SELECT (SELECT min(ai_version) FROM qa_samplingunit WHERE ai_version > version.name)
        FROM version WHERE version.name IS NOT NULL
    )
    SELECT name FROM version WHERE name IS NOT NULL LIMIT %s
"""
_SUMMED: Final = {
    CheckResult.FOUND: "found",
    CheckResult.FINE: "fine",
    CheckResult.DOES_NOT_APPLY: "not_applicable",
    CheckResult.SKIPPED: "skipped",
}
_HARM_ORDER = {str(harm): place for place, harm in enumerate(Harm)}


@dataclass(frozen=True, slots=True)
class Wanted:
    """How findings are narrowed; empty does not narrow.

    Attributes:
        states: Those that are listed.
        check: Key of a check.
        ai_version: As units name it.
        since: Interactions that ended from then on.
        until: Interactions that ended before.
    """

    states: tuple[FindingState, ...] = ()
    check: str = ""
    harm: str = ""
    ai_version: str = ""
    case_id: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(slots=True)
class Coverage:
    """What became of the interactions of a span.

    Attributes:
        ended: How many ended, without those that were left out of the population.
        checked: How many the checks read.
        skipped: Of those that could not be read, how many for each reason.
    """

    ended: int = 0
    checked: int = 0
    skipped: dict[str, int] = field(default_factory=dict)

    @property
    def waiting(self) -> int:
        """How many are not checked yet."""
        return max(self.ended - self.checked - sum(self.skipped.values()), 0)

    def add(self, one: Counted) -> None:
        """Count interactions that the checks were given."""
        if one.value == CheckResult.SKIPPED:
            self.skipped[one.why] = self.skipped.get(one.why, 0) + one.count
        else:
            self.checked += one.count


@dataclass(slots=True)
class Sum:
    """What one check came to in a span, in interactions and in findings.

    Attributes:
        series: The newest series that said something.
        found: Interactions in which it found something.
        fine: Interactions in which it found nothing.
        not_applicable: Interactions it does not apply to.
        skipped: Interactions it could not read.
        unseen: Findings nobody has looked at.
        confirmed: Findings somebody confirmed.
        refuted: Findings somebody refuted.
    """

    key: str
    series: str = ""
    found: int = 0
    fine: int = 0
    not_applicable: int = 0
    skipped: int = 0
    unseen: int = 0
    confirmed: int = 0
    refuted: int = 0

    @property
    def looked_at(self) -> int:
        """How many findings people looked at."""
        return self.confirmed + self.refuted

    def add(self, name: str, count: int) -> None:
        """Count more of one kind, by the name of its attribute."""
        setattr(self, name, getattr(self, name) + count)


@dataclass(slots=True)
class Tally:
    """What every check came to in a span, and how far the checks reach.

    Attributes:
        sums: Key of a check to what it came to.
        as_of: Since when some of it waits to be counted anew; None where all of it is of now.
    """

    sums: dict[str, Sum] = field(default_factory=dict)
    coverage: Coverage = field(default_factory=Coverage)
    as_of: datetime | None = None

    def sum_of(self, key: str) -> Sum:
        """Return what a check came to so far."""
        return self.sums.setdefault(key, Sum(key))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of findings ends: the harm, by its rank, and the key of the last one."""

    rank: int
    key: int

    def __str__(self) -> str:
        return f"{self.rank}-{self.key}"


def list_findings(*, authority: Authority, wanted: Wanted) -> QuerySet[Finding]:
    """Return the findings a reader may see, most harm first, then newest first.

    A reader sees those of cases on the queues they may read.
    """
    rows = _visible(authority).filter(_narrowing(wanted))
    ordered = rows.annotate(
        rank=Choose(
            *[When(harm=harm, then=Value(place)) for harm, place in _HARM_ORDER.items()],
            default=Value(len(_HARM_ORDER)),
            output_field=IntegerField(),
        )
    )
    return ordered.order_by("rank", "-pk")


def get_finding(*, authority: Authority, finding_id: UUID) -> Finding:
    """Return one finding with its unit, case and check.

    Raises:
        NotFoundError: There is none, or the reader may not see its case.
    """
    found = _visible(authority).filter(public_id=finding_id).first()
    if found is None:
        raise NotFoundError(_("There is no such finding."), code="finding.not_found")
    return found


def count_unseen(*, authority: Authority) -> int:
    """Return how many findings wait for somebody to look, at most ``MOST_COUNTED``: one query."""
    waiting = Q(state=FindingState.UNSEEN) & _queued() & _reach(authority, "unit__case__")
    return Finding.objects.filter(waiting)[:MOST_COUNTED].count()


def list_ai_versions() -> list[str]:
    """Return the versions of AI agents that work was done by, by name, at most ``MOST_VERSIONS``.

    One query that steps from name to name along their index, however many units there are.
    """
    with connection.cursor() as cursor:
        cursor.execute(_VERSIONS, [MOST_VERSIONS])
        return [row[0] for row in cursor.fetchall()]


def words_of(findings: Sequence[Finding]) -> dict[str, Message]:
    """Return the messages that findings point at, by public id: one query."""
    ids = {span["message"] for one in findings for span in one.spans}
    return {str(row.public_id): row for row in Message.objects.filter(public_id__in=ids)}


def tally(*, authority: Authority, wanted: Wanted, licences: Mapping[str, CheckLicence]) -> Tally:
    """Return what every check came to and how far they reach: three queries at most.

    Of what is wanted only the span and the version of the AI narrow.

    Args:
        authority: Who looks; what happened on cases they may not read is not counted.
        wanted: The span and the version.
        licences: As ``list_licences`` gives them.
    """
    queues = readable_queue_ids(authority, Capability.CASE_READ)
    standing = sums_standing()
    found = list_counted(
        span=Span(
            since=wanted.since,
            until=wanted.until,
            ai_version=wanted.ai_version,
            queues=None if queues is None else frozenset(queues),
        ),
        standing=standing,
    )
    told = Tally(as_of=standing.behind_at)
    licensed = {one.series for one in licences.values() if one.state == LicenceState.LICENSED}
    for one in found:
        if one.what is Summed.UNIT:
            told.coverage.ended += 0 if one.is_left_out else one.count
        elif one.what is Summed.FINDING:
            if not one.check_key.startswith(JUDGE) or one.series in licensed:
                told.sum_of(one.check_key).add(one.value, one.count)
        elif one.check_key == ALL:
            if one.series == RULES_SERIES and not one.is_left_out:
                told.coverage.add(one)
        else:
            each = told.sum_of(one.check_key)
            each.add(_SUMMED[CheckResult(one.value)], one.count)
            each.series = max(each.series, one.series)
    return told


def list_page(
    *, authority: Authority, wanted: Wanted, after: Place | None, most: int
) -> tuple[list[Finding], Place | None]:
    """Return the next findings, most harm first, then newest first, and the place to go on from.

    Each kind of harm and state is read off its index from where the last page ended, so that the
    last page costs what the first does: a trip for each kind of harm, until the page is full.

    Args:
        authority: Who looks.
        wanted: Which findings.
        after: The last one shown; None for the first page.
        most: So many.
    """
    rows = _visible(authority).filter(_narrowing(replace(wanted, states=(), harm="")))
    found: list[Finding] = []
    for rank, harm in enumerate(Harm):
        if (after and rank < after.rank) or wanted.harm not in {"", str(harm)}:
            continue
        here = rows.filter(harm=str(harm)).order_by("-pk")
        if after and rank == after.rank:
            here = here.filter(pk__lt=after.key)
        left = most + 1 - len(found)
        parts = [here.filter(state=one)[:left] for one in wanted.states or tuple(FindingState)]
        read_together(*parts)
        alike = sorted((one for part in parts for one in part), key=lambda one: -one.pk)
        found += alike[:left]
        if len(found) > most:
            last = found[most - 1]
            return found[:most], Place([str(one) for one in Harm].index(last.harm), last.pk)
    return found, None


def count_findings(*, authority: Authority, wanted: Wanted) -> int:
    """Return how many findings are wanted, at most one more than ``MOST_COUNTED``: one query."""
    rows = Finding.objects.filter(_reach(authority, "unit__case__"), _narrowing(wanted))
    return rows.order_by()[: MOST_COUNTED + 1].count()


def _visible(authority: Authority) -> QuerySet[Finding]:
    rows = Finding.objects.filter(_reach(authority, "unit__case__"))
    return rows.select_related("check_row", "unit__case__customer", "settled_by")


def _narrowing(wanted: Wanted) -> Q:
    found = _span(wanted, "unit__") & _queued()
    if wanted.states:
        found &= Q(state__in=wanted.states)
    if wanted.check:
        found &= Q(check_row__check_key=wanted.check)
    if wanted.harm:
        found &= Q(harm=wanted.harm)
    if wanted.case_id:
        found &= Q(unit__case__public_id=wanted.case_id)
    return found


def list_licences() -> dict[str, CheckLicence]:
    """Return the newest licence of each check, by its key: one query."""
    return {row.check_key: row for row in CheckLicence.objects.order_by("at", "pk")}


def _queued() -> Q:
    """Return that people are asked to look: what a model found only while it is licensed."""
    licensed = CheckLicence.objects.filter(state=LicenceState.LICENSED).values("series")
    return ~Q(check_row__check_key__startswith=JUDGE) | Q(check_row__series__in=licensed)


def _span(wanted: Wanted, path: str) -> Q:
    found = Q()
    if wanted.since:
        found &= Q(**{f"{path}ended_at__gte": wanted.since})
    if wanted.until:
        found &= Q(**{f"{path}ended_at__lt": wanted.until})
    if wanted.ai_version:
        found &= Q(**{f"{path}ai_version": wanted.ai_version})
    return found


def _reach(authority: Authority, path: str) -> Q:
    queues: Any = readable_queue_ids(authority, Capability.CASE_READ)
    return Q() if queues is None else Q(**{f"{path}queue_id__in": queues})
