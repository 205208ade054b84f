"""Why a journey stands still and for whom it waits, as the ledger tells it; reads only."""

from dataclasses import dataclass

from cases.journeys.entries import JOURNEY_PAUSED
from cases.journeys.models import Journey
from governance.ledger.selection import EntrySelection, select
from governance.ledger.selectors import payload_of


@dataclass(frozen=True, slots=True)
class Pause:
    """What was said when a journey was paused; texts are empty once erased.

    Attributes:
        by: Name of who paused it.
        reason: Why, in their words.
        waits_for: A ``WaitsFor``; empty where it waits for nobody else.
    """

    by: str = ""
    reason: str = ""
    waits_for: str = ""


def find_pause(*, journey: Journey) -> Pause | None:
    """Return the pause that holds a journey: one query, none where it is not paused.

    Args:
        journey: The journey, with its case.
    """
    if journey.paused_at is None:
        return None
    wanted = EntrySelection(
        streams=(journey.case.stream,),
        kinds=(JOURNEY_PAUSED,),
        subject_ids=(str(journey.public_id),),
    )
    entry = select(wanted).select_related("payload").order_by("id").last()
    told = (payload_of(entry=entry) if entry else None) or {}
    return Pause(
        by=str(told.get("actor_label", "")),
        reason=str(told.get("reason", "")),
        waits_for=str(told.get("waits_for", "")),
    )
