"""Make deliveries of events: each event once for each endpoint that is sent it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from governance.ledger.services import one_act
from governance.notifications.types import Event
from governance.webhooks import catalogue, entries
from governance.webhooks.models import WebhookDelivery, WebhookEndpoint
from governance.webhooks.services.endpoints import lock_endpoint, record
from governance.webhooks.types import EndpointState
from orchestra.core.actors import Actor
from orchestra.core.dispatch import enqueue
from orchestra.core.fields import uuid7
from orchestra.core.locking import lock

SEND_TASK: Final = "governance.webhooks.send"
_CASE: Final = "case:"


def place(event: Event) -> None:
    """Make the deliveries of one event, in the transaction that moves the reader's cursor.

    Args:
        event: What happened; given again, it makes nothing new.
    """
    active = lock(WebhookEndpoint.objects.filter(state=EndpointState.ACTIVE))
    # An endpoint is sent what happens from its making on.
    wanting = [
        each for each in active if event.type in each.event_types and each.created_at <= event.at
    ]
    made = [one for each in wanting for one in _missing(each, [event])]
    if made:
        enqueue(SEND_TASK)


def add(endpoint: WebhookEndpoint, events: Iterable[Event], due_at: datetime) -> int:
    """Make the deliveries of events that a locked endpoint never had.

    Returns:
        How many were made.
    """
    return len(_missing(endpoint, list(events), due_at))


@one_act()
def send_test(*, actor: Actor, now: datetime, endpoint_id: UUID) -> WebhookDelivery:
    """Send an endpoint a test event, at once, whichever events it is sent.

    Raises:
        NotPermittedError: The actor does not manage access.
        NotFoundError: There is no such endpoint.
    """
    endpoint = lock_endpoint(actor, endpoint_id)
    _take_numbers(endpoint, 1)
    delivery = WebhookDelivery.objects.create(
        endpoint=endpoint,
        number=endpoint.last_number,
        event_id=str(uuid7()),
        type=catalogue.TEST,
        at=now,
        due_at=now,
    )
    record(entries.TESTED, endpoint, actor, now)
    enqueue(SEND_TASK)
    return delivery


def _missing(
    endpoint: WebhookEndpoint, events: Sequence[Event], due_at: datetime | None = None
) -> list[WebhookDelivery]:
    indexes = [event.index for event in events]
    had = set(
        WebhookDelivery.objects.filter(endpoint=endpoint, index__in=indexes).values_list(
            "index", flat=True
        )
    )
    new = [event for event in events if event.index not in had]
    first = _take_numbers(endpoint, len(new))
    return WebhookDelivery.objects.bulk_create(
        WebhookDelivery(
            endpoint=endpoint,
            number=first + place,
            index=event.index,
            event_id=event.id,
            type=event.type,
            subject_kind=event.subject_kind,
            subject_id=event.subject_id,
            case_public_id=event.stream.removeprefix(_CASE) if _is_case(event) else "",
            at=event.at,
            due_at=due_at or event.at,
        )
        for place, event in enumerate(new)
    )


def _is_case(event: Event) -> bool:
    return event.stream.startswith(_CASE)


def _take_numbers(endpoint: WebhookEndpoint, count: int) -> int:
    """Take the next numbers of a locked endpoint and return the first."""
    first = endpoint.last_number + 1
    if count:
        endpoint.last_number += count
        endpoint.save(update_fields=["last_number"])
    return first
