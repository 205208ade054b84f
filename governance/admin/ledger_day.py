"""The shape of a day in the ledger: how many entries per quarter of an hour, by actor."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncMinute
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.admin.ledger_filters import bounds_of, day_of, link_to
from governance.ledger.models import LedgerEntry
from orchestra.core.actors import ActorKind
from orchestra.core.together import Reading, read

STEP = timedelta(minutes=15)
#: Size of the drawing in its own units; it stretches to the page.
WIDTH, HEIGHT = 960, 100
_ORDER = (ActorKind.AGENT, ActorKind.HUMAN, ActorKind.SYSTEM)
_SIGNS = {ActorKind.AGENT: "is-ai", ActorKind.HUMAN: "is-human", ActorKind.SYSTEM: "is-sys"}

Counts = Counter[tuple[int, str]]


def describe_day(wanted: dict[str, str], now: datetime) -> Reading[dict[str, Any]]:
    """Come to the chart of the day that the page shows, from one query.

    Args:
        wanted: The parameters of the page.
        now: The moment of the page.
    """
    day = day_of(wanted, now)
    start, end = bounds_of(day)
    counts = yield from _counts(start, end)
    totals = {kind: sum(n for (_at, of), n in counts.items() if of == kind) for kind in _ORDER}
    heights = Counter[int]()
    for (at, _kind), count in counts.items():
        heights[at] += count
    slots = int((end - start) / STEP)
    top = max(heights.values(), default=1)
    return {
        "day": day,
        "is_today": day == timezone.localdate(now),
        "count": sum(heights.values()),
        "ai": totals[ActorKind.AGENT],
        "people": totals[ActorKind.HUMAN],
        "system": totals[ActorKind.SYSTEM],
        "top": top,
        "width": WIDTH,
        "height": HEIGHT,
        "bars": [_bar(at, counts, top, slots, start, wanted) for at in sorted(heights)],
        "now_x": _place(now, start, end),
        "hours": [f"{hour:02}:00" for hour in range(0, 25, 4)],
        "before_link": _day_link(wanted, day - timedelta(days=1)),
        "after_link": ""
        if day >= timezone.localdate(now)
        else _day_link(wanted, day + timedelta(days=1)),
    }


def _counts(start: datetime, end: datetime) -> Reading[Counts]:
    rows = (
        LedgerEntry.objects.filter(at__gte=start, at__lt=end)
        .annotate(minute=TruncMinute("at", tzinfo=UTC))
        .order_by()
        .values_list("minute", "actor_kind")
        .annotate(count=Count("pk"))
    )
    counts: Counts = Counter()
    for minute, kind, count in (yield from read(rows)):
        counts[int((minute - start) / STEP), kind] += count
    return counts


def _bar(
    at: int, counts: Counts, top: int, slots: int, start: datetime, wanted: dict[str, str]
) -> dict[str, Any]:
    width = WIDTH / slots
    parts, base = [], float(HEIGHT)
    for kind in _ORDER:
        tall = counts[at, kind] * HEIGHT / top
        base -= tall
        if tall:
            parts.append({"sign": _SIGNS[kind], "y": f"{base:.2f}", "tall": f"{tall:.2f}"})
    first = timezone.localtime(start + at * STEP)
    last = timezone.localtime(start + (at + 1) * STEP)
    until = f"{last:%H:%M}" if last.date() == first.date() else ""
    return {
        "x": f"{at * width:.2f}",
        "wide": f"{width * 0.82:.2f}",
        "full": f"{width:.2f}",
        "parts": parts,
        "on": wanted["day"] == f"{first:%Y-%m-%d}" and wanted["from"] == f"{first:%H:%M}",
        "title": _("%(first)s: AI %(ai)d, person %(people)d, system %(system)d")
        % {
            "first": f"{first:%H:%M}",
            "ai": counts[at, ActorKind.AGENT],
            "people": counts[at, ActorKind.HUMAN],
            "system": counts[at, ActorKind.SYSTEM],
        },
        "link": link_to(
            wanted,
            **{"day": f"{first:%Y-%m-%d}", "from": f"{first:%H:%M}", "to": until},
            before="",
            after="",
            since="",
            until="",
            entry="",
        ),
    }


def _place(now: datetime, start: datetime, end: datetime) -> str:
    """Return where the present moment stands in the drawing, empty on another day."""
    if not start <= now < end:
        return ""
    return f"{(now - start) / (end - start) * WIDTH:.2f}"


def _day_link(wanted: dict[str, str], day: date) -> str:
    of_day = {"day": f"{day:%Y-%m-%d}", "from": "", "to": "", "since": "", "until": ""}
    return link_to(wanted, **of_day, before="", after="", entry="")
