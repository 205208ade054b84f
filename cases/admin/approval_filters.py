"""What stands above the rows of the inbox: its sentence, filters, orders, and why it is empty."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.admin.approval_next import bounded, inbox_link
from governance.access.models import Queue
from governance.access.types import Capability
from governance.admin import reads as governed
from governance.admin.visit import Visit
from governance.approvals import inbox
from governance.approvals.inbox_query import (
    InboxQuery,
    format_query,
    parse_criteria,
    without_filter,
)
from governance.approvals.models import InboxView
from governance.approvals.types import InboxFilter
from governance.policies.types import RiskLevel
from orchestra.core.together import Reading, read


@dataclass(frozen=True, slots=True)
class Counted:
    """The person's filters with how many requests each holds.

    Attributes:
        shared: By filter that everybody has.
        views: The person's own, with the count of each by key.
    """

    shared: Mapping[InboxFilter, int]
    views: Sequence[InboxView]
    own: Mapping[int, int]


def reading_counts(visit: Visit) -> Reading[Counted]:
    """Come to how many requests each of a person's filters holds, in two queries."""
    views = yield from inbox.reading_views(authority=visit.authority)
    shared, own = yield from inbox.reading_counts(
        authority=visit.authority, now=visit.now, views=views
    )
    return Counted(shared=shared, views=views, own=own)


def find_open(query: InboxQuery, counted: Counted) -> InboxView | None:
    """Return the view of the person's own that is open, whatever its order."""
    plain = replace(query, is_by_risk=False)
    for view in counted.views:
        if replace(parse_criteria(view.criteria), is_by_risk=False) == plain:
            return view
    return None


def titles() -> dict[InboxFilter, str]:
    """Return what everybody's filters are called."""
    return {
        InboxFilter.ALL: _("All waiting"),
        InboxFilter.MAY_DECIDE: _("I may decide"),
        InboxFilter.MINE: _("Mine"),
        InboxFilter.HANDED: _("Handed to me"),
        InboxFilter.DUE_SOON: _("Due in 30 min"),
        InboxFilter.HEIGHTENED: _("Critical or two votes"),
        InboxFilter.UNCLAIMED: _("Nobody has it"),
    }


def chips(counted: Counted, query: InboxQuery) -> list[dict[str, Any]]:
    """Return the filters that everybody has, then the person's own."""
    shared = [
        {
            "key": str(each),
            "title": title,
            "on": not query.is_narrowed and each is query.only,
            "count": bounded(counted.shared[each]),
            "link": inbox_link(without_filter(query, each)),
        }
        for each, title in titles().items()
    ]
    is_open = find_open(query, counted)
    own = [
        {
            "key": f"view-{view.pk}",
            "title": view.name,
            "on": view is is_open,
            "count": bounded(counted.own[view.pk]),
            "link": f"{reverse('admin:approvals')}?{view.criteria}",
        }
        for view in counted.views
    ]
    return [*shared, *own]


def orders(query: InboxQuery) -> list[dict[str, Any]]:
    """Return the two orders, with which is on."""
    return [
        {
            "title": title,
            "on": query.is_by_risk is is_by_risk,
            "link": inbox_link(replace(query, is_by_risk=is_by_risk)),
        }
        for title, is_by_risk in ((_("By deadline"), False), (_("By risk"), True))
    ]


def form(query: InboxQuery, counted: Counted, queues: Sequence[Queue]) -> dict[str, Any]:
    """Return what the form of a person's own filter places.

    Args:
        query: The view that is open.
        counted: The person's filters.
        queues: Those the person may choose from.
    """
    view = find_open(query, counted)
    return {
        "query": query,
        "criteria": format_query(query),
        "queues": [
            {"key": queue.key, "title": queue.title, "on": queue.key == query.queue}
            for queue in queues
        ],
        "risks": [
            {"code": str(risk), "title": title, "on": risk is query.risk}
            for risk, title in _risks().items()
        ],
        "narrowed": query.is_narrowed,
        "clear_link": inbox_link(without_filter(query, query.only)),
        "can_save": query.is_narrowed and view is None,
        "save_link": reverse("admin:approvals_view_save"),
        "saved": {
            "name": view.name,
            "rename_link": reverse("admin:approvals_view_rename", args=[view.public_id]),
            "delete_link": reverse("admin:approvals_view_delete", args=[view.public_id]),
        }
        if view
        else None,
    }


def headline(counted: Counted) -> str:
    """Return how much waits and how much of it runs out soon."""
    waiting, soon = counted.shared[InboxFilter.ALL], counted.shared[InboxFilter.DUE_SOON]
    if not waiting:
        return _("Nothing waits for you")
    first = ngettext("%(count)s request waits", "%(count)s requests wait", waiting) % {
        "count": bounded(waiting)
    }
    if not soon:
        return _("%(first)s; none runs out within half an hour") % {"first": first}
    second = ngettext(
        "%(count)s runs out within half an hour", "%(count)s run out within half an hour", soon
    ) % {"count": bounded(soon)}
    return f"{first}; {second}"


def lead(counted: Counted, queues: Sequence[Queue]) -> str:
    """Return what the person may do about it."""
    if not counted.shared[InboxFilter.ALL]:
        names = ", ".join(queue.title for queue in queues)
        return _("Every request in %(queues)s is decided.") % {"queues": names} if names else ""
    return _(
        "You may decide %(count)s of them. What is not decided in time goes to the next role, "
        "then expires; waiting never approves. You decide on the page of the request, with its "
        "evidence in front of you."
    ) % {"count": bounded(counted.shared[InboxFilter.MAY_DECIDE])}


def why_empty(
    query: InboxQuery, counted: Counted, visit: Visit, *, last: Callable[[], str]
) -> dict[str, str]:
    """Return why there are no rows, and what to do about it.

    Args:
        query: The view that is open.
        counted: The person's filters.
        visit: Who looks.
        last: Reads the last decision in words, for an inbox that nothing narrows.
    """
    others = counted.shared[InboxFilter.ALL]
    if others and query != InboxQuery(is_by_risk=query.is_by_risk):
        view = find_open(query, counted)
        own = view.name if view else _("this filter")
        name = own if query.is_narrowed else f"“{titles()[query.only]}”"
        return {
            "title": _("Nothing matches %(filter)s.") % {"filter": name},
            "text": ngettext("%(count)s other waits.", "%(count)s others wait.", others)
            % {"count": bounded(others)},
            "link": inbox_link(InboxQuery(is_by_risk=query.is_by_risk)),
            "act": _("Show all that wait"),
        }
    if not visit.authority.queue_grants and not others:
        return {
            "title": _("You have no queue to approve for."),
            "text": _("Queues are granted under Access."),
            "link": "",
            "act": "",
        }
    reads = visit.may(Capability.DECISION_READ)
    return {
        "title": _("No approvals are waiting."),
        "text": last(),
        "link": reverse("admin:decisions") if reads else "",
        "act": _("Open what was decided") if reads else "",
    }


def reading_queues(visit: Visit) -> Reading[list[Queue]]:
    """Come to the queues whose requests a person may read, by title."""
    return (yield from read(governed.QUEUES.beside(visit.authority, Capability.APPROVAL_READ)))


def _risks() -> dict[RiskLevel, str]:
    return {
        RiskLevel.CRITICAL: _("Critical"),
        RiskLevel.HIGH: _("High"),
        RiskLevel.MEDIUM: _("Medium"),
        RiskLevel.LOW: _("Low"),
    }
