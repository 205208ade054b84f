"""How executions ended, hour by hour, as numbers and as a chart."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Subquery
from django.db.models.functions import TruncHour
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.tools.models import ToolAttempt
from cases.tools.types import AttemptOutcome
from orchestra.core.charts import Column, Frame, describe_bars
from orchestra.core.together import Reading, answer, read

HOURS: Final = 24
#: No more attempts than the newest so many are counted, however many there are.
NEWEST: Final = 50_000
#: Kind to its outcomes; what was held was not sent, and what came too late had no say.
KINDS: Final[Mapping[str, frozenset[str]]] = {
    "done": frozenset({AttemptOutcome.ANSWERED}),
    "failed": frozenset({AttemptOutcome.REFUSED, AttemptOutcome.ERROR}),
    "unknown": frozenset({AttemptOutcome.UNKNOWN}),
}
TITLES: Final = {
    "done": _("done"),
    "failed": _("failed or refused"),
    "unknown": _("outcome unknown when it ended"),
}
_FRAME: Final = Frame(1080, 260, left=64, right=28, bottom=40)
_LABELS: Final = 6


@dataclass(frozen=True, slots=True)
class Hour:
    """What ended within an hour."""

    begin: datetime
    done: int = 0
    failed: int = 0
    unknown: int = 0

    @property
    def counts(self) -> tuple[int, int, int]:
        """In the order of the kinds."""
        return self.done, self.failed, self.unknown


def read_hours(*, now: datetime) -> tuple[Hour, ...]:
    """Return the last hours, the one that runs among them, in the reader's zone: one query."""
    return answer(reading_hours(now=now))


def reading_hours(*, now: datetime) -> Reading[tuple[Hour, ...]]:
    """Come to the last hours, as ``read_hours`` returns them."""
    local = now.astimezone(timezone.get_current_timezone())
    last = local.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    begins = [last - timedelta(hours=back) for back in range(HOURS - 1, -1, -1)]
    newest = ToolAttempt.objects.order_by("-pk").values("pk")[:1]
    ended = (
        ToolAttempt.objects.filter(pk__gt=Subquery(newest) - NEWEST, ended_at__gte=begins[0])
        .order_by()
        .values("outcome", hour=TruncHour("ended_at"))
        .annotate(count=Count("id"))
    )
    found: dict[datetime, dict[str, int]] = defaultdict(lambda: dict.fromkeys(KINDS, 0))
    for row in (yield from read(ended)):
        for kind, outcomes in KINDS.items():
            if row["outcome"] in outcomes:
                found[row["hour"].astimezone(UTC)][kind] += row["count"]
    return tuple(Hour(begin, **found[begin]) for begin in begins)


def describe_hours(hours: Sequence[Hour]) -> dict[str, Any]:
    """Return the chart with its table, the newest hour first."""
    local = [timezone.localtime(one.begin) for one in hours]
    chart = describe_bars(
        [Column(f"{at:%H:%M}", one.counts) for at, one in zip(local, hours, strict=True)],
        kinds=tuple(KINDS),
        frame=_FRAME,
        labels=_LABELS,
    )
    return {
        "chart": chart,
        "legend": [{"kind": kind, "title": TITLES[kind]} for kind in KINDS],
        "hours": HOURS,
        "rows": [one for one in reversed(hours) if any(one.counts)],
    }
