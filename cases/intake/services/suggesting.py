"""Have a second classifier suggest a need; a person decides, nothing moves by itself."""

from datetime import datetime

import structlog

from cases.intake import endpoint, entries
from cases.intake.models import ClassificationRecord
from cases.intake.rules import band_of
from cases.intake.selectors import find_settled, find_suggestion, list_intents
from cases.intake.services.classifying import UNKNOWN
from cases.intake.types import Band, IntentGuess
from cases.memory.selectors import lock_case
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from orchestra.core.actors import system
from orchestra.core.errors import UpstreamError

log = structlog.get_logger(__name__)


def suggest_intent(*, classification_pk: int, now: datetime) -> ClassificationRecord | None:
    """Ask the model behind the configured address about a message, and keep what it says.

    The call holds no transaction. What goes wrong with it is logged, and the case goes on with
    what was read by examples.

    Args:
        classification_pk: What was read of the message.
        now: When.

    Returns:
        The suggestion; None where there is none to be had, or none is needed any more.
    """
    read = ClassificationRecord.objects.select_related("message").get(pk=classification_pk)
    if read.message is None or not endpoint.is_configured() or _is_superfluous(read):
        return None
    try:
        guess = endpoint.ask(read.message.text, list_intents())
    except UpstreamError as error:
        log.warning("intake.no_suggestion", case=read.case_id, reason=error.message)
        return None
    return _keep(now, read, guess)


def _is_superfluous(read: ClassificationRecord) -> bool:
    return (
        find_settled(classification=read) is not None
        or find_suggestion(classification=read) is not None
    )


@one_act()
def _keep(
    now: datetime, read: ClassificationRecord, guess: IntentGuess
) -> ClassificationRecord | None:
    case = lock_case(read.case.public_id)
    if _is_superfluous(read):
        return None
    band = band_of(confidence=guess.confidence, margin=guess.margin)
    record = ClassificationRecord.objects.create(
        case=case,
        message=read.message,
        classifier=endpoint.name(),
        suggested=True,
        intent=guess.intent,
        raw=guess.confidence,
        # What a model says of itself is no probability; nothing may act on it.
        confidence=0.0,
        margin=0.0,
        band=Band.HAND_OFF if band is Band.HAND_OFF else Band.VERIFY,
        priority=read.priority,
        at=now,
    )
    titles = {spec.key: spec.title for spec in list_intents()}
    append_entry(
        actor=system("intake"),
        now=now,
        draft=EntryDraft(
            stream=case.stream,
            kind=entries.INTAKE_SUGGESTED,
            subject_kind="classification",
            subject_id=str(record.public_id),
            payload={
                "title": titles.get(guess.intent, "") or str(UNKNOWN),
                "intent": guess.intent,
                "classifier": record.classifier,
                "raw": record.raw,
            },
        ),
    )
    return record
