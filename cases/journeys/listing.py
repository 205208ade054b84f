"""Journeys over all cases a reader may see, narrowed as a list or a count of them asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from cases.journeys.models import CueSheetVersion, Journey, StepRun
from cases.journeys.moving import MovePreview, preview_move
from cases.journeys.selectors import get_published, spec_of
from cases.journeys.types import JourneyState, StepState
from cases.memory.models import Case
from cases.memory.rules import is_uuid
from governance.access.models import Queue
from governance.access.selectors import readable_queue_ids
from governance.access.types import Authority, Capability
from orchestra.core.errors import FieldError, InvalidInputError, NotFoundError

#: Which journeys of a cue are meant: those that came to it, are at it, missed it, are late at it.
REACHED, AT, MISSED, LATE = "reached", "now", "missed", "overdue"
WHICH = (REACHED, AT, MISSED, LATE)
UNDER_WAY = (JourneyState.RUNNING, JourneyState.PAUSED)
_LONGEST_NUMBER = 9
_BUSY = (StepState.READY, StepState.RUNNING, StepState.WAITING)


@dataclass(frozen=True, slots=True)
class JourneyFilters:
    """How a list of journeys is narrowed; an empty one narrows nothing.

    Attributes:
        cue_sheet: Key.
        version: Number of its version, as a query string has it.
        state: A ``JourneyState``.
        queue: Key of the queue that the case is in.
        cue: Key of a cue; ``which`` says how a journey stands to it.
        which: One of ``WHICH``; without a cue, of any cue.
        since: Those that began from then on, and those that run still; None for all.
    """

    cue_sheet: str = ""
    version: str = ""
    state: str = ""
    queue: str = ""
    cue: str = ""
    which: str = ""
    since: datetime | None = None


def list_journeys_over_cases(
    *, authority: Authority, filters: JourneyFilters, now: datetime
) -> QuerySet[Journey]:
    """Return the journeys on cases a reader may see, newest first.

    Args:
        authority: Who looks.
        filters: How they are narrowed.
        now: What counts as past a deadline.

    Raises:
        InvalidInputError: A filter is no value of its field; every such field is named.
    """
    errors = _errors(filters)
    if errors:
        raise InvalidInputError(errors[0].message, errors=errors)
    rows = readable_journeys(authority=authority, since=filters.since, queue=filters.queue)
    if filters.state:
        rows = rows.filter(state=filters.state)
    if filters.cue_sheet or filters.version:
        # Looked up before and not joined, so that the newest are read along an index of versions.
        named = {"cue_sheet__key": filters.cue_sheet, "number": filters.version}
        versions = CueSheetVersion.objects.filter(**{k: v for k, v in named.items() if v})
        rows = rows.filter(version_id__in=list(versions.values_list("pk", flat=True)))
    if filters.cue and filters.which in {MISSED, LATE}:
        rows = rows.filter(pk__in=_late_at(filters, now))
    elif filters.cue or filters.which:
        rows = rows.filter(Exists(_steps(filters, now)))
    return (
        rows.select_related("version__cue_sheet", "case__queue")
        .defer("version__document")
        .order_by("-pk")
    )


def readable_journeys(
    *, authority: Authority, since: datetime | None = None, queue: str = ""
) -> QuerySet[Journey]:
    """Return the journeys on cases a reader may see.

    Args:
        authority: Who looks.
        since: Those that began from then on, and those under way; None for all.
        queue: Key of the queue the case is in; empty for every queue.
    """
    rows = Journey.objects.all()
    if since is not None:
        rows = rows.filter(Q(started_at__gte=since) | Q(state__in=UNDER_WAY))
    if queue:
        rows = rows.filter(case__queue__key=queue)
    queues = readable_queue_ids(authority, Capability.CASE_READ)
    return rows if queues is None else rows.filter(case__queue_id__in=queues)


def find_places(*, journeys: Sequence[Journey]) -> dict[int, list[StepRun]]:
    """Return the cues that some journeys are at now, by the journey's internal key: one query."""
    found: dict[int, list[StepRun]] = {}
    rows = StepRun.objects.filter(is_at(), journey__in=[one.pk for one in journeys])
    for step in rows.order_by("journey_id", "position"):
        found.setdefault(step.journey_id, []).append(step)
    return found


def is_late(now: datetime) -> Q:
    """Return the filter of steps that are past their deadline at a moment."""
    return Q(state__in=_BUSY, due_at__lte=now, journey__state=JourneyState.RUNNING)


def is_at() -> Q:
    """Return the filter of steps that a journey under way is at."""
    return Q(state__in=_BUSY, journey__state__in=UNDER_WAY)


def find_move(*, case: Case, journey_id: str) -> tuple[Journey, CueSheetVersion, MovePreview]:
    """Return what moving a journey to the version in force would do to its steps.

    Raises:
        NotFoundError: The case has no such journey.
        InvalidInputError: No version of its cue sheet is in force.
    """
    rows = Journey.objects.filter(case=case).select_related("version__cue_sheet")
    found = rows.filter(public_id=journey_id).first() if is_uuid(journey_id) else None
    if found is None:
        raise NotFoundError(_("This case has no such journey."), code="not_found.journey")
    version = get_published(key=found.version.cue_sheet.key)
    steps = StepRun.objects.filter(journey=found).order_by("position")
    states = {key: StepState(state) for key, state in steps.values_list("key", "state")}
    preview = preview_move(old=spec_of(found.version), new=spec_of(version), states=states)
    return found, version, preview


def _late_at(filters: JourneyFilters, now: datetime) -> "QuerySet[StepRun, Any]":
    """Return the journeys that are late at a cue, or were too where that is asked for.

    Each is a list that an index holds, made before the journeys are looked at: where many stand
    at a cue and none is late, the planner would look through all of them.
    """
    at_cue = StepRun.objects.filter(key=filters.cue).order_by()
    late = at_cue.filter(is_late(now)).values("journey")
    if filters.which == LATE:
        return late.distinct()
    return late.union(at_cue.filter(missed_at__isnull=False).values("journey"))


def _steps(filters: JourneyFilters, now: datetime) -> QuerySet[StepRun]:
    rows = StepRun.objects.filter(journey=OuterRef("pk"))
    if filters.cue:
        rows = rows.filter(key=filters.cue)
    wanted = {
        "": Q(),
        REACHED: Q(ready_at__isnull=False),
        AT: is_at(),
        # The first of the two says no more than the second; by it an index finds the few.
        MISSED: (Q(missed_at__isnull=False) | Q(state__in=_BUSY))
        & (Q(missed_at__isnull=False) | is_late(now)),
        LATE: is_late(now),
    }
    return rows.filter(wanted[filters.which])


def _errors(filters: JourneyFilters) -> list[FieldError]:
    """Return which filters are no value of their field."""
    errors = [
        FieldError(name, "choice", f"{name} is one of {', '.join(known)}.")
        for name, given, known in (
            ("state", filters.state, tuple(JourneyState)),
            ("which", filters.which, WHICH),
        )
        if given and given not in known
    ]
    if filters.version and not (filters.version.isascii() and filters.version.isdigit()):
        errors.append(FieldError("version", "number", "version is the number of a version."))
    if len(filters.version) > _LONGEST_NUMBER:
        errors.append(FieldError("version", "number", "There is no version of that number."))
    if filters.queue and not Queue.objects.filter(key=filters.queue).exists():
        errors.append(FieldError("queue", "unknown", f"There is no queue {filters.queue!r}."))
    return errors
