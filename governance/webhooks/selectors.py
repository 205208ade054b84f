"""Reads of webhooks: endpoints with how they do, deliveries, keys in force."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils.translation import gettext as _

from governance.access.selectors import require
from governance.access.types import Authority, Capability
from governance.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookSecret
from governance.webhooks.types import DeliveryState, EndpointState
from orchestra.core.errors import NotFoundError
from orchestra.core.sealing import unseal

#: Deliveries that are still on their way.
OPEN = (DeliveryState.WAITING, DeliveryState.SENDING)


@dataclass(frozen=True, slots=True)
class Standing:
    """How deliveries stand.

    Attributes:
        waiting: How many are on their way.
        failed: How many were given up, until somebody replays them.
        delivered: How many arrived.
        oldest_at: When the oldest that is on its way happened.
        last_delivered_at: When one last arrived.
    """

    waiting: int = 0
    failed: int = 0
    delivered: int = 0
    oldest_at: datetime | None = None
    last_delivered_at: datetime | None = None


def place_of(endpoint_id: object) -> str:
    """Return the place that the secrets of an endpoint are sealed for."""
    return f"webhook:{endpoint_id}"


def list_endpoints(*, authority: Authority) -> QuerySet[WebhookEndpoint]:
    """Return every endpoint, by title.

    Raises:
        NotPermittedError: The actor may not see who has access.
    """
    require(authority=authority, capability=Capability.ACCESS_READ)
    return WebhookEndpoint.objects.select_related("created_by").order_by("title", "id")


def get_endpoint(*, authority: Authority, endpoint_id: UUID) -> WebhookEndpoint:
    """Return one endpoint.

    Raises:
        NotPermittedError: The actor may not see who has access.
        NotFoundError: There is none.
    """
    found = list_endpoints(authority=authority).filter(public_id=endpoint_id).first()
    if found is None:
        raise NotFoundError(_("There is no such endpoint."), code="webhook.not_found")
    return found


def list_deliveries(
    *, authority: Authority, endpoint: WebhookEndpoint | None = None, state: str = ""
) -> QuerySet[WebhookDelivery]:
    """Return deliveries, newest first.

    Args:
        authority: Who asks.
        endpoint: Only to this one.
        state: Only those that stand so; empty for all.

    Raises:
        NotPermittedError: The actor may not see who has access.
    """
    require(authority=authority, capability=Capability.ACCESS_READ)
    rows = WebhookDelivery.objects.select_related("endpoint").order_by("-id")
    if endpoint is not None:
        rows = rows.filter(endpoint=endpoint)
    return rows.filter(state=state) if state else rows


def get_delivery(*, authority: Authority, delivery_id: UUID) -> WebhookDelivery:
    """Return one delivery with its attempts at hand.

    Raises:
        NotPermittedError: The actor may not see who has access.
        NotFoundError: There is none.
    """
    rows = list_deliveries(authority=authority).prefetch_related("tried")
    found = rows.filter(public_id=delivery_id).first()
    if found is None:
        raise NotFoundError(_("There is no such delivery."), code="webhook.delivery_not_found")
    return found


def standing_by_endpoint(endpoints: Iterable[WebhookEndpoint]) -> Mapping[int, Standing]:
    """Return how the deliveries of each endpoint stand, in one query."""
    wanted = [endpoint.pk for endpoint in endpoints]
    is_open = Q(state__in=OPEN)
    arrived = Q(state=DeliveryState.DELIVERED)
    rows = (
        WebhookDelivery.objects.filter(endpoint__in=wanted)
        .order_by()
        .values("endpoint")
        .annotate(
            waiting=Count("id", filter=is_open),
            failed=Count("id", filter=Q(state=DeliveryState.FAILED)),
            delivered=Count("id", filter=arrived),
            oldest_at=Min("at", filter=is_open),
            last_delivered_at=Max("ended_at", filter=arrived),
        )
    )
    found = {
        row["endpoint"]: Standing(
            waiting=row["waiting"],
            failed=row["failed"],
            delivered=row["delivered"],
            oldest_at=row["oldest_at"],
            last_delivered_at=row["last_delivered_at"],
        )
        for row in rows
    }
    return {pk: found.get(pk, Standing()) for pk in wanted}


def list_secrets(*, endpoint: WebhookEndpoint, now: datetime) -> list[WebhookSecret]:
    """Return the secrets that sign now, the newest first."""
    live = Q(ends_at=None) | Q(ends_at__gt=now)
    return list(WebhookSecret.objects.filter(live, endpoint=endpoint).order_by("-id"))


def keys_of(*, endpoint: WebhookEndpoint, now: datetime) -> tuple[bytes, ...]:
    """Return the raw keys that sign now, the newest first.

    Raises:
        SealBrokenError: One cannot be opened here.
    """
    place = place_of(endpoint.public_id)
    return tuple(
        unseal(bytes(each.sealed), place=place) for each in list_secrets(endpoint=endpoint, now=now)
    )


def wanted_types() -> frozenset[str]:
    """Return the events that some endpoint is sent."""
    active = WebhookEndpoint.objects.filter(state=EndpointState.ACTIVE)
    lists = active.values_list("event_types", flat=True)
    return frozenset(code for chosen in lists for code in chosen)
