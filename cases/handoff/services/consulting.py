"""Asking a colleague for a word and keeping the case, and answering whoever asked."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from cases.handoff import entries
from cases.handoff.consults import SUBJECT, answerable, find_consult, people_of
from cases.handoff.models import OpenQuestion
from cases.handoff.services.checking import require_own
from cases.handoff.services.common import refuse_length
from cases.handoff.types import Consult
from cases.memory.models import Case
from cases.memory.rules import is_uuid
from cases.memory.services.common import append, locked, refuse_bad_text
from cases.memory.types import CaseAct
from governance.access.models import Queue, User
from governance.access.rules import may
from governance.access.selectors import authority_of, get_queue
from governance.access.types import Capability
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.errors import (
    ConflictError,
    FieldError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from orchestra.core.fields import uuid7

#: Longest question and longest answer, in characters.
MOST: Final = 2_000


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of whom: of one person, or of whoever works a queue.

    Attributes:
        text: The question.
        person_id: Public id of the person; empty where a queue is asked.
        queue_key: Key of the queue; empty where a person is asked.
    """

    text: str
    person_id: str = ""
    queue_key: str = ""


@one_act()
def ask_colleague(*, actor: Actor, now: datetime, case: Case, question: Question) -> Consult:
    """Ask a person or a queue for a word; whoever has the case keeps it.

    Raises:
        InvalidInputError: The text is not acceptable, or who is asked could not read the case.
        NotFoundError: The actor may not see the case, or there is no such queue.
        NotPermittedError: The actor may not hand this case over.
        ConflictError: Somebody else has the case, it waits for somebody, or it is over.
    """
    text = question.text.strip()
    refuse_bad_text(question=text, person=question.person_id, queue=question.queue_key)
    refuse_length(field="question", text=text, most=MOST, needed=True)
    if bool(question.person_id) == bool(question.queue_key):
        raise _bad("to", _("Name either a person or a queue to ask."))
    row = locked(actor=actor, case=case, capability=Capability.HANDOFF_OFFER, act=CaseAct.HOLD)
    require_own(actor=actor, case=row)
    person = _person(actor, row, question.person_id) if question.person_id else None
    queue = _queue(actor, row, question.queue_key) if question.queue_key else None
    consult = Consult(
        id=str(uuid7()),
        at=now,
        asked_by=actor.label,
        asker_id=actor.id if actor.is_human else "",
        who=person.label if person else queue.title if queue else "",
        person_id=question.person_id,
        queue_key=question.queue_key,
        question=text,
    )
    append(
        actor=actor,
        now=now,
        case=row,
        kind=entries.CONSULTED,
        payload={
            "who": consult.who,
            "person": consult.person_id,
            "queue_key": consult.queue_key,
            "question": text,
        },
        subject=(SUBJECT, consult.id),
    )
    OpenQuestion.objects.create(
        public_id=consult.id,
        case=row,
        asked_at=now,
        asker_kind=actor.kind,
        asker_id=actor.id,
        person=person,
        queue=queue,
    )
    return consult


@one_act()
def answer_colleague(
    *, actor: Actor, now: datetime, case: Case, consult_id: UUID | str, answer: str
) -> Consult:
    """Answer what was asked, once, as who was asked.

    Raises:
        InvalidInputError: The text is not acceptable.
        NotFoundError: The actor may not see the case, or nothing such was asked on it.
        NotPermittedError: Somebody else was asked.
        ConflictError: It was answered already, or the case is closed.
    """
    text = answer.strip()
    refuse_bad_text(answer=text)
    refuse_length(field="answer", text=text, most=MOST, needed=True)
    row = locked(actor=actor, case=case, capability=Capability.CASE_READ, act=CaseAct.TALK)
    found = find_consult(case=row, consult_id=consult_id)
    if found is None:
        raise NotFoundError(_("Nothing such was asked on this case."))
    if found.is_answered:
        raise ConflictError(
            _("%(who)s answered this already.") % {"who": found.answered_by or _("Somebody")},
            code="conflict.consult_answered",
            data={"consult": found.id},
        )
    if found.id not in answerable(authority=authority_of(actor), consults=[found]):
        raise NotPermittedError(
            _("This was asked of %(who)s.") % {"who": found.who or _("somebody else")}
        )
    append(
        actor=actor,
        now=now,
        case=row,
        kind=entries.CONSULT_ANSWERED,
        payload={"asked_by": found.asked_by, "asker": found.asker_id, "answer": text},
        subject=(SUBJECT, found.id),
    )
    OpenQuestion.objects.filter(public_id=found.id).delete()
    return replace(found, answer=text, answered_by=actor.label, answered_at=now)


def _person(actor: Actor, case: Case, person_id: str) -> User:
    found = User.objects.filter(public_id=person_id).first() if is_uuid(person_id) else None
    if found is None or not found.is_active:
        raise _bad("to.person", _("There is no such person."))
    if str(found.public_id) == actor.id:
        raise _bad("to.person", _("Ask somebody else than yourself."))
    if not may(authority_of(found.as_actor()), Capability.CASE_READ, case.queue_id):
        message = _("%(who)s cannot read this case; hand it on instead, or ask somebody else.")
        raise _bad("to.person", message % {"who": found.label})
    return found


def _queue(actor: Actor, case: Case, key: str) -> Queue:
    queue = get_queue(key)
    if not people_of(queue=queue, case=case) - {actor.id}:
        message = _("Nobody else of %(queue)s can read this case; hand it on instead.")
        raise _bad("to.queue", message % {"queue": queue.title})
    return queue


def _bad(field: str, message: str) -> InvalidInputError:
    return InvalidInputError(message, errors=[FieldError(field, "unknown", message)])
