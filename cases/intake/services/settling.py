"""Take a person's word for what a message speaks of; it is an example from then on."""

from datetime import datetime

from django.utils.translation import gettext as _

from cases.intake import entries
from cases.intake.models import ClassificationRecord, IntentExample
from cases.intake.selectors import find_intent, find_settled, latest_classification
from cases.intake.services.classifying import UNKNOWN
from cases.memory.locks import not_found
from cases.memory.models import Case
from cases.memory.selectors import lock_case
from governance.access.rules import may
from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor
from orchestra.core.errors import (
    ConflictError,
    FieldError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from orchestra.core.locking import compare_and_set
from orchestra.core.redaction import mask_text

#: Characters of a message that an example keeps.
MOST_CHARACTERS = 1000


@one_act()
def settle_intent(
    *, actor: Actor, now: datetime, case: Case, classification_id: str, intent: str
) -> IntentExample:
    """Confirm or correct the need that intake found; a repeat of the same word changes nothing.

    Priority and flags stay: a need says nothing about them.

    Args:
        actor: Who says so.
        now: When.
        case: The case.
        classification_id: The classification that the person saw.
        intent: Key of the intent; empty for none of ours.

    Raises:
        NotFoundError: The actor may not see the case, or it has no such classification.
        NotPermittedError: The actor is no person, or may not work the case.
        InvalidInputError: There is no such intent.
        ConflictError: The customer said more since, and it was read.
    """
    row = lock_case(case.public_id)
    authority = authority_of(actor)
    if not may(authority, Capability.CASE_READ, row.queue_id):
        raise not_found()
    require(authority=authority, capability=Capability.CASE_WORK, queue_id=row.queue_id)
    if not actor.is_human:
        raise NotPermittedError(_("Only a person confirms what a case is about."))
    found = _latest(row, classification_id)
    spec = find_intent(intent)
    if intent and spec is None:
        message = _("There is no such intent; choose one of the list.")
        raise InvalidInputError(
            message, code="intake.intent", errors=[FieldError("intent", "unknown", message)]
        )
    before = find_settled(classification=found)
    if before is not None and before.intent == intent:
        return before
    assert found.message is not None  # noqa: S101  checked in _latest
    example = IntentExample.objects.create(
        case=row,
        message=found.message,
        classification=found,
        text=mask_text(found.message.text[:MOST_CHARACTERS]),
        intent=intent,
        guessed=found.intent,
        by_id=actor.id,
        by_label=actor.label,
        at=now,
    )
    if row.intent != intent:
        compare_and_set(
            row,
            expected={"status": row.status},
            changes={"intent": intent},
            actor=actor,
            reason="said by a person",
        )
    was = find_intent(found.intent)
    confirmed = intent == found.intent
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=row.stream,
            kind=entries.INTAKE_CONFIRMED if confirmed else entries.INTAKE_CORRECTED,
            subject_kind="classification",
            subject_id=str(found.public_id),
            payload={
                "title": spec.title if spec else str(UNKNOWN),
                "intent": intent,
                "was": was.title if was else str(UNKNOWN),
                "guessed": found.intent,
                "classifier": found.classifier,
            },
        ),
    )
    return example


def _latest(case: Case, classification_id: str) -> ClassificationRecord:
    latest = latest_classification(case=case)
    if latest is None or latest.message is None:
        raise NotFoundError(_("Nothing of this case was read yet."))
    if str(latest.public_id) != str(classification_id):
        raise ConflictError(
            _("The customer said more since. Look again and decide on that."),
            code="conflict.classification",
        )
    return latest
