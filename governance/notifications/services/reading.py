"""Mark notices as read."""

from datetime import datetime
from uuid import UUID

from governance.notifications.models import Notice
from orchestra.core.actors import Actor


def mark_read(*, actor: Actor, now: datetime, notice_id: UUID | None = None) -> int:
    """Mark one of the actor's own notices as read, or all of them.

    No entry is appended: what somebody has looked at of their own news is no evidence of
    anything, and whether they opened the subject stands in the ledger by itself.

    Args:
        actor: Whose notices.
        now: When, UTC.
        notice_id: Which one; None for all.

    Returns:
        How many were unread.
    """
    if not actor.is_human:
        return 0
    unread = Notice.objects.filter(person_id=actor.pk, read_at=None)
    if notice_id is not None:
        # Whoever opened one piece of news about a subject has seen what the others say.
        found = Notice.objects.filter(person_id=actor.pk, public_id=notice_id).first()
        if found is None:
            return 0
        about = unread.filter(pk=found.pk)
        if found.subject_id:
            about = unread.filter(subject_id=found.subject_id)
        unread = about
    return unread.update(read_at=now)
