"""Capacity: what waits in each queue, how long, and who could decide it now."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.access.models import Queue
from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, fragment, page, render
from governance.approvals import capacity
from governance.approvals.capacity import Load, Unmet
from governance.approvals.waits import Spread, Wait, by_hour, by_queue
from orchestra.core import words
from orchestra.core.bounded import in_short

Eligible = Mapping[int, Sequence[frozenset[str]]]

SPANS = (7, 30)
#: Of the chart: width of an hour, height of the tallest bar, room for the words below.
_WIDE, _TALL, _WORDS = 30, 120, 16


@page("approvals/capacity/", name="approvals_capacity", capability=Capability.APPROVAL_READ)
def show(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show per queue what waits, how long decisions took by hour, and who could give them."""
    days = 30 if request.GET.get("days") == "30" else 7
    loads = capacity.list_loads(authority=visit.authority)
    waits = capacity.list_waits(authority=visit.authority, since=visit.now - timedelta(days=days))
    key = request.GET.get("queue", "")
    chosen = next((load for load in loads if load.queue.key == key), None)
    shown = [wait for wait in waits if chosen is None or wait.queue_id == chosen.queue.pk]
    hours = by_hour(shown)
    eligible = capacity.list_eligible(now=visit.now)
    return render(
        request,
        "governance/approval_capacity.html",
        {
            "title": _("Approval capacity"),
            "crumbs": [
                Crumb(_("Work")),
                Crumb(_("Approvals"), reverse("admin:approvals")),
                Crumb(_("Capacity")),
            ],
            "spans": [
                {
                    "title": _("%(days)d days") % {"days": each},
                    "on": each == days,
                    "link": _link(each, key if chosen else ""),
                }
                for each in SPANS
            ],
            "queues": [
                {"title": _("All queues"), "on": chosen is None, "link": _link(days, "")},
                *(
                    {
                        "title": load.queue.title,
                        "on": load is chosen,
                        "link": _link(days, load.queue.key),
                    }
                    for load in loads
                ),
            ],
            "loads": _loads(loads, waits, eligible, visit),
            "days": days,
            "chart": _chart(hours),
            "hours": [_hour(hour, each) for hour, each in enumerate(hours) if each.count],
            "is_cut": len(waits) >= capacity.MOST,
            "most": capacity.MOST,
            **_unmet(visit, [load.queue for load in loads], eligible),
        },
    )


@page("approvals/capacity/unmet/", name="approvals_unmet", capability=Capability.APPROVAL_READ)
def unmet(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Return what nobody can approve right now, for pages that ask once they are open."""
    queues = capacity.list_queues(authority=visit.authority)
    return fragment(request, "governance/approval_unmet.html", _unmet(visit, queues))


def _unmet(
    visit: Visit, queues: Sequence[Queue], eligible: Eligible | None = None
) -> dict[str, Any]:
    found = capacity.list_unmet(now=visit.now, queues=queues, eligible=eligible)
    return {
        "unmet_words": ngettext(
            "%(count)d rule in force asks for an approval that nobody can give right now.",
            "%(count)d rules in force ask for an approval that nobody can give right now.",
            len(found),
        )
        % {"count": len(found)},
        "unmet": [_row(each) for each in found],
        "capacity_link": reverse("admin:approvals_capacity"),
    }


def _row(found: Unmet) -> dict[str, str]:
    asked = found.obligations
    roles = _(" or ").join(words.plain(role) for role in asked.roles) or _("anybody who may vote")
    votes = max(1, asked.votes)
    needs = ngettext("%(votes)d vote, %(roles)s", "%(votes)d votes, %(roles)s", votes) % {
        "votes": votes,
        "roles": roles,
    }
    return {
        "policy": found.policy,
        "rule": found.rule or _("above the threshold"),
        "needs": needs + (_(", each from another role") if asked.distinct_roles else ""),
        "queues": ", ".join(found.queues),
    }


def _loads(
    loads: Sequence[Load], waits: Sequence[Wait], eligible: Eligible, visit: Visit
) -> list[dict[str, Any]]:
    spreads: Mapping[int, Spread] = by_queue(waits)
    nothing = Spread(0, None, None)
    return [
        {
            "title": load.queue.title,
            "waiting": in_short(load.waiting),
            "oldest": words.ago(at=load.oldest_at, now=visit.now) if load.oldest_at else "",
            "eligible": len(eligible.get(load.queue.pk, ())),
            **_spread(spreads.get(load.queue.pk, nothing)),
        }
        for load in loads
    ]


def _spread(found: Spread) -> dict[str, Any]:
    return {
        "count": found.count,
        "median": _length(found.median),
        "p90": _length(found.p90),
    }


def _length(seconds: float | None) -> str:
    return "" if seconds is None else words.length(timedelta(seconds=seconds))


def _hour(hour: int, found: Spread) -> dict[str, Any]:
    return {"at": f"{hour:02d}:00", **_spread(found)}


def _chart(hours: Sequence[Spread]) -> dict[str, Any]:
    """Return the bars of the chart in its own units: p90 behind, the median before it."""
    tallest = max((found.p90 or 0 for found in hours), default=0)
    bars = []
    for hour, found in enumerate(hours):
        p90, median = (
            round(_TALL * (seconds or 0) / tallest) if tallest else 0
            for seconds in (found.p90, found.median)
        )
        bars.append(
            {
                "x": hour * _WIDE + 4,
                "middle": hour * _WIDE + _WIDE // 2,
                "p90_y": _TALL - p90,
                "p90": p90,
                "median_y": _TALL - median,
                "median": median,
                "words": f"{hour:02d}" if hour % 3 == 0 else "",
            }
        )
    return {
        "bars": bars,
        "wide": _WIDE - 8,
        "width": _WIDE * len(hours),
        "height": _TALL + _WORDS,
        "base": _TALL,
        "axis_y": _TALL + _WORDS - 3,
        "tallest": _length(tallest) if tallest else "",
    }


def _link(days: int, queue: str) -> str:
    parts = [f"days={days}" if days != SPANS[0] else "", f"queue={queue}" if queue else ""]
    said = "&".join(part for part in parts if part)
    return reverse("admin:approvals_capacity") + (f"?{said}" if said else "")
