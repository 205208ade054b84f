"""Take a case as far as what was read of its customer's words allows."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from cases.handoff.types import Reason
from cases.intake import entries as intake_entries
from cases.intake import services as intake
from cases.intake.models import ClassificationRecord, Intent
from cases.intake.rules import asks_for_something, extract_entities
from cases.intake.selectors import is_told
from cases.intake.types import Band
from cases.journeys.runner import CONDUCTOR
from cases.journeys.selectors import find_published, list_journeys
from cases.journeys.services.conducting import Over, hand_to_person
from cases.journeys.services.starting import changes_something, start_journey
from cases.memory import services as memory
from cases.memory.models import Case
from cases.memory.rules import citation_errors
from cases.memory.selectors import cited_ids, lock_case
from cases.memory.types import CaseStatus, IntentHold
from cases.tools.gather import cite, customer_confirmed
from governance.access.models import Queue
from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError


def heed(*, now: datetime, case: Case, read: ClassificationRecord, is_new: bool) -> None:
    """Take a locked case where what was read leads, as far as its confidence allows.

    Sure enough, the journey of the need begins. To be confirmed, only what changes nothing
    begins, and the case waits for a word. Below that, people get the case. What a person said
    stands, what runs goes on, and words that name no need yet decide nothing.

    Args:
        now: When.
        case: The locked case.
        read: What was read last.
        is_new: Whether the case begins with these words.
    """
    if case.status != CaseStatus.OPEN or case.intent_hold == IntentHold.PERSON:
        return
    if is_told(case=case) or (list_journeys(case=case) and not case.intent_hold):
        return
    intent = Intent.objects.filter(key=read.intent).first()
    if intent is not None and read.band == Band.ACT:
        was_held = bool(case.intent_hold)
        intake.release_locked(actor=CONDUCTOR, now=now, case=case, intent=intent.key)
        follow_intent(now, case, intent, is_new=is_new or was_held)
    elif not case.intent_hold and _asks_for_something(read):
        _hold(now, case, read, intent, is_new=is_new)


def _asks_for_something(read: ClassificationRecord) -> bool:
    said = read.message.text if read.message else ""
    # Without any need to choose from nothing was left unclear.
    return asks_for_something(said, extract_entities(said)) and Intent.objects.exists()


def _hold(
    now: datetime, case: Case, read: ClassificationRecord, intent: Intent | None, *, is_new: bool
) -> None:
    if intent is not None and read.band == Band.VERIFY:
        intake.hold_locked(actor=CONDUCTOR, now=now, case=case, read=read, hold=IntentHold.CONFIRM)
        follow_intent(now, case, intent, is_new=is_new, only_reads=True)
        return
    intake.hold_locked(actor=CONDUCTOR, now=now, case=case, read=read, hold=IntentHold.PERSON)
    hand_to_person(
        actor=CONDUCTOR,
        now=now,
        case=case,
        over=Over(
            reason_code=Reason.LOW_CONFIDENCE,
            note=_("What the customer wants could not be read surely enough."),
        ),
    )


def follow_intent(
    now: datetime, case: Case, intent: Intent, *, is_new: bool, only_reads: bool = False
) -> None:
    """Take a case where its intent leads; one that goes on keeps its queue and journeys.

    Args:
        now: When.
        case: The locked case.
        intent: The need.
        is_new: Whether the case begins with it.
        only_reads: Whether a journey that changes something has to wait.
    """
    if not is_new and list_journeys(case=case):
        return
    queue = Queue.objects.filter(key=intent.queue).first() if intent.queue else None
    if is_new and queue is not None:
        memory.move_case(
            actor=CONDUCTOR, now=now, case=case, queue=queue, reason="routed by intent"
        )
    version = find_published(key=intent.cue_sheet) if intent.cue_sheet else None
    if version is not None and not (only_reads and changes_something(version)):
        start_journey(actor=CONDUCTOR, now=now, case=case, cue_sheet_key=intent.cue_sheet)


@one_act()
def confirm_intent(
    *, actor: Actor, now: datetime, case: Case, intent: str, evidence: Sequence[str]
) -> Case:
    """Record that the customer, asked by an AI agent, said what the case is about.

    The journey that waited for it begins. A case that waits for nothing is left as it is.

    Args:
        actor: Who asked.
        now: When.
        case: The case.
        intent: Key of the need.
        evidence: Public ids of the question and of the customer's answer.

    Raises:
        NotPermittedError: The actor may not work the case.
        InvalidInputError: There is no such need, or the evidence shows no answer of the customer.
        ConflictError: A person has the word on it.
    """
    row = lock_case(case.public_id)
    require(authority=authority_of(actor), capability=Capability.CASE_WORK, queue_id=row.queue_id)
    if row.intent_hold == IntentHold.PERSON:
        intake.refuse_held(actor=actor, case=row)
        raise ConflictError(
            _("A person says what this case is about, on its page."), code=intake.UNCONFIRMED
        )
    found = Intent.objects.filter(key=intent).first()
    _check_answer(row, found, evidence)
    if row.intent_hold and found is not None:
        memory.mark_locked(
            actor=actor, case=row, intent=found.key, priority=row.priority, risk_flags=()
        )
        intake.release_locked(
            actor=actor,
            now=now,
            case=row,
            intent=found.key,
            evidence=evidence,
            kind=intake_entries.INTENT_CONFIRMED,
        )
        follow_intent(now, row, found, is_new=True)
    return lock_case(row.public_id)


def _check_answer(case: Case, found: Intent | None, evidence: Sequence[str]) -> None:
    errors = citation_errors(cited=evidence, known=cited_ids(case=case, cited=evidence))
    if found is None:
        message = _("There is no such intent; choose one of the list.")
        errors.append(FieldError("intent", "unknown", message))
    if not errors and not customer_confirmed(cite(case=case, evidence=evidence)):
        message = _("Cite what the customer answered after an AI agent asked them.")
        errors.append(FieldError("evidence", "no_answer", message))
    if errors:
        raise InvalidInputError(
            _("The customer's confirmation cannot be recorded so."),
            code="intake.confirmation",
            errors=errors,
        )
