"""Who is told of calibration sessions; filled into the registry of notifications."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from governance.access.types import Capability
from governance.notifications.registry import NoticeRule
from governance.notifications.telling.people import only, who_may
from governance.notifications.types import Happened, Telling, Told, Topic, Why
from qa.calibration import entries
from qa.calibration.models import CalibrationSession
from qa.calibration.selectors import list_missing, list_sessions
from qa.calibration.types import SessionState


def tell_people(happened: Happened, now: datetime) -> Telling | None:
    """Tell the people of an open session who have not scored everything, and until when."""
    del now
    session = _find(happened)
    if session is None or session.state != SessionState.OPEN:
        return None
    missing = [Told(str(one.public_id), Why.YOURS) for one in list_missing(session)]
    return _telling(session, missing, happened, deadline_at=session.due_at)


def tell_leads(happened: Happened, now: datetime) -> Telling | None:
    """Tell who leads quality that somebody drifts, once however many do; it names nobody."""
    del now
    session = _find(happened)
    if session is None:
        return None
    told = [Told(person, Why.LOOKS_AFTER) for person in sorted(who_may(Capability.QUALITY_LEAD))]
    return _telling(session, told, happened, is_once=True)


def _find(happened: Happened) -> CalibrationSession | None:
    return list_sessions().filter(public_id=happened.subject_id).first()


def _telling(
    session: CalibrationSession,
    told: Iterable[Told],
    happened: Happened,
    *,
    deadline_at: datetime | None = None,
    is_once: bool = False,
) -> Telling:
    # Whoever closes a session leads it, and is told of drift like every lead.
    besides = "" if is_once else happened.actor_id
    return Telling(
        people=only(told, besides=besides),
        label=session.scorecard.scorecard.title[:100],
        page="calibration",
        page_id=str(session.public_id),
        deadline_at=deadline_at,
        is_once=is_once,
    )


RULES: Final[Mapping[str, NoticeRule]] = {
    entries.OPENED: NoticeRule(
        Topic.DECIDE, _("A calibration waits for your scores: {label}"), tell_people
    ),
    entries.REMINDED: NoticeRule(
        Topic.DECIDE, _("A calibration still waits for your scores: {label}"), tell_people
    ),
    entries.DRIFTED: NoticeRule(
        Topic.OUTCOME, _("Scores drift in the calibration of {label}"), tell_leads
    ),
}
