"""The earlier texts of a change, and how each differs from the one that stands."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.access.types import Capability
from governance.admin.change_shown import number_texts
from governance.admin.compare import compare
from governance.admin.visit import Crumb, Visit, page, render
from governance.reviews import selectors
from governance.reviews.models import ChangeRequest
from orchestra.core.errors import NotFoundError


def describe_texts(change: ChangeRequest, texts: Sequence[Any]) -> list[dict[str, Any]]:
    """Return the texts that a change had, newest first, each with its number.

    Args:
        change: The change.
        texts: Its history rows at which the text came or changed, newest first.
    """
    total = len(texts)
    return [
        {
            "number": total - index,
            "digest": text.digest,
            "at": text.history_date,
            "what": text.history_change_reason,
            "actor_kind": text.actor_kind,
            "actor_label": text.actor_label,
            "is_present": index == 0,
            "link": ""
            if index == 0
            else reverse("admin:change_earlier", args=[change.public_id, total - index]),
        }
        for index, text in enumerate(texts)
    ]


@page(
    "change-requests/<uuid:change_id>/texts/<int:number>/",
    name="change_earlier",
    capability=Capability.CHANGE_READ,
)
def earlier_text(request: HttpRequest, visit: Visit, change_id: UUID, number: int) -> HttpResponse:
    """Show what became of an earlier text of a change: its difference from the present one."""
    found = selectors.get_change(authority=visit.authority, change_id=change_id)
    texts = selectors.list_drafts(change=found)
    if not 1 <= number < len(texts):
        raise NotFoundError(_("There is no such text."))
    earlier = texts[len(texts) - number]
    kind = selectors.kind_of(found)
    link = reverse("admin:change", args=[found.public_id])
    view = request.GET.get("view", "")
    return render(
        request,
        "governance/change_earlier.html",
        {
            "title": _("%(label)s, text %(number)d") % {"label": found.label, "number": number},
            "crumbs": [
                Crumb(_("Govern")),
                Crumb(_("Change requests"), reverse("admin:changes")),
                Crumb(found.label, link),
                Crumb(_("Text %(number)d") % {"number": number}),
            ],
            "change": found,
            "earlier": earlier,
            "number": number,
            "present_number": number_texts(texts)[found.digest],
            "difference": compare(kind, earlier.document, found.document),
            "view": view if view == "facts" else "words",
            "back_link": link,
        },
    )
