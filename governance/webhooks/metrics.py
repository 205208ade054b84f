"""What `/metrics` tells of webhooks: what is on its way, since when, and what was given up."""

from collections.abc import Iterator

from django.db.models import Count, Min
from prometheus_client.core import Metric

from governance.webhooks.models import WebhookDelivery
from governance.webhooks.selectors import OPEN
from governance.webhooks.types import DeliveryState, EndpointState
from orchestra.core import clock
from orchestra.core.metrics import gauge


def collect_webhooks() -> Iterator[Metric]:
    """Yield the backlog of endpoints that are sent to, and what was given up: two queries."""
    on_the_way = WebhookDelivery.objects.filter(
        state__in=OPEN, endpoint__state=EndpointState.ACTIVE
    )
    backlog = on_the_way.aggregate(count=Count("id"), oldest=Min("at"))
    oldest = backlog["oldest"]
    yield gauge("webhook_backlog", "Events on their way to other systems.", backlog["count"])
    yield gauge(
        "webhook_backlog_oldest_seconds",
        "Age of the oldest event on its way; 0 where there is none.",
        (clock.now() - oldest).total_seconds() if oldest else 0.0,
    )
    failed = WebhookDelivery.objects.filter(state=DeliveryState.FAILED).count()
    yield gauge("webhook_failed", "Events that were given up and not sent again.", failed)
