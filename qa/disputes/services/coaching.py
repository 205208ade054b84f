"""Give somebody something to learn from a review, and their finishing it."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from governance.access.models import User
from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError, NotFoundError
from orchestra.core.locking import compare_and_set, lock
from qa.disputes import entries
from qa.disputes.models import Coaching, Judged
from qa.reviewing.services.common import checked_reason, locked, record

LONGEST_WORDS = 2000


@one_act()
def give_coaching(
    *,
    actor: Actor,
    now: datetime,
    review_id: UUID | str,
    person_id: UUID | str,
    words: str,
    due_at: datetime,
    question: str = "",
) -> Coaching:
    """Give somebody whose work was reviewed something to learn; the review is the evidence.

    Raises:
        NotPermittedError: The actor does not lead quality.
        NotFoundError: The review was not released to that person.
        InvalidInputError: Words are missing, the question was not answered, or it is due before
            now.
    """
    require(authority=authority_of(actor), capability=Capability.QUALITY_LEAD)
    review = locked(review_id)
    judged = Judged.objects.select_related("person").filter(
        review=review, person__public_id=person_id
    )
    found = judged.first()
    if found is None:
        raise NotFoundError(_("This review was not released to that person."))
    said = checked_reason(words, field="words", most=LONGEST_WORDS)
    errors = []
    if due_at <= now:
        errors.append(FieldError("due_at", "range", _("It has to be due after now.")))
    if question and question not in review.answers:
        message = _("Choose a question that was answered.")
        errors.append(FieldError("question", "choice", message))
    if errors:
        raise InvalidInputError(_("Nothing was given."), errors=errors)
    task = Coaching.objects.create(
        review=review,
        person=found.person,
        question=question,
        words=said,
        given_by=User.objects.get(public_id=actor.id),
        given_at=now,
        due_at=due_at,
    )
    record(
        actor=actor,
        now=now,
        review=review,
        kind=entries.GIVEN,
        payload={
            "person": found.person.label,
            "person_id": str(found.person.public_id),
            "coaching": str(task.public_id),
            "due_at": due_at.isoformat(),
        },
    )
    return task


@one_act()
def finish_coaching(*, actor: Actor, now: datetime, coaching_id: UUID | str, note: str) -> Coaching:
    """Say what was learnt, once.

    Raises:
        NotFoundError: There is no such task of one's own.
        ConflictError: It is done already.
        InvalidInputError: It is not said what was learnt.
    """
    rows = lock(
        Coaching.objects.select_related("review__unit__case").filter(
            public_id=coaching_id, person__public_id=actor.id
        )
    )
    if not rows:
        raise NotFoundError(_("There is no such task of yours."))
    task = rows[0]
    said = checked_reason(note, field="note", most=LONGEST_WORDS)
    if task.done_at is not None:
        raise ConflictError(_("It is done already. Nothing was changed."), code="coaching.done")
    compare_and_set(
        task,
        expected={"done_at": None},
        changes={"done_at": now, "note": said},
        actor=actor,
    )
    record(
        actor=actor,
        now=now,
        review=task.review,
        kind=entries.DONE,
        payload={"coaching": str(task.public_id)},
    )
    return task
