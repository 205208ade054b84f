"""Remove notices that nobody needs any more; they are no evidence, the ledger is."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings

from governance.notifications.models import Notice
from governance.notifications.types import DeliveryState

BATCH: Final = 2_000
_GOING: Final = (DeliveryState.WAITING, DeliveryState.SENDING)


def forget_old(*, now: datetime, batch: int = BATCH) -> int:
    """Remove the notices that are older than they are kept, with their messages.

    No entry is appended: nothing is lost that the ledger does not say.

    Args:
        now: When, UTC.
        batch: How many at most.

    Returns:
        How many were removed.
    """
    before = now - timedelta(days=settings.ORCHESTRA["NOTICE_DAYS"])
    old = Notice.objects.filter(at__lt=before).exclude(deliveries__state__in=_GOING)
    doomed = list(old.order_by("at").values_list("pk", flat=True)[:batch])
    Notice.objects.filter(pk__in=doomed).delete()
    return len(doomed)
