"""Where what a ledger entry names is shown, of cases: case, action, decision, approval, export."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet, Subquery, UUIDField, Value
from django.db.models.functions import Cast, Replace
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.memory import selectors as memory
from cases.memory.models import Case
from cases.tools.models import ToolCall
from cases.tools.services.settling import SUBJECT as CALL
from governance.access.selectors import readable_queue_ids
from governance.access.types import Capability
from governance.admin.entry_links import Named, Way, as_uuid, places
from governance.admin.visit import Visit
from governance.approvals.models import ApprovalRequest
from governance.evidence import selectors as evidence
from orchestra.core.redaction import mask_text
from orchestra.core.together import Reading, all_of, read


def places_of_cases(visit: Visit, named: Named) -> Reading[list[Way]]:
    """Come to the case, the action with its decision and approval, and the export of an entry."""
    found = yield from all_of(
        {
            "case": _case(visit, named),
            "action": _asked(visit, named),
            "export": _export(visit, named),
        }
    )
    ways = [way for each in found.values() for way in each]
    if named.subject_kind in {"difference", "reconciliation"}:
        ways.append(
            Way(
                what=_("Completeness"),
                title=_("what entries and rows say of each other"),
                link=reverse("admin:reconciliation"),
                field="subject",
            )
        )
    return ways


def _case(visit: Visit, named: Named) -> Reading[list[Way]]:
    if named.stream_kind != "case" or as_uuid(named.stream_id) is None:
        return []
    found = yield from all_of(
        {
            "case": read(Case.objects.filter(public_id=named.stream_id)),
            "readable": read(memory.list_readable(visit.authority, [named.stream_id])),
        }
    )
    link = reverse("admin:case", args=[named.stream_id]) if found["readable"] else ""
    return [
        Way(what=_("Case"), title=case.label, link=link, field="case") for case in found["case"]
    ]


def _asked(visit: Visit, named: Named) -> Reading[list[Way]]:
    """Come to the action that an entry is about, by itself or by its approval: one trip."""
    calls, approvals = ToolCall.objects.order_by(), ApprovalRequest.objects.order_by()
    if as_uuid(named.subject_id) is None:
        return []
    if named.subject_kind == "approval":
        approvals = approvals.filter(public_id=named.subject_id)
        about = approvals.filter(subject_kind=CALL).values("subject_id")
        calls = calls.filter(public_id=_id_in(about))
    elif named.subject_kind == CALL:
        calls = calls.filter(public_id=named.subject_id)
        asked = calls.exclude(approval_id_text="").values("approval_id_text")
        approvals = approvals.filter(public_id=_id_in(asked))
    else:
        return []
    found = yield from all_of(
        {
            "calls": read(calls.select_related("case", "tool", "decision")),
            "approvals": read(approvals),
        }
    )
    return [
        *(way for call in found["calls"] for way in _action(visit, call)),
        *(_approval(visit, approval) for approval in found["approvals"]),
    ]


def _id_in(texts: "QuerySet[Any, Any]") -> Cast:
    """Return the public id that the one text of a query is; SQLite keeps ids without dashes."""
    return Cast(Replace(Subquery(texts), Value("-"), Value("")), UUIDField())


def _action(visit: Visit, call: ToolCall) -> Iterator[Way]:
    may_read = _reads(visit, Capability.CASE_READ, call.case.queue_id)
    case_link = reverse("admin:case", args=[call.case.public_id])
    yield Way(
        what=_("Action"),
        title=mask_text(call.effect_text or call.tool.title) if may_read else call.tool.title,
        link=f"{case_link}#call-{call.public_id}" if may_read else "",
        subject_id=str(call.public_id),
    )
    decision = call.decision
    yield Way(
        what=_("Decision"),
        title=decision.outcome,
        link=reverse("admin:decision", args=[decision.public_id])
        if visit.may(Capability.DECISION_READ)
        else "",
    )


def _approval(visit: Visit, approval: ApprovalRequest) -> Way:
    may_read = _reads(visit, Capability.APPROVAL_READ, approval.queue_id)
    return Way(
        what=_("Approval"),
        title=approval.label,
        link=reverse("admin:approval", args=[approval.public_id]) if may_read else "",
        field="subject",
        subject_id=str(approval.public_id),
    )


def _export(visit: Visit, named: Named) -> Reading[list[Way]]:
    if named.subject_kind != "evidence_export" or as_uuid(named.subject_id) is None:
        return []
    rows = evidence.list_exports(authority=visit.authority).filter(public_id=named.subject_id)
    readable = yield from read(rows.values_list("pk", flat=True)[:1])
    return [
        Way(
            what=_("Evidence export"),
            title=named.text("title") or named.subject_id,
            link=reverse("admin:evidence_one", args=[named.subject_id]) if readable else "",
            field="subject",
        )
    ]


def _reads(visit: Visit, capability: Capability, queue_id: int) -> bool:
    held = readable_queue_ids(visit.authority, capability)
    return held is None or queue_id in held


places.register("cases", places_of_cases)
