"""End the journeys whose whole time is over, and take back what they changed."""

from datetime import datetime

import structlog
from django.db import DatabaseError
from django.utils.translation import gettext as _

from cases.journeys import entries
from cases.journeys.models import Journey
from cases.journeys.runner import CONDUCTOR, load
from cases.journeys.services.abandoning import abandon, is_settled
from cases.journeys.services.conducting import Over, hand_to_person
from cases.journeys.types import TIME_IS_OVER, JourneyState
from cases.memory.selectors import lock_case
from governance.access.types import Role
from governance.ledger.services import one_act
from orchestra.core.errors import OrchestraError

log = structlog.get_logger(__name__)


def end_overdue_journeys(*, now: datetime, batch: int = 100) -> int:
    """End the running journeys whose time is over, and hand their cases to people.

    What such a journey changed is taken back as it is where a person cancels it. One with a
    call under way, or of unknown outcome, is ended at the first sweep after that is settled;
    one that a person has, or that is paused, is not ended by a clock.

    Args:
        now: When, UTC.
        batch: How many are looked at, the longest over first.

    Returns:
        How many were ended.
    """
    rows = Journey.objects.filter(state=JourneyState.RUNNING, ends_at__lte=now)
    ended = 0
    for pk in list(rows.order_by("ends_at", "pk").values_list("pk", flat=True)[:batch]):
        try:
            ended += _end(pk, now)
        except (OrchestraError, DatabaseError) as error:
            # One journey must not keep the others from their turn; the next sweep tries again.
            log.warning("journeys.time_is_over_failed", journey=pk, error=type(error).__name__)
    return ended


def _end(journey_pk: int, now: datetime) -> bool:
    case_id = Journey.objects.values_list("case__public_id", flat=True).get(pk=journey_pk)
    with one_act():
        running = load(case=lock_case(case_id), journey_pk=journey_pk)
        ends_at = running.journey.ends_at
        over = ends_at is not None and ends_at <= now
        if running.journey.state != JourneyState.RUNNING or not over or not is_settled(running):
            return False
        reason = _("It was not finished within %(count)d minutes.") % {
            "count": running.spec.ends_after_minutes or 0
        }
        abandon(
            running=running,
            actor=CONDUCTOR,
            now=now,
            reason=reason,
            kind=entries.JOURNEY_TIMED_OUT,
        )
        hand_to_person(
            actor=CONDUCTOR,
            now=now,
            case=running.case,
            over=Over(
                reason_code=TIME_IS_OVER,
                queue=running.spec.queue,
                role=running.spec.sign_off_role or str(Role.HUMAN_AGENT),
                skills=frozenset(running.spec.skills),
                note=f"{running.journey.version.cue_sheet.title}: {reason}",
            ),
        )
    return True
