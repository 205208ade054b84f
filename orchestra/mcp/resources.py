"""What an AI agent may read as resources: the articles in force, and the timeline of a case.

The same text and the same rights as ``orchestra_read_article`` and ``orchestra_read_timeline``;
a client that shows resources to a person gets them without calling a tool.
"""

import json
import re
from typing import Any, Final

from django.utils.translation import gettext as _
from rest_framework.utils.encoders import JSONEncoder

from cases.api.outputs import TimelineItemOut
from cases.memory import selectors as memory
from governance.access.rules import may
from governance.access.types import Capability
from governance.api.knowledge import article_detail
from governance.knowledge import selectors as knowledge
from orchestra.core import clock
from orchestra.core.errors import NotFoundError
from orchestra.mcp.own_types import Caller
from orchestra.mcp.protocol import INVALID_PARAMS, ProtocolError

Json = Any

PAGE_SIZE: Final = 100
ARTICLES: Final = "orchestra://articles/"
#: RFC 6570, level 1.
TIMELINE: Final = "orchestra://cases/{case_id}/timeline"
_TIMELINE: Final = re.compile(r"orchestra://cases/([0-9a-f-]{36})/timeline")
_MARKDOWN: Final = "text/markdown"
_JSON: Final = "application/json"
#: The newest of a long case; the tool reads the rest, page by page.
MOST_ITEMS: Final = 200


def page_of_resources(caller: Caller, cursor: str | None) -> dict[str, Json]:
    """Return a page of the articles in force that a caller is given, by key.

    Args:
        caller: Who asks.
        cursor: ``nextCursor`` of the page before; None for the first.

    Raises:
        ProtocolError: The cursor is none that a page of ours named.
    """
    if cursor is not None and not cursor.startswith(ARTICLES):
        raise ProtocolError(INVALID_PARAMS, "This is no cursor of this list; begin without one.")
    after = "" if cursor is None else cursor.removeprefix(ARTICLES)
    rows = knowledge.list_articles(authority=caller.authority, now=clock.now())
    found = list(rows.filter(article__key__gt=after).order_by("article__key")[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    page: dict[str, Json] = {
        "resources": [
            {
                "uri": f"{ARTICLES}{row.article.key}",
                "name": row.article.key,
                "title": row.title,
                "mimeType": _MARKDOWN,
            }
            for row in shown
        ]
    }
    if len(found) > len(shown):
        page["nextCursor"] = f"{ARTICLES}{shown[-1].article.key}"
    return page


def templates_for(caller: Caller) -> list[dict[str, Json]]:
    """Return what a caller may read by filling in an address."""
    if not may(caller.authority, Capability.CASE_READ):
        return []
    return [
        {
            "uriTemplate": TIMELINE,
            "name": "timeline",
            "title": _("The timeline of a case"),
            "description": _("Who said and did what on a case, oldest first."),
            "mimeType": _JSON,
        }
    ]


def read_resource(caller: Caller, uri: str) -> dict[str, Json]:
    """Return the contents of one resource.

    Raises:
        ProtocolError: There is none at this address, or not for this caller; both alike.
    """
    try:
        kind, text = _read(caller, uri)
    except NotFoundError as error:
        raise ProtocolError(
            INVALID_PARAMS,
            "There is no such resource, or it is not for you.",
            data={"uri": uri[:300]},
        ) from error
    return {"contents": [{"uri": uri, "mimeType": kind, "text": text}]}


def _read(caller: Caller, uri: str) -> tuple[str, str]:
    now = clock.now()
    if uri.startswith(ARTICLES):
        key = uri.removeprefix(ARTICLES)
        version = knowledge.get_version(authority=caller.authority, now=now, key=key)
        detail = article_detail(version, now.date())
        return _MARKDOWN, f"# {detail['title']}\n\n{detail['body']}"
    found = _TIMELINE.fullmatch(uri)
    if found is None:
        raise NotFoundError(_("There is no such resource."))
    case = caller.case(found[1])
    items = memory.timeline(authority=caller.authority, case=case)[-MOST_ITEMS:]
    shown = TimelineItemOut(items, many=True).data
    return _JSON, json.dumps(shown, cls=JSONEncoder, ensure_ascii=False, allow_nan=False)
