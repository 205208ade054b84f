"""Findings as one reader may see them, and what each check came to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Case as Choose
from django.db.models import Count, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from cases.memory.models import Message
from governance.access.selectors import readable_queue_ids
from governance.access.types import Authority, Capability
from orchestra.core.errors import NotFoundError
from qa.findings.checks.base import Harm
from qa.findings.licensing import LicenceState
from qa.findings.models import CheckLicence, Finding, UnitCheck
from qa.findings.rules import RULES_SERIES
from qa.findings.types import CheckResult, FindingState
from qa.population.models import SamplingUnit
from qa.population.types import Unit

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


@dataclass(frozen=True, slots=True)
class Coverage:
    """What became of the interactions of a span.

    Attributes:
        ended: How many ended, without those that were left out of the population.
        checked: How many the checks read.
        waiting: How many are not checked yet.
        skipped: Of those that could not be read, how many for each reason.
    """

    ended: int
    checked: int
    waiting: int
    skipped: dict[str, int] = field(default_factory=dict)


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


def sum_checks(*, authority: Authority, wanted: Wanted) -> dict[str, Sum]:
    """Return what every check came to, by its key: two queries.

    Of what is wanted only the span and the version of the AI narrow.
    """
    span = _span(wanted, "unit__") & _reach(authority, "unit__case__")
    sums: dict[str, Sum] = {}
    names = {
        CheckResult.FOUND: "found",
        CheckResult.FINE: "fine",
        CheckResult.DOES_NOT_APPLY: "not_applicable",
        CheckResult.SKIPPED: "skipped",
    }
    rows = UnitCheck.objects.filter(span).exclude(check_key="all")
    counted = rows.values_list("check_key", "series", "result").annotate(count=Count("pk"))
    for key, series, result, count in counted.order_by("check_key", "series"):
        one = sums.setdefault(key, Sum(key))
        name = names[CheckResult(result)]
        setattr(one, name, getattr(one, name) + count)
        one.series = series
    findings = Finding.objects.filter(span & _queued())
    counts = findings.values_list("check_row__check_key", "state").annotate(count=Count("pk"))
    for key, state, count in counts.order_by():
        setattr(sums.setdefault(key, Sum(key)), str(state), count)
    return sums


def coverage(*, authority: Authority, wanted: Wanted) -> Coverage:
    """Return how many interactions the checks read, and why they did not read the others."""
    here = _span(wanted, "") & _reach(authority, "case__")
    units = SamplingUnit.objects.filter(here, kind=Unit.INTERACTION, left_out="")
    ended = units.count()
    whole = UnitCheck.objects.filter(
        _span(wanted, "unit__") & _reach(authority, "unit__case__"),
        unit__left_out="",
        check_key="all",
        series=RULES_SERIES,
    )
    skipped: dict[str, int] = {}
    done = checked = 0
    counted = whole.values_list("result", "why").annotate(count=Count("pk")).order_by()
    for result, why, count in counted:
        done += count
        if result == CheckResult.SKIPPED:
            skipped[why] = count
        else:
            checked += count
    return Coverage(ended, checked, max(ended - done, 0), skipped)


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
