"""Let a case wait until somebody says what it is about, and let it go on."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from cases.intake import entries
from cases.intake.models import ClassificationRecord
from cases.intake.selectors import find_intent, latest_classification
from cases.intake.services.classifying import UNKNOWN
from cases.memory.models import Case
from cases.memory.services import hold_intent_locked
from cases.memory.types import IntentHold
from governance.ledger.services import append_entry
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError

#: The code of every refusal while a case waits for the word on its need.
UNCONFIRMED = "conflict.intent_unconfirmed"


def hold_locked(
    *, actor: Actor, now: datetime, case: Case, read: ClassificationRecord, hold: IntentHold
) -> None:
    """Let a locked case wait: nothing may be changed on the strength of what was read.

    Args:
        actor: Who conducts the case.
        now: When.
        case: The locked case.
        read: What was read, and not surely enough.
        hold: Whose word it waits for.
    """
    hold_intent_locked(actor=actor, case=case, hold=hold, reason="the need is not sure")
    _append(actor, now, case, read, entries.INTENT_HELD, {"hold": str(hold)})


def release_locked(
    *,
    actor: Actor,
    now: datetime,
    case: Case,
    intent: str = "",
    evidence: Sequence[str] = (),
    kind: str = entries.INTENT_RELEASED,
) -> None:
    """Let a locked case go on; one that does not wait is left as it is.

    Args:
        actor: Who lets it go on.
        now: When.
        case: The locked case.
        intent: Key of the need that is sure now; empty where none was named.
        evidence: Public ids of the words that show it.
        kind: Ledger kind of how it came about.
    """
    if not case.intent_hold:
        return
    was = case.intent_hold
    hold_intent_locked(actor=actor, case=case, hold=None, reason="the need is sure")
    read = latest_classification(case=case)
    _append(
        actor,
        now,
        case,
        read,
        kind,
        {"hold": was, "evidence": list(evidence)},
        intent=intent or case.intent,
    )


def refuse_held(*, actor: Actor, case: Case) -> None:
    """Refuse an AI agent what would change something while the need is not sure.

    Raises:
        ConflictError: The case waits for the word of its customer, or of a person.
    """
    if not actor.is_agent or not case.intent_hold:
        return
    if case.intent_hold == IntentHold.PERSON:
        message = _(
            "What %(case)s is about is not clear, and a person looks at it. Change nothing until "
            "they have said; you may look things up and talk to the customer."
        )
    else:
        message = _(
            "What %(case)s is about is not sure yet. Ask the customer, and send their yes to "
            "intake/confirm/; or wait until a person confirms it. Looking things up is allowed."
        )
    raise ConflictError(
        message % {"case": case.label},
        code=UNCONFIRMED,
        data={"case": str(case.public_id), "hold": str(case.intent_hold), "intent": case.intent},
    )


def _append(
    actor: Actor,
    now: datetime,
    case: Case,
    read: ClassificationRecord | None,
    kind: str,
    payload: dict[str, object],
    *,
    intent: str | None = None,
) -> None:
    key = intent if intent is not None else (read.intent if read else "")
    found = find_intent(key)
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=case.stream,
            kind=kind,
            subject_kind="classification",
            subject_id=str(read.public_id) if read else str(case.public_id),
            payload={"title": found.title if found else str(UNKNOWN), "intent": key, **payload},
        ),
    )
