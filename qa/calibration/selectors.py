"""Calibration sessions, who has scored, and what they show once everybody has."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext as _

from governance.access.models import User
from governance.access.rules import CAPABILITIES
from governance.access.selectors import with_a_role
from governance.access.types import Capability
from orchestra.core.errors import NotFoundError
from orchestra.core.together import Reading, answer, read
from qa.calibration.models import CalibrationSession
from qa.calibration.results import divided, lean, question_result
from qa.calibration.types import Asked, Divided, Lean, QuestionResult, SessionState
from qa.population.models import SamplingUnit
from qa.reviewing.models import Review
from qa.reviewing.types import ReviewKind, ReviewState
from qa.scorecards.scoring import NOT_APPLICABLE, Answer, share_of
from qa.scorecards.selectors import spec_of
from qa.scorecards.types import AnswerKind, Question

#: Sessions of one series.
MOST_SESSIONS = 12
_DONE = (ReviewState.SUBMITTED, ReviewState.RELEASED)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one person is."""

    person: User
    done: int
    total: int
    saved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a session shows.

    Attributes:
        people: In the order of every row of answers.
        units: In the order of every question's rows.
    """

    people: tuple[User, ...]
    units: tuple[SamplingUnit, ...]
    questions: tuple[QuestionResult, ...]
    divided: tuple[Divided, ...]
    leans: tuple[Lean, ...]


@dataclass(frozen=True, slots=True)
class Session:
    """One closed session with everything that was answered.

    Attributes:
        people: In the order of every row of answers.
        units: In the order of every question's rows.
    """

    session: CalibrationSession
    people: tuple[User, ...]
    units: tuple[SamplingUnit, ...]
    asked: tuple[Asked, ...]


def list_sessions() -> QuerySet[CalibrationSession]:
    """Return every session, the newest first, with its scorecard and counts."""
    return CalibrationSession.objects.select_related("scorecard__scorecard").annotate(
        people_count=Count("people", distinct=True), unit_count=Count("units", distinct=True)
    )


def get_session(session_id: UUID) -> CalibrationSession:
    """Return one session.

    Raises:
        NotFoundError: There is none by that id.
    """
    found = list_sessions().filter(public_id=session_id).first()
    if found is None:
        raise NotFoundError(_("There is no such calibration."))
    return found


def list_reviewers() -> QuerySet[User]:
    """Return who may score by role, by name."""
    roles = [one for one, held in CAPABILITIES.items() if Capability.QUALITY_REVIEW in held]
    return with_a_role(roles).filter(is_active=True).order_by("username")


def reviews_of(session: CalibrationSession) -> QuerySet[Review]:
    """Return the scores of a session: its people's calibration reviews of its units."""
    return Review.objects.filter(
        kind=ReviewKind.CALIBRATION,
        scorecard=session.scorecard,
        unit__in=session.units.all(),
        reviewer__in=session.people.all(),
    )


def list_progress(session: CalibrationSession) -> list[Progress]:
    """Return how far each person is, by name: two queries."""
    rows = (
        reviews_of(session)
        .values("reviewer")
        .annotate(
            done=Count("pk", filter=Q(state__in=_DONE)),
            total=Count("pk"),
            saved=Max("saved_at"),
            submitted=Max("submitted_at"),
        )
    )
    by_person: dict[int | None, Any] = {row["reviewer"]: row for row in rows}
    return [
        Progress(
            person,
            by_person.get(person.pk, {}).get("done", 0),
            by_person.get(person.pk, {}).get("total", 0),
            _later(by_person.get(person.pk, {})),
        )
        for person in session.people.order_by("username")
    ]


def list_missing(session: CalibrationSession) -> list[User]:
    """Return who has not scored everything, by name: two queries."""
    return [one.person for one in list_progress(session) if one.done < one.total]


def _later(row: dict[str, Any]) -> datetime | None:
    return max((one for one in (row.get("saved"), row.get("submitted")) if one), default=None)


def is_shown(session: CalibrationSession, progress: Sequence[Progress]) -> bool:
    """Tell whether results may be seen: everybody has scored everything, or it is closed."""
    everybody = bool(progress) and all(one.total and one.done == one.total for one in progress)
    return session.state == SessionState.CLOSED or everybody


