"""What an edit made of a request: what stands in its place, and what it was before."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.admin.approval_words import Became
from cases.admin.outcomes import describe_outcome
from cases.admin.shown import Shown, changed_lines, read_view
from cases.tools import selectors as tools
from cases.tools.models import ToolCall
from cases.tools.types import CallState
from governance.access.types import Capability
from governance.admin.visit import Visit
from governance.approvals import selectors
from governance.approvals.models import ApprovalRequest
from governance.approvals.types import VIGILANCE, ApprovalState
from orchestra.core.errors import NotFoundError


def may_edit(visit: Visit, found: ApprovalRequest, call: ToolCall | None) -> bool:
    """Return whether the person may edit what a request asks for."""
    if call is None or found.state != ApprovalState.PENDING or visit.now >= found.deadline_at:
        return False
    return may_edit_on(visit, found.queue_id)


def may_edit_on(visit: Visit, queue_id: int) -> bool:
    """Return whether the person edits what waits in a queue: they vote or propose there."""
    return visit.may(Capability.APPROVAL_VOTE, queue_id) or visit.may(
        Capability.TOOL_PROPOSE, queue_id
    )


def find_standing(
    found: ApprovalRequest, call: ToolCall | None, visit: Visit
) -> tuple[ToolCall | None, ApprovalRequest | None]:
    """Return what an ended request was edited into, and the request that stands now.

    Where nobody edited it, the newest request of its case that waits stands in its place.
    """
    if found.state != ApprovalState.VOIDED or found.subject_kind == VIGILANCE:
        return None, None
    edited = tools.find_replacement(call) if call and call.state == CallState.CANCELLED else None
    if call is not None and edited is not None:
        return edited, _request_of(tools.find_latest_replacement(call) or edited, visit)
    waiting = (
        selectors.real(selectors.list_inbox(authority=visit.authority, now=visit.now))
        .filter(case_public_id=found.case_public_id, created_at__gte=found.created_at)
        .exclude(pk=found.pk)
        .order_by("-pk")
    )
    return None, waiting.first()


def became_of(call: ToolCall | None, edited: ToolCall | None) -> Became:
    """Return what became of a request's action, for the notice above its page."""
    if call is None:
        return Became()
    if edited is not None:
        stands = ""
        if not edited.approval_id_text:
            stands = _("What it became: %(outcome)s") % {
                "outcome": describe_outcome(edited)["text"]
            }
        return Became(
            editor=edited.edited_by_label,
            edited_at=edited.created_at,
            edit_reason=edited.edit_reason,
            stands=stands,
        )
    if call.state != CallState.SUCCEEDED:
        return Became()
    confirm = tools.spec_of_call(call).confirm if call.confirmed else None
    tool = str(confirm["tool"]) if confirm else ""
    return Became(ran_at=call.settled_at, confirmed_by=tool)


def came_from(
    found: ApprovalRequest, call: ToolCall | None, shown: Shown, visit: Visit
) -> dict[str, Any] | None:
    """Return what an edited request was before, and what the edit changed; None for no edit."""
    if shown.edit is None or call is None or call.edited_from is None:
        return None
    before = _request_of(call.edited_from, visit)
    if before is None or before.pk == found.pk:
        return {"edit": shown.edit, "label": "", "link": "", "changed": []}
    old = read_view(selectors.view_of(before), title=before.title)
    return {
        "edit": shown.edit,
        "label": before.label,
        "link": reverse("admin:approval", args=[before.public_id]),
        "changed": [line for line in changed_lines(old=old, new=shown) if not line.get("same")],
    }


def _request_of(call: ToolCall, visit: Visit) -> ApprovalRequest | None:
    if not call.approval_id_text:
        return None
    try:
        return selectors.get_request(
            authority=visit.authority, request_id=UUID(call.approval_id_text)
        )
    except NotFoundError:
        return None
