"""Classify a case by what the customer said."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Exists
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.intake import entries
from cases.intake.classifiers import Classifier
from cases.intake.endpoint import is_configured
from cases.intake.models import ClassificationRecord, IntentExample
from cases.intake.rules import asks_for_something, band_of, combined
from cases.intake.selectors import in_force, list_intents, table_in_force
from cases.intake.types import Band, Bands, Classification, Degree, IntentSpec
from cases.memory.locks import not_found
from cases.memory.models import Case, Message
from cases.memory.selectors import lock_case
from cases.memory.services import mark_locked
from governance.access.rules import may
from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor
from orchestra.core.dispatch import enqueue
from orchestra.core.errors import NotFoundError

SUGGEST_TASK = "cases.intake.suggest"
UNKNOWN = gettext_lazy("a need that is not clear yet")


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a message, what its confidence allows, and the needs there are."""

    found: Classification
    band: Band
    intents: Sequence[IntentSpec]


@one_act()
def classify_case(
    *,
    actor: Actor,
    now: datetime,
    case: Case,
    message: Message,
    classifier: Classifier | None = None,
) -> ClassificationRecord:
    """Read one message of a case: intent, identifiers, priority, risk flags.

    What is found is added to what was known: flags are never taken away, the priority never
    becomes less pressing, and a known intent is not lost to a message that shows none. What a
    person said the case is about stands against whatever is read later.

    Args:
        actor: On whose behalf; usually the system.
        now: When.
        case: The case.
        message: What was said.
        classifier: What reads it; None for the one in force.

    Raises:
        NotFoundError: The actor may not see the case, or the message is of another case.
        NotPermittedError: The actor may not work the case.
    """
    row = lock_case(case.public_id)
    authority = authority_of(actor)
    if not may(authority, Capability.CASE_READ, row.queue_id):
        raise not_found()
    require(authority=authority, capability=Capability.CASE_WORK, queue_id=row.queue_id)
    if message.case_id != row.pk:
        raise NotFoundError(_("This case has no such message."), code="not_found.message")
    intents = list_intents()
    reader = in_force(intents)
    found = (classifier or reader.classifier).classify(message.text)
    return keep_reading(
        actor=actor,
        now=now,
        case=row,
        message=message,
        reading=Reading(found, band_for(found, reader.bands), intents),
    )


@one_act()
def hear(
    *, actor: Actor, now: datetime, case: Case, message: Message
) -> ClassificationRecord | None:
    """Look at what the customer of a case said later; what says nothing new leaves no trace.

    New is a risk flag that the case does not carry, words that make it more pressing, and a
    need that is sure and is not the one it is known for; on a case whose need nobody knows,
    whatever asks for something. Nothing is ever taken away by it.

    Args:
        actor: On whose behalf; usually the system.
        now: When.
        case: The locked case.
        message: What was said.

    Returns:
        The classification that was kept; None where nothing was new.
    """
    intents = list_intents()
    reader = in_force(intents)
    found = reader.classifier.classify(message.text)
    reading = Reading(found, band_for(found, reader.bands), intents)
    if case.intent and reading.band is not Band.ACT:
        # What may be another need is not sure enough to stand against the one that is known.
        guess = replace(found.guess, intent="", further=(), leaned_on=())
        reading = replace(reading, found=replace(found, guess=guess), band=Band.HAND_OFF)
    if not _is_news(case, message, reading):
        return None
    return keep_reading(actor=actor, now=now, case=case, message=message, reading=reading)


def _is_news(case: Case, message: Message, reading: Reading) -> bool:
    found = reading.found
    if {str(one.flag) for one in found.flags} - set(case.risk_flags):
        return True
    raised = (case.impact or Degree.LOW) > found.priority.impact
    if case.impact and (raised or (case.urgency or Degree.LOW) > found.priority.urgency):
        return True
    intent = found.guess.intent
    if intent and reading.band is Band.ACT and (intent != case.intent or case.intent_hold):
        return not IntentExample.objects.filter(case=case).exists()
    is_unknown = not case.intent and not case.intent_hold and bool(reading.intents)
    return is_unknown and asks_for_something(message.text, found.entities)


