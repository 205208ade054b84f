"""Bind a change to the rehearsal of its text."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from governance.ledger.services import one_act
from governance.reviews import entries, rules
from governance.reviews.models import ChangeRequest
from governance.reviews.selectors import standing_of, with_reviews
from governance.reviews.services.locked import lock_change, record, require_drafting
from governance.reviews.types import BoundRehearsal, ChangeState
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError
from orchestra.core.locking import compare_and_set, lock_one


@one_act()
def bind_rehearsal(
    *, actor: Actor, now: datetime, change_pk: int, rehearsed: BoundRehearsal
) -> bool:
    """Bind a change to what its rehearsal came to, in the transaction that ends the rehearsal.

    A change that is another text by now, stands on another version, or was voted on beside
    another report stays as it is.

    Args:
        actor: The part of the system that rehearsed.
        now: When, UTC.
        change_pk: Internal key of the change.
        rehearsed: What was rehearsed, and what came out.

    Returns:
        Whether it is bound.
    """
    change = lock_one(with_reviews(ChangeRequest.objects.filter(pk=change_pk)))
    standing = standing_of(change)
    if not rules.may_bind(standing=standing, rehearsed=rehearsed, report=change.report_digest):
        return False
    compare_and_set(
        change,
        expected={"state": change.state, "digest": rehearsed.text},
        changes={"rehearsal_digest": rehearsed.text, "report_digest": rehearsed.report},
        actor=actor,
        reason="rehearsed",
    )
    payload = {"report": rehearsed.report, "decisions": rehearsed.decisions}
    record(change, actor=actor, now=now, kind=entries.REHEARSED, payload=payload)
    return True


def lock_to_rehearse(*, actor: Actor, change_id: UUID) -> ChangeRequest:
    """Lock an open change that an actor may draft, to begin or end something beside it.

    Raises:
        NotFoundError: There is none, or the actor may not know of it.
        NotPermittedError: The actor may not draft this kind.
        ConflictError: It has ended.
    """
    change, authority = lock_change(actor=actor, change_id=change_id)
    require_drafting(authority, kind=change.kind, key=change.document_key)
    if ChangeState(change.state) not in rules.OPEN:
        raise ConflictError(
            _("%(change)s has ended; there is nothing to rehearse.") % {"change": change.label},
            code="change.state",
        )
    return change
