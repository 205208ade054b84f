"""How long first answers of the API are kept."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.retention.types import Batch, Due
from orchestra.api.models import IdempotencyRecord
from orchestra.core.actors import Actor


class KeptAnswers:
    """Answers; the keys stay, so that a late repeat still has no second effect."""

    code = "kept_answers"
    title: str | Promise = _("Answers of the API, kept for repeated requests")
    counts_from: str | Promise = _("the first request")
    basis: str | Promise = _("A repeated request gets its first answer for seven days.")
    least_days = 7
    usual_days = 7

    def find_due(self, *, before: datetime, after: int, most: int) -> Batch:
        """Return the answers; what still runs has none."""
        rows = IdempotencyRecord.objects.filter(created_at__lt=before, body__isnull=False)
        found = list(
            rows.filter(pk__gt=after).order_by("pk").values_list("pk", "created_at")[:most]
        )
        due = [Due(pk, at, 1) for pk, at in found]
        return Batch(due, found[-1][0] if len(found) == most else None)

    def remove(self, *, actor: Actor, now: datetime, days: int, due: Sequence[Due]) -> int:
        """Remove the answers."""
        del actor, now, days
        rows = IdempotencyRecord.objects.filter(pk__in=[one.key for one in due])
        return rows.update(body=None, headers={})

    def oldest(self, *, before: datetime) -> datetime | None:
        """Return the oldest request whose answer is kept."""
        rows = IdempotencyRecord.objects.filter(created_at__gte=before, body__isnull=False)
        return rows.order_by("created_at").values_list("created_at", flat=True).first()


CLASSES = (KeptAnswers(),)
