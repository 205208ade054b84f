"""What the admin start page shows per role, read through selectors only."""

from typing import Any

from django.utils.translation import gettext as _

from governance.access.types import Authority, Capability
from governance.admin.visit import Visit
from governance.approvals import selectors as approvals
from orchestra.templatetags.parts import role


def title_of(authority: Authority) -> str:
    """Return a person's roles in words."""
    return ", ".join(role(each) for each in sorted(authority.roles)) or _("no role yet")


def badges(visit: Visit) -> dict[str, int]:
    """Return what waits, by page."""
    counts = {}
    if visit.may(Capability.APPROVAL_READ):
        counts["approvals"] = approvals.list_inbox(
            authority=visit.authority, now=visit.now
        ).count()
    return counts


def start_page(visit: Visit) -> dict[str, Any]:
    """Return what the start page places."""
    return {"title": _("Start")}
