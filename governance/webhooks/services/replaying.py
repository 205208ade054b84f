"""Send again by hand: one delivery, or all that an endpoint missed in a span of time."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.selectors import first_index_since, list_placed, tree_size
from governance.ledger.services import one_act
from governance.notifications.services import event_of
from governance.webhooks import entries
from governance.webhooks.models import WebhookDelivery, WebhookEndpoint
from governance.webhooks.services.endpoints import lock_endpoint, record
from governance.webhooks.services.placing import SEND_TASK, add
from governance.webhooks.types import DeliveryState, EndpointState
from orchestra.core.actors import Actor
from orchestra.core.dispatch import enqueue
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError, NotFoundError
from orchestra.core.locking import lock

LONGEST_SPAN: Final = timedelta(days=31)
MOST: Final = 2_000
_ENDED: Final = (DeliveryState.DELIVERED, DeliveryState.FAILED)


@one_act()
def replay(*, actor: Actor, now: datetime, delivery_id: UUID) -> WebhookDelivery:
    """Send one delivery again, under its id and with its bytes.

    Raises:
        NotPermittedError: The actor does not manage access.
        NotFoundError: There is no such delivery.
        ConflictError: It is on its way, or nothing is sent to its endpoint.
    """
    require(authority=authority_of(actor), capability=Capability.ACCESS_MANAGE)
    found = WebhookDelivery.objects.filter(public_id=delivery_id).first()
    if found is None:
        raise NotFoundError(_("There is no such delivery."), code="webhook.delivery_not_found")
    (endpoint,) = lock(WebhookEndpoint.objects.filter(pk=found.endpoint_id))
    _require_active(endpoint)
    (delivery,) = lock(WebhookDelivery.objects.filter(pk=found.pk))
    if delivery.state not in _ENDED:
        raise ConflictError(_("It is on its way already."), code="webhook.on_its_way")
    WebhookDelivery.objects.filter(pk=delivery.pk).update(**_anew(now))
    delivery.refresh_from_db()
    more = {"count": 1, "delivery_id": str(delivery.public_id), "type": delivery.type}
    record(entries.REPLAYED, endpoint, actor, now, more)
    enqueue(SEND_TASK)
    return delivery


@one_act()
def replay_span(
    *, actor: Actor, now: datetime, endpoint_id: UUID, since: datetime, until: datetime
) -> int:
    """Send an endpoint what it did not get of a span: what failed, and what was never made.

    What happened while nothing was sent there is read from the ledger. What arrived is left
    alone; one of those is replayed by itself.

    Args:
        actor: Who manages access.
        now: When, UTC.
        endpoint_id: Public id.
        since: From when it happened.
        until: Until when it happened.

    Returns:
        How many are on their way again.

    Raises:
        NotPermittedError: The actor does not manage access.
        NotFoundError: There is no such endpoint.
        ConflictError: Nothing is sent to it.
        InvalidInputError: The span is none, or holds too much for one turn.
    """
    endpoint = lock_endpoint(actor, endpoint_id)
    _require_active(endpoint)
    if not since < until <= since + LONGEST_SPAN:
        raise _refused("until", _("Choose a span of at most 31 days that ends after it begins."))
    failed = WebhookDelivery.objects.filter(
        endpoint=endpoint, state=DeliveryState.FAILED, at__gte=since, at__lte=until
    )
    begin = first_index_since(at=since)
    placed = list_placed(begin=begin, end=tree_size(), of_kinds=endpoint.event_types)
    events = [event_of(entry) for entry in placed if since <= entry.at <= until]
    if len(events) > MOST:
        message = _("That is more than %(most)d events; choose a shorter span.") % {"most": MOST}
        raise _refused("until", message)
    count = failed.update(**_anew(now)) + add(endpoint, events, now)
    record(entries.REPLAYED, endpoint, actor, now, {"count": count})
    enqueue(SEND_TASK)
    return count


def _anew(now: datetime) -> dict[str, object]:
    return {
        "state": DeliveryState.WAITING,
        "attempts": 0,
        "error": "",
        "due_at": now,
        "ended_at": None,
    }


def _require_active(endpoint: WebhookEndpoint) -> None:
    if endpoint.state != EndpointState.ACTIVE:
        message = _("Nothing is sent to this endpoint now; start it first.")
        raise ConflictError(message, code="webhook.not_active")


def _refused(field: str, message: str) -> InvalidInputError:
    return InvalidInputError(
        _("Nothing was sent again."), errors=[FieldError(field, "invalid", message)]
    )