def read_answers(
    session: CalibrationSession,
) -> tuple[tuple[User, ...], tuple[SamplingUnit, ...], tuple[Asked, ...]]:
    """Return people, units, and every question with what was answered: three queries."""
    people = tuple(session.people.order_by("username"))
    units = tuple(session.units.select_related("case").order_by("ended_at", "pk"))
    answers: dict[tuple[int, int], dict[str, Any]] = defaultdict(dict)
    rows = reviews_of(session).filter(state__in=_DONE)
    for unit, reviewer, given in rows.values_list("unit", "reviewer", "answers"):
        answers[unit, reviewer or 0] = given
    asked = tuple(
        _asked(question, people, units, answers)
        for question in spec_of(session.scorecard).questions
        if question.kind is not AnswerKind.TEXT
    )
    return people, units, asked


def read_results(session: CalibrationSession) -> Shown:
    """Return what a session shows: three queries. Whether it may be seen: ``is_shown``."""
    people, units, asked = read_answers(session)
    taking = sum(
        any(row[place] is not None for one in asked for row in one.rows)
        for place in range(len(people))
    )
    return Shown(
        people=people,
        units=units,
        questions=tuple(question_result(one, seed=session.seed, people=taking) for one in asked),
        divided=tuple(divided(asked)),
        leans=tuple(lean(asked, place) for place in range(len(people))),
    )


def read_series(*, scorecard: str = "") -> list[Session]:
    """Return the newest closed sessions of one scorecard, oldest first: six queries at most.

    Args:
        scorecard: Its key; that of the session closed last where not given.
    """
    return answer(reading_series(scorecard=scorecard))


def reading_series(*, scorecard: str = "") -> Reading[list[Session]]:
    """Come to the newest closed sessions of one scorecard, as ``read_series`` returns them."""
    rows = CalibrationSession.objects.filter(state=SessionState.CLOSED).order_by(
        "-closed_at", "-pk"
    )
    if not scorecard:
        last = yield from read(rows.values_list("scorecard__scorecard__key", flat=True)[:1])
        scorecard = last[0] if last else ""
    if not scorecard:
        return []
    newest = yield from read(
        rows.filter(scorecard__scorecard__key=scorecard)
        .select_related("scorecard__scorecard")
        .prefetch_related("people", "units__case")[:MOST_SESSIONS]
    )
    given = _answers_of(newest)
    found = []
    for row in reversed(newest):
        people = tuple(sorted(row.people.all(), key=lambda one: one.username))
        units = tuple(sorted(row.units.all(), key=lambda one: (one.ended_at, one.pk)))
        answers = given[row.scorecard_id]
        asked = tuple(
            _asked(question, people, units, answers)
            for question in spec_of(row.scorecard).questions
            if question.kind is not AnswerKind.TEXT
        )
        found.append(Session(row, people, units, asked))
    return found


def _answers_of(
    sessions: Sequence[CalibrationSession],
) -> dict[int, dict[tuple[int, int], dict[str, Any]]]:
    """Return answers by version of the scorecard, unit and person: no unit is given twice."""
    rows = Review.objects.filter(
        kind=ReviewKind.CALIBRATION,
        state__in=_DONE,
        scorecard__in=[one.scorecard_id for one in sessions],
        unit__in=[unit.pk for one in sessions for unit in one.units.all()],
    )
    found: dict[int, dict[tuple[int, int], dict[str, Any]]] = defaultdict(lambda: defaultdict(dict))
    for version, unit, person, given in rows.values_list(
        "scorecard", "unit", "reviewer", "answers"
    ):
        found[version][unit, person or 0] = given
    return found


def _asked(
    question: Question,
    people: Sequence[User],
    units: Sequence[SamplingUnit],
    answers: dict[tuple[int, int], dict[str, Any]],
) -> Asked:
    shares = {one: share_of(question, Answer(one)) for one in question.answers}
    return Asked(
        key=question.key,
        text=question.text,
        numbered=question.kind is AnswerKind.SCALE,
        passing={one: float(share) for one, share in shares.items() if share is not None},
        rows=tuple(
            tuple(_answer(question, answers.get((unit.pk, person.pk), {})) for person in people)
            for unit in units
        ),
    )


def _answer(question: Question, given: dict[str, Any]) -> str | None:
    value = given.get(question.key, {}).get("value", "")
    return value if value in question.answers and value != NOT_APPLICABLE else None
