"""How often people changed what was asked for: the figure, and the requests behind it."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from governance.admin.approval_quality_words import share_figure
from governance.approvals.figures import Share
from governance.approvals.quality_rows import requests_of

Json = Any
#: Name of the list of what was edited.
EDITS = "edits"


def edit_figure(found: Share, link: str) -> Json:
    """Return the share of what was asked for that a person changed instead of deciding it."""
    return share_figure(_("Changed by an edit"), found, link)


def edit_rows(request_ids: Sequence[str]) -> list[Json]:
    """Return the requests that were edited, as the list behind a number shows them."""
    found = requests_of(request_ids)
    return [
        {
            "label": one.label,
            "title": one.title,
            "link": reverse("admin:approval", args=[one.public_id]),
            "queue": one.queue.title,
            "risk": one.risk,
            "choice": _("edited"),
            "took": "",
            "opened": "",
            "at": one.decided_at or one.created_at,
            "is_reversed": False,
        }
        for one in (found[request_id] for request_id in request_ids)
    ]
