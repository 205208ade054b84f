"""Who could do what on a date: one person's or everybody's authority, as page and as CSV."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.access.types import Capability
from governance.access_reviews import services
from governance.access_reviews.past import read_past
from governance.access_reviews.rules import voters_by_queue
from governance.access_reviews.types import Given, GrantKind, HeldGrant, Holdings
from governance.admin import access_words as words
from governance.admin.access_files import csv_answer
from governance.admin.visit import Crumb, Visit, page, render
from orchestra.core.clock import rfc3339
from orchestra.core.numbers import read_whole

PAGE = 40


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for.

    Attributes:
        at: The moment; now where none can be read.
        who: Key of one holder; empty for everybody.
        error: What is wrong with the moment, in words.
    """

    at: datetime
    who: str = ""
    page: int = 1
    error: str = ""

    def link(self, **changes: str | int) -> str:
        """Return the query of the address, with some of it changed."""
        asked: dict[str, str | int] = {"at": _field(self.at), "who": self.who, **changes}
        return f"?{urlencode({key: value for key, value in asked.items() if value})}"


@page("access/on-a-date/", name="access_past", capability=Capability.ACCESS_READ)
def access_past(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show what everybody, or one person or agent, could do at a moment."""
    asked = _read(request, visit)
    holdings, given = read_past(at=asked.at)
    lines = [one for one in _lines(holdings, given) if asked.who in {"", one["key"]}]
    last = max(1, -(-len(lines) // PAGE))
    number = min(asked.page, last)
    return render(
        request,
        "governance/access_past.html",
        {
            "title": _("Who could do what on a date"),
            "crumbs": [
                Crumb(_("Prove")),
                Crumb(_("Access"), reverse("admin:access")),
                Crumb(_("On a date")),
            ],
            "at": asked.at,
            "at_field": _field(asked.at),
            "error": asked.error,
            "who": asked.who,
            "holders": [(one["key"], one["who"]) for one in _lines(holdings, given)],
            "lines": lines[(number - 1) * PAGE : number * PAGE],
            "count": len(lines),
            "grant_count": sum(len(one["grants"]) for one in lines),
            "previous_link": asked.link(page=number - 1) if number > 1 else "",
            "next_link": asked.link(page=number + 1) if number < last else "",
            "csv_link": f"{reverse('admin:access_past_csv')}{asked.link()}",
        },
        status=422 if asked.error else 200,
    )


@page("access/on-a-date/csv/", name="access_past_csv", capability=Capability.ACCESS_READ)
def access_past_csv(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """Give the same as CSV, one line a grant; taking it out is an entry of the ledger."""
    asked = _read(request, visit)
    holdings, given = read_past(at=asked.at)
    grants = [one for one in holdings.grants if asked.who in {"", _holder(one)}]
    services.record_export(
        actor=visit.actor,
        now=visit.now,
        what=f"authority at {rfc3339(asked.at)}, {len(grants)} grants",
    )
    return csv_answer(
        name=f"access-{asked.at:%Y%m%dT%H%M%SZ}.csv",
        header=("at", "holder", "kind", "active", "what", "where", "given_at", "given_by", "ends"),
        rows=(_csv_row(one, given[one.key], holdings, asked.at) for one in grants),
    )


def _csv_row(one: HeldGrant, given: Given, holdings: Holdings, at: datetime) -> list[object]:
    return [
        rfc3339(at),
        words.holder_words(one.holder_kind, one.holder_label),
        one.holder_kind,
        "yes" if _is_active(one, holdings) else "no",
        words.what_words(one.kind, one.code),
        one.place_title,
        rfc3339(given.at) if given.at else "",
        given.by,
        rfc3339(one.until_at) if one.until_at else "",
    ]


def _is_active(one: HeldGrant, holdings: Holdings) -> bool:
    if one.holder_kind == "human":
        return holdings.people[one.holder_id].active
    agents = {agent.id: agent.active for agent in holdings.agents}
    return agents.get(one.holder_id, True)


def _holder(one: HeldGrant) -> str:
    return f"{one.holder_kind}:{one.holder_id}"


def _lines(holdings: Holdings, given: Mapping[str, Given]) -> Iterator[dict[str, Any]]:
    """Yield one line for each holder, in the grants' order."""
    voters = voters_by_queue(holdings)
    by_holder: dict[str, list[HeldGrant]] = {}
    for one in holdings.grants:
        by_holder.setdefault(_holder(one), []).append(one)
    for key, grants in by_holder.items():
        first = grants[0]
        votes = sorted(
            holdings.queues[queue] for queue, people in voters.items() if first.holder_id in people
        )
        yield {
            "key": key,
            "kind": first.holder_kind,
            "who": words.holder_words(first.holder_kind, first.holder_label),
            "is_off": not _is_active(first, holdings),
            "votes": ", ".join(votes),
            "grants": list(_grants(grants, given)),
        }


def _grants(grants: Iterable[HeldGrant], given: Mapping[str, Given]) -> Iterator[dict[str, Any]]:
    for one in grants:
        at = given[one.key]
        yield {
            "what": words.what_words(one.kind, one.code),
            "where": one.place_title,
            "is_role": one.kind is GrantKind.ROLE,
            "since": at.at,
            "by": at.by,
            "until": one.until_at,
        }


def _read(request: HttpRequest, visit: Visit) -> Asked:
    text, number = request.GET.get("at", ""), request.GET.get("page", "")
    who = request.GET.get("who", "")
    current = read_whole(number, most_digits=5) or 1
    if not text:
        return Asked(at=visit.now, who=who, page=current)
    try:
        moment = datetime.fromisoformat(text)
        zone = timezone.get_current_timezone()
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        moment = moment.astimezone(visit.now.tzinfo)
    except (ValueError, OverflowError):
        told = _("That is no date and time. Shown is this moment.")
        return Asked(at=visit.now, who=who, error=told)
    if moment > visit.now:
        told = _("Nobody knows yet who will hold what then. Shown is this moment.")
        return Asked(at=visit.now, who=who, error=told)
    return Asked(at=moment, who=who, page=current)


def _field(at: datetime) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%dT%H:%M:%S")
