"""What `/metrics` tells of approvals: how many wait, and how long the oldest has."""

from collections.abc import Iterator

from django.db.models import Count, Min
from prometheus_client.core import Metric

from governance.approvals.models import ApprovalRequest
from orchestra.core import clock
from orchestra.core.metrics import gauge


def collect_approvals() -> Iterator[Metric]:
    """Yield how many approvals wait and since when, in one query over those that wait."""
    waiting = ApprovalRequest.objects.filter(state="pending")
    found = waiting.aggregate(count=Count("id"), oldest=Min("created_at"), first=Min("deadline_at"))
    now, oldest, first = clock.now(), found["oldest"], found["first"]
    yield gauge("approvals_waiting", "Approvals that wait for a decision.", found["count"])
    yield gauge(
        "approvals_waiting_oldest_seconds",
        "How long the oldest approval has waited; 0 where none waits.",
        (now - oldest).total_seconds() if oldest else 0.0,
    )
    if first:
        yield gauge(
            "approvals_next_deadline_seconds",
            "Time left to the first deadline; below 0 once it passed.",
            (first - now).total_seconds(),
        )
