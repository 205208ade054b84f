"""The way from one request to the next in the view of the inbox that a person came from."""

from functools import lru_cache
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from governance.admin.visit import Visit, way_to
from governance.approvals import inbox
from governance.approvals.inbox_query import InboxQuery, format_query, parse_criteria
from governance.approvals.models import ApprovalRequest

#: The part of an address that says from which view of the inbox a person came.
FROM = "from"


def query_of(request: HttpRequest) -> InboxQuery | None:
    """Return the view of the inbox that a page was opened from, None where from elsewhere."""
    text = request.GET.get(FROM)
    return None if text is None else parse_criteria(text)


def link_to(name: str, request_id: UUID, query: InboxQuery | None) -> str:
    """Return the address of a page on a request that keeps the view a person came from.

    Args:
        name: Name of the page in the admin.
        request_id: Public id of the request.
        query: The view; None where the person came from elsewhere.
    """
    link = way_to(name, request_id)
    return link if query is None else f"{link}?{_from(query)}"


@lru_cache(maxsize=256)
def _from(query: InboxQuery) -> str:
    """Write a view once for all rows of it."""
    return urlencode({FROM: format_query(query)})


def find_link(name: str, *args: object) -> str:
    """Return the address of a page of the admin, empty where there is no such page."""
    try:
        return reverse(f"admin:{name}", args=args)
    except NoReverseMatch:
        return ""


def inbox_link(query: InboxQuery | None) -> str:
    """Return the address of a view of the inbox."""
    said = format_query(query) if query else ""
    return reverse("admin:approvals") + (f"?{said}" if said else "")


def describe_around(around: inbox.Around, query: InboxQuery | None) -> dict[str, Any]:
    """Return where a request stands in its view, with links to the one before and after.

    Args:
        around: What stands before and after it.
        query: The view the person came from; the plain inbox where from elsewhere.
    """
    ids = {"previous": around.previous_id, "next": around.next_id}
    links = {name: link_to("approval", key, query) for name, key in ids.items() if key is not None}
    return {"at": bounded(around.place + 1), "of": bounded(around.of), **links}


def find_following(found: ApprovalRequest, visit: Visit, query: InboxQuery) -> str:
    """Return the address of the request that follows in a view.

    Where none follows, what was passed over; the view itself once nothing is left in it.
    """
    around = inbox.look_around(authority=visit.authority, now=visit.now, request=found, query=query)
    following = around.next_id or around.previous_id
    return inbox_link(query) if following is None else link_to("approval", following, query)


def bounded(count: int) -> str:
    """Return a count in words: ``200+`` where nobody counted on."""
    return f"{inbox.COUNTED}+" if count > inbox.COUNTED else str(count)
