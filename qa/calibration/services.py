"""Begin a calibration session, and close it without whoever is missing."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from governance.access.models import User
from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from orchestra.core import clock
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError
from orchestra.core.history import save_as
from orchestra.core.locking import compare_and_set, lock
from qa.calibration import entries
from qa.calibration.models import CalibrationSession
from qa.calibration.results import lean
from qa.calibration.selectors import list_missing, list_progress, list_reviewers, read_answers
from qa.calibration.types import SessionState
from qa.population.models import SamplingUnit
from qa.reviewing.models import Review
from qa.reviewing.types import ReviewKind, ReviewState
from qa.sampling.drawing import unit_number
from qa.scorecards.models import ScorecardVersion

_LOOKS_BACK = timedelta(days=28)
_MOST_PEOPLE, _MOST_UNITS = 12, 60
_FEWEST = 2
_MOST_POOL = 5000


@one_act()
def open_session(
    *,
    actor: Actor,
    now: datetime,
    scorecard: str,
    people: Collection[str],
    count: int,
    due_at: datetime,
) -> CalibrationSession:
    """Begin a session: everybody gets the same units, as blind reviews of their own.

    The units are drawn by a seed among those that ended within four weeks, that nobody of the
    people worked, and that no calibration held before. The scores never enter an estimate.

    Args:
        actor: Who begins it.
        now: When, UTC.
        scorecard: Key of the scorecard in force.
        people: Public ids of who scores.
        count: How many units.
        due_at: Until when, UTC.

    Raises:
        NotPermittedError: The actor does not lead quality.
        InvalidInputError: Something about it is wrong; nothing is begun.
    """
    require(authority=authority_of(actor), capability=Capability.QUALITY_LEAD)
    version = (
        ScorecardVersion.objects.filter(scorecard__key=scorecard, state="published")
        .select_related("scorecard")
        .first()
    )
    chosen = [one for one in list_reviewers() if str(one.public_id) in set(people)]
    _check(version, chosen, set(people), count, due_at, now)
    seed = int(clock.rfc3339(now)[:10].replace("-", ""))
    units = _draw(chosen, count, seed, now)
    if len(units) < _FEWEST:
        raise _wrong("count", "few", _("Too little work of late could be drawn for these people."))
    session = CalibrationSession(
        scorecard=version,
        seed=seed,
        opened_by_id=actor.id,
        opened_by_label=actor.label,
        opened_at=now,
        due_at=due_at,
    )
    save_as(session, actor=actor, reason="Begun.")
    session.people.set(chosen)
    session.units.set(units)
    Review.objects.bulk_create(
        Review(
            unit=unit,
            scorecard=version,
            kind=ReviewKind.CALIBRATION,
            state=ReviewState.WAITING,
            blind=True,
            reviewer=person,
            assigned_at=now,
            due_at=due_at,
        )
        for person in chosen
        for unit in units
    )
    payload = {"people": len(chosen), "units": len(units), "due_at": clock.rfc3339(due_at)}
    _append(actor, now, session, entries.OPENED, payload)
    return session


@one_act()
def remind(*, actor: Actor, now: datetime, session: CalibrationSession) -> int:
    """Remind whoever is missing in an open session; they are told of it as of other news.

    Returns:
        How many people are reminded.

    Raises:
        NotPermittedError: The actor does not lead quality.
        ConflictError: It is closed, or nobody is missing.
    """
    require(authority=authority_of(actor), capability=Capability.QUALITY_LEAD)
    (held,) = lock(CalibrationSession.objects.filter(pk=session.pk))
    missing = list_missing(held) if held.state == SessionState.OPEN else []
    if not missing:
        raise ConflictError(
            _("Nobody is missing, or it is closed. Nobody was reminded."),
            code="calibration.nobody_missing",
        )
    _append(actor, now, held, entries.REMINDED, {"people": len(missing)})
    return len(missing)


@one_act()
def close_session(*, actor: Actor, now: datetime, session: CalibrationSession) -> None:
    """Close a session, also without those who are missing; open scores are put aside.

    Whoever lies outside the control limits is an entry of its own.

    Raises:
        NotPermittedError: The actor does not lead quality.
        ConflictError: It is closed already.
    """
    require(authority=authority_of(actor), capability=Capability.QUALITY_LEAD)
    compare_and_set(
        session,
        expected={"state": SessionState.OPEN},
        changes={"state": SessionState.CLOSED, "closed_at": now},
        actor=actor,
        reason="Closed.",
    )
    missing = sum(one.total - one.done for one in list_progress(session))
    Review.objects.filter(
        kind=ReviewKind.CALIBRATION,
        state__in=[ReviewState.WAITING, ReviewState.TAKEN],
        scorecard=session.scorecard,
        unit__in=session.units.all(),
        reviewer__in=session.people.all(),
    ).update(state=ReviewState.SKIPPED, skipped_for="session_closed")
    _append(actor, now, session, entries.CLOSED, {"missing": missing})
    people, _units, asked = read_answers(session)
    for place, person in enumerate(people):
        one = lean(asked, place)
        if one.outside and one.points is not None:
            payload = {"person": person.label, "points": f"{one.points:+.1f}"}
            _append(actor, now, session, entries.DRIFTED, payload)


def _check(
    version: ScorecardVersion | None,
    chosen: Collection[User],
    named: Collection[str],
    count: int,
    due_at: datetime,
    now: datetime,
) -> None:
    errors = []
    if version is None:
        errors.append(FieldError("scorecard", "unknown", _("No such scorecard is in force.")))
    if len(chosen) != len(named) or not _FEWEST <= len(chosen) <= _MOST_PEOPLE:
        errors.append(FieldError("people", "count", _("Name two to twelve people who may review.")))
    if not _FEWEST <= count <= _MOST_UNITS:
        errors.append(FieldError("count", "range", _("Choose 2 to 60 units.")))
    if due_at <= now:
        errors.append(FieldError("due_at", "past", _("Choose a time to come.")))
    if errors:
        raise InvalidInputError(_("The calibration cannot begin."), errors=errors)


def _wrong(field: str, code: str, message: str) -> InvalidInputError:
    return InvalidInputError(message, errors=[FieldError(field, code, message)])


def _draw(people: Collection[User], count: int, seed: int, now: datetime) -> list[SamplingUnit]:
    """Return the units with the smallest numbers of the seed."""
    hands = {f"human:{one.public_id}" for one in people}
    pool = (
        SamplingUnit.objects.filter(
            kind="interaction", ended_at__range=(now - _LOOKS_BACK, now), left_out=""
        )
        .exclude(reviews__kind=ReviewKind.CALIBRATION)
        .order_by("-ended_at", "-pk")[:_MOST_POOL]
    )
    free = [one for one in pool if not hands & set(one.workers)]
    free.sort(
        key=lambda one: unit_number(seed=str(seed), plan="calibration", version=1, unit=one.subject)
    )
    return free[:count]


def _append(
    actor: Actor,
    now: datetime,
    session: CalibrationSession,
    kind: str,
    payload: Mapping[str, object],
) -> None:
    draft = EntryDraft(
        stream=f"calibration:{session.public_id}",
        kind=kind,
        payload=payload,
        subject_kind="calibration",
        subject_id=str(session.public_id),
    )
    append_entry(actor=actor, now=now, draft=draft)