def band_for(found: Classification, bands: Bands) -> Band:
    """Return what the confidence of a reading allows; without a need nothing but a person."""
    if not found.guess.intent:
        return Band.HAND_OFF
    return band_of(confidence=found.guess.confidence, margin=found.guess.margin, bands=bands)


def keep_reading(
    *, actor: Actor, now: datetime, case: Case, message: Message, reading: Reading
) -> ClassificationRecord:
    """Add to a locked case what was read of a message, with its entry."""
    row, found, band, intents = case, reading.found, reading.band, reading.intents
    before = _before(row)
    impact = combined(before=row.impact, found=found.priority.impact)
    urgency = combined(before=row.urgency, found=found.priority.urgency)
    priority = table_in_force().priority(impact=Degree(impact), urgency=Degree(urgency))
    if before is not None and row.impact is None:
        # Read before impact and urgency were kept: the priority alone says what was known.
        priority = combined(before=before.priority, found=priority)
    record = _store(row, message, found, priority, band, now)
    was_told = bool(before and before.was_told)
    mark_locked(
        actor=actor,
        case=row,
        intent="" if was_told else found.guess.intent,
        priority=priority,
        risk_flags=record.risk_flags,
        degrees=(impact, urgency),
    )
    titles = {spec.key: spec.title for spec in intents}
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=row.stream,
            kind=entries.CASE_CLASSIFIED,
            subject_kind="classification",
            subject_id=str(record.public_id),
            payload={
                "title": titles.get(record.intent, record.intent) or str(UNKNOWN),
                "intent": record.intent,
                "classifier": record.classifier,
                "calibrator": record.calibrator,
                "raw": record.raw,
                "band": str(band),
                "person_said": was_told,
                "confidence": record.confidence,
                "margin": record.margin,
                "runner_up": record.runner_up,
                "leaned_on": record.leaned_on,
                "further": record.further,
                "priority": priority,
                "impact": int(found.priority.impact),
                "urgency": int(found.priority.urgency),
                "priority_words": record.priority_words,
                "risk_flags": record.risk_flags,
                "flag_words": record.flag_words,
                "entities": record.entities,
                "message": str(message.public_id),
            },
        ),
    )
    if band is not Band.ACT and is_configured():
        enqueue(SUGGEST_TASK, record.pk)
    return record


def _before(case: Case) -> Any:
    """Return what was read last, and whether a person has said what the case is about."""
    told = IntentExample.objects.filter(case=case)
    rows = ClassificationRecord.objects.filter(case=case, suggested=False)
    return rows.annotate(was_told=Exists(told)).order_by("-pk").first()


def _store(
    case: Case,
    message: Message,
    found: Classification,
    priority: int,
    band: Band,
    now: datetime,
) -> ClassificationRecord:
    return ClassificationRecord.objects.create(
        case=case,
        message=message,
        classifier=found.classifier,
        calibrator=found.calibrator,
        runner_up=found.guess.runner_up,
        raw=found.guess.raw,
        band=band,
        impact=found.priority.impact,
        urgency=found.priority.urgency,
        priority_words=list(found.priority.words),
        flag_words={str(flag.flag): list(flag.words) for flag in found.flags},
        intent=found.guess.intent,
        confidence=found.guess.confidence,
        margin=found.guess.margin,
        priority=priority,
        risk_flags=[str(flag.flag) for flag in found.flags],
        entities=[
            {"kind": str(entity.kind), "value": entity.value, "words": entity.words}
            for entity in found.entities
        ],
        leaned_on=list(found.guess.leaned_on),
        further=list(found.guess.further),
        at=now,
    )
