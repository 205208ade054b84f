"""How tests of attention went, and which queues are tested; reads only."""

from dataclasses import dataclass

from django.db.models import QuerySet

from governance.access.models import Queue
from governance.access.rules import queues_where
from governance.access.types import Authority, Capability
from governance.approvals.figures import Share, share
from governance.approvals.models import VigilanceSwitch, VigilanceTest
from governance.approvals.quality_rows import Wanted, Whose
from governance.approvals.types import VigilanceResult


@dataclass(frozen=True, slots=True)
class Attention:
    """How the judged tests of a span went.

    Attributes:
        caught: Those rejected, of all that somebody voted on.
        expired: Those that nobody voted on.
    """

    caught: Share
    expired: int


def list_judged(*, authority: Authority, wanted: Wanted) -> QuerySet[VigilanceTest]:
    """Return the tests judged in a span, newest first: one's own, or of the queues overseen."""
    rows = VigilanceTest.objects.filter(
        judged_at__gte=wanted.since, request__isnull=False
    ).select_related("request", "queue")
    if wanted.whose is Whose.MINE:
        rows = rows.filter(judged_by__public_id=authority.actor.id)
    else:
        queues = queues_where(authority, Capability.APPROVAL_OVERSEE)
        rows = rows if queues is None else rows.filter(queue_id__in=queues)
    if wanted.queue:
        rows = rows.filter(queue__key=wanted.queue)
    if wanted.risk:
        rows = rows.filter(request__risk=wanted.risk)
    return rows.order_by("-judged_at", "-pk")


def attention(*, authority: Authority, wanted: Wanted) -> Attention:
    """Return how the tests of a span went, in one query."""
    results = list(list_judged(authority=authority, wanted=wanted).values_list("result", flat=True))
    caught, missed = (
        results.count(VigilanceResult.CAUGHT),
        results.count(VigilanceResult.MISSED),
    )
    return Attention(
        caught=share(hits=caught, total=caught + missed),
        expired=results.count(VigilanceResult.EXPIRED),
    )


def list_switches() -> list[tuple[Queue, VigilanceSwitch | None]]:
    """Return every queue with its switch, by title, in two queries."""
    found = {
        switch.queue_id: switch
        for switch in VigilanceSwitch.objects.select_related("asked_by", "agreed_by")
    }
    return [(queue, found.get(queue.pk)) for queue in Queue.objects.order_by("title")]
