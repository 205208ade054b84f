"""Send a message again that did not arrive."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.entries import SYSTEM_STREAM
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from governance.notifications import entries
from governance.notifications.models import NoticeDelivery
from governance.notifications.services.sending import SEND_TASK
from governance.notifications.types import DeliveryState
from orchestra.core.actors import Actor
from orchestra.core.dispatch import enqueue
from orchestra.core.errors import ConflictError, NotFoundError
from orchestra.core.locking import compare_and_set, lock


@one_act()
def retry_delivery(*, actor: Actor, now: datetime, delivery_id: UUID) -> NoticeDelivery:
    """Have a message that did not arrive sent again.

    Args:
        actor: Who manages access.
        now: When, UTC.
        delivery_id: Public id of the message.

    Raises:
        NotPermittedError: The actor does not manage access.
        NotFoundError: There is no such message.
        ConflictError: It did not fail.
    """
    require(authority=authority_of(actor), capability=Capability.ACCESS_MANAGE)
    rows = lock(NoticeDelivery.objects.select_related("notice").filter(public_id=delivery_id))
    if not rows:
        raise NotFoundError(_("There is no such message."), code="notice.not_found")
    (delivery,) = rows
    if delivery.state != DeliveryState.FAILED:
        raise ConflictError(_("This message did not fail."), code="notice.not_failed")
    compare_and_set(
        delivery,
        expected={"state": DeliveryState.FAILED, "attempts": delivery.attempts},
        changes={
            "state": DeliveryState.WAITING,
            "attempts": 0,
            "error": "",
            "due_at": now,
            "ended_at": None,
        },
        actor=actor,
    )
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=SYSTEM_STREAM,
            kind=entries.RETRIED,
            payload={"label": delivery.notice.label, "kind": delivery.notice.kind},
            subject_kind="notice_delivery",
            subject_id=str(delivery.public_id),
        ),
    )
    enqueue(SEND_TASK)
    return delivery
