"""Take a person's word for what a case is about, and follow it where nothing runs yet."""

from datetime import datetime

from django.utils.translation import gettext as _

from cases.handoff.selectors import find_latest_handoff
from cases.handoff.types import HandoffState, Reason
from cases.intake import services as intake
from cases.intake.models import Intent, IntentExample
from cases.journeys.selectors import list_journeys
from cases.journeys.services.handing import accept_handoff, return_handoff
from cases.journeys.services.heeding import follow_intent
from cases.memory.models import Case
from cases.memory.selectors import lock_case
from governance.ledger.services import one_act, one_part
from orchestra.core.actors import Actor
from orchestra.core.errors import NotFoundError, NotPermittedError


@one_act()
def settle_intent(
    *, actor: Actor, now: datetime, case: Case, classification_id: str, intent: str
) -> IntentExample:
    """Confirm or correct the need of a case; the journey that waited for the word begins.

    What runs goes on: ending it, or starting another, is decided on its own. A case that was
    offered to people only because its need was not clear goes back to whoever works it.

    Raises:
        NotFoundError, NotPermittedError, InvalidInputError, ConflictError: As of intake.
    """
    example = intake.settle_intent(
        actor=actor, now=now, case=case, classification_id=classification_id, intent=intent
    )
    row = lock_case(case.public_id)
    was_held = bool(row.intent_hold)
    intake.release_locked(actor=actor, now=now, case=row, intent=intent)
    found = Intent.objects.filter(key=intent).first() if intent else None
    if found is not None and (was_held or not list_journeys(case=row)):
        _take_back(actor, now, row)
        follow_intent(now, lock_case(row.public_id), found, is_new=was_held)
    return example


def _take_back(actor: Actor, now: datetime, case: Case) -> None:
    """End the offer that asked for nothing but this word, where the person may."""
    offered = find_latest_handoff(case=case)
    if offered is None or offered.state != HandoffState.OFFERED:
        return
    if offered.reason_code != Reason.LOW_CONFIDENCE:
        return
    try:
        with one_part():
            accept_handoff(actor=actor, now=now, handoff_id=offered.public_id)
            return_handoff(
                actor=actor,
                now=now,
                handoff_id=offered.public_id,
                reason=_("A person said what the case is about."),
            )
    except (NotFoundError, NotPermittedError):
        # Whoever may not take cases of that queue leaves the offer to those who may.
        return
