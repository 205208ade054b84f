"""Take a person's word for what a case is about, and follow it where nothing runs yet."""

from datetime import datetime

from cases.intake import services as intake
from cases.intake.models import Intent, IntentExample
from cases.journeys.selectors import list_journeys
from cases.journeys.services.opening import follow_intent
from cases.memory.models import Case
from governance.ledger.services import one_act
from orchestra.core.actors import Actor


@one_act()
def settle_intent(
    *, actor: Actor, now: datetime, case: Case, classification_id: str, intent: str
) -> IntentExample:
    """Confirm or correct the need of a case; a journey begins only where none does yet.

    What runs goes on: ending it, or starting another, is decided on its own.

    Raises:
        NotFoundError, NotPermittedError, InvalidInputError, ConflictError: As of intake.
    """
    example = intake.settle_intent(
        actor=actor, now=now, case=case, classification_id=classification_id, intent=intent
    )
    row = Intent.objects.filter(key=intent).first() if intent else None
    if row is not None and not list_journeys(case=case):
        follow_intent(now, case, row, is_new=False)
    return example
