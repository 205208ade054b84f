"""Look at how checks fared against drawn reviews, and give or take their licences."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from governance.ledger.entries import SYSTEM_STREAM
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from orchestra.core.actors import system
from orchestra.core.locking import take_turn
from qa.findings.entries import LICENCE_CHANGED
from qa.findings.judging import RUBRIC
from qa.findings.licensing import Counts, LicenceState, next_state
from qa.findings.models import CheckLicence, UnitCheck
from qa.findings.rules import CHECKS
from qa.findings.types import CheckResult
from qa.reviewing.models import Review
from qa.reviewing.types import ReviewKind, ReviewState
from qa.scorecards.models import ScorecardVersion
from qa.scorecards.scoring import NOT_APPLICABLE, Answer, fails
from qa.scorecards.selectors import spec_of
from qa.scorecards.types import ScorecardSpec

#: How far back reviews count.
SPAN: Final = timedelta(weeks=4)
LICENSOR: Final = system("licences")
_DONE: Final = (ReviewState.SUBMITTED, ReviewState.RELEASED)
#: Checks by the question that people answer on the same matter.
QUESTIONS: Final[Mapping[str, str]] = {
    **{check.key: check.question for check in CHECKS if check.question},
    **{asked.check_key: asked.question for asked in RUBRIC},
}


@dataclass(frozen=True, slots=True)
class Judged:
    """What a check and a person said of one unit.

    Attributes:
        at: When the person handed the review in.
        found: Whether the check found something.
        failed: Whether the person failed it.
    """

    at: datetime
    key: str
    series: str
    found: bool
    failed: bool


def update_licences(*, now: datetime) -> list[CheckLicence]:
    """Give every series that drawn reviews speak of the licence its counts give.

    A change is an entry of the ledger; a question whose check has no licence is answered by
    people alone, and the entry says so. Directed reviews, second ones and calibrations are left
    out, so that the counts speak of what was drawn.

    Returns:
        The licences that changed.
    """
    since = now - SPAN
    counted = count_agreement(since=since, until=now)
    changed = []
    with one_act():
        take_turn("check_licences")
        standing = {row.series: row for row in CheckLicence.objects.all()}
        for (key, series), counts in sorted(counted.items()):
            row = standing.get(series) or CheckLicence(
                check_key=key, series=series, question=QUESTIONS[key]
            )
            changed += _set(row, counts, since, now)
        seen = {series for _key, series in counted}
        for series, row in sorted(standing.items()):
            if series not in seen:
                changed += _set(row, Counts(), since, now)
    return changed


def count_agreement(*, since: datetime, until: datetime) -> dict[tuple[str, str], Counts]:
    """Return what people and checks said of the same units, by check and series: three queries.

    Args:
        since: Reviews submitted from then on.
        until: Reviews submitted up to then.
    """
    sums: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in list_judged(since=since, until=until):
        total = sums[one.key, one.series]
        total["failures" if one.failed else "passes"] += 1
        if one.failed and one.found:
            total["caught"] += 1
        if not one.failed and not one.found:
            total["passed"] += 1
    return {name: Counts(**total) for name, total in sums.items()}


def list_judged(*, since: datetime, until: datetime) -> list[Judged]:
    """Return what people and checks said of the same units, one by one: three queries.

    Args:
        since: Reviews submitted from then on.
        until: Reviews submitted up to then.
    """
    reviews = list(
        Review.objects.filter(
            kind=ReviewKind.FIRST,
            state__in=_DONE,
            drawn__isnull=False,
            submitted_at__gte=since,
            submitted_at__lte=until,
        ).only("unit_id", "scorecard_id", "answers", "submitted_at")
    )
    said = _checks([review.unit_id for review in reviews])
    specs = _specs({review.scorecard_id for review in reviews})
    return [one for review in reviews for one in _pairs(review, said, specs)]


def _pairs(
    review: Review,
    said: Mapping[int, list[tuple[str, str, bool]]],
    specs: Mapping[int, ScorecardSpec],
) -> Iterator[Judged]:
    spec, at = specs[review.scorecard_id], review.submitted_at
    questions = {question.key: question for question in spec.questions}
    for key, series, found in said.get(review.unit_id, ()):
        question = questions.get(QUESTIONS[key])
        value = (review.answers.get(QUESTIONS[key]) or {}).get("value")
        if question is None or not isinstance(value, str) or value == NOT_APPLICABLE or at is None:
            continue
        yield Judged(at, key, series, found=found, failed=fails(spec, question, Answer(value)))


def _checks(units: list[int]) -> dict[int, list[tuple[str, str, bool]]]:
    rows = UnitCheck.objects.filter(
        unit_id__in=units,
        check_key__in=list(QUESTIONS),
        result__in=[CheckResult.FOUND, CheckResult.FINE],
    )
    found: dict[int, list[tuple[str, str, bool]]] = defaultdict(list)
    for unit, key, series, result in rows.values_list("unit_id", "check_key", "series", "result"):
        found[unit].append((key, series, result == CheckResult.FOUND))
    return found


def _specs(versions: set[int]) -> dict[int, ScorecardSpec]:
    return {pk: spec_of(row) for pk, row in ScorecardVersion.objects.in_bulk(versions).items()}


def _set(row: CheckLicence, counts: Counts, since: datetime, now: datetime) -> list[CheckLicence]:
    before = LicenceState(row.state)
    row.state = next_state(before, counts)
    for name, value in asdict(counts).items():
        setattr(row, name, value)
    row.since, row.at = since, now
    row.save()
    if row.state == before:
        return []
    append_entry(actor=LICENSOR, now=now, draft=_draft(row, before, counts))
    return [row]


def _draft(row: CheckLicence, before: LicenceState, counts: Counts) -> EntryDraft:
    payload: dict[str, Any] = {
        "series": row.series,
        "question": row.question,
        "was": str(before),
        "state": str(row.state),
        "answered_by": "checks and people" if row.state == LicenceState.LICENSED else "people",
        **asdict(counts),
    }
    return EntryDraft(
        stream=SYSTEM_STREAM,
        kind=LICENCE_CHANGED,
        subject_kind="check_series",
        subject_id=row.series,
        payload=payload,
    )
