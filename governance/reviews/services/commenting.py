"""Say something about a text under review, and mark it as settled."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from governance.ledger.services import one_act
from governance.reviews import entries, rules
from governance.reviews.models import ReviewComment
from governance.reviews.selectors import list_comments
from governance.reviews.services.locked import lock_change, record
from orchestra.core.actors import Actor
from orchestra.core.errors import (
    ConflictError,
    FieldError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from orchestra.core.locking import compare_and_set

MAX_COMMENT = 5000


@one_act()
def comment(
    *, actor: Actor, now: datetime, change_id: UUID, text: str, place: str = ""
) -> ReviewComment:
    """Say something about the text of a change as it stands.

    Args:
        actor: Who says it; a person who may read it.
        now: When, UTC.
        change_id: Public id of the change.
        text: What.
        place: What part it is about, such as ``Row 13``; empty for all of it.

    Raises:
        NotFoundError: There is none, or the actor may not know of it.
        NotPermittedError: An AI agent or the system comments.
        InvalidInputError: There is no text, or too much.
    """
    change, authority = lock_change(actor=actor, change_id=change_id)
    person = authority.actor.pk
    if not authority.actor.is_human or person is None:
        raise NotPermittedError(_("Only people comment."), code="change.not_a_person")
    words = text.strip()
    if not 0 < len(words) <= MAX_COMMENT:
        message = _("Write between 1 and %(most)d characters.") % {"most": MAX_COMMENT}
        raise InvalidInputError(message, errors=[FieldError("text", "length", message)])
    made = ReviewComment.objects.create(
        change=change,
        author_id=person,
        place=place.strip()[:200],
        text=words,
        digest=change.digest,
        at=now,
    )
    payload = {"text": words, "place": made.place}
    record(change, actor=actor, now=now, kind=entries.COMMENTED, payload=payload)
    return made


@one_act()
def resolve_comment(*, actor: Actor, now: datetime, change_id: UUID, number: int) -> ReviewComment:
    """Mark a comment as settled: whoever made it, or the author of the change.

    Args:
        actor: Who settles it.
        now: When, UTC.
        change_id: Public id of the change.
        number: Which comment, counted from 1 in the order they were made.

    Raises:
        NotFoundError: There is no such change or comment, or the actor may not know of it.
        NotPermittedError: Neither the comment nor the change is the actor's.
        ConflictError: It is settled already.
    """
    change, authority = lock_change(actor=actor, change_id=change_id)
    comments = list_comments(change=change)
    if not 1 <= number <= len(comments):
        raise NotFoundError(_("There is no such comment."), code="change.no_comment")
    found = comments[number - 1]
    if not rules.may_resolve(
        actor_id=authority.actor.id,
        commenter_id=str(found.author.public_id),
        author_id=change.author_id,
    ):
        raise NotPermittedError(
            _("Only whoever made the comment, or the author of the change, resolves it."),
            code="change.not_your_comment",
        )
    if found.resolved_at is not None:
        raise ConflictError(_("It is resolved already."), code="change.comment_resolved")
    compare_and_set(
        found,
        expected={"resolved_at": None},
        changes={"resolved_at": now, "resolved_by_id": authority.actor.pk},
        actor=actor,
    )
    payload = {"number": number, "author": found.author.label, "place": found.place}
    record(change, actor=actor, now=now, kind=entries.COMMENT_RESOLVED, payload=payload)
    return found
