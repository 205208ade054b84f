"""What a supervisor's start page says of queues and exceptions. Words and reads, no rule."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.admin import reads
from cases.admin.masking import masked
from cases.admin.outcomes import describe_outcome
from cases.admin.queue_loads import QueueLoad, reading_loads
from cases.journeys.counting import reading_failed_shares
from cases.journeys.entries import STEP_OFF_PLAN
from cases.journeys.sums import day_begins, summed_column
from cases.tools.models import ToolCall
from governance.access.types import Capability
from governance.admin import reads as governed
from governance.admin.quality import describe_voided
from governance.admin.visit import Visit
from governance.ledger.selectors import list_entries
from orchestra.core import words
from orchestra.core.bounded import in_short
from orchestra.core.together import Reading, all_of, read

DAYS = 7


def describe_queues(visit: Visit) -> Reading[list[dict[str, Any]]]:
    """Come to how the person's queues stand now: two reads after each other."""
    queues = governed.list_queues(authority=visit.authority, capability=Capability.CASE_READ)
    told = yield from all_of(
        {"loads": reading_loads(visit), "queues": read(queues.annotate(summed_at=summed_column()))}
    )
    loads: dict[int, QueueLoad] = told["loads"]
    found = told["queues"]
    made_at: datetime | None = found[0].summed_at if found else None
    rates = yield from _exception_rates(visit, is_summed=made_at is not None)
    # All queues share the steps that were looked at.
    is_more_late = any(load.is_more_late for load in loads.values())
    rows = []
    for queue in found:
        load = loads.get(queue.pk, QueueLoad(is_more_late=is_more_late))
        row = {
            "title": queue.title,
            "link": f"{reverse('admin:cases')}?queue={queue.key}",
            "open": in_short(load.open_cases),
            "approvals": in_short(load.approvals),
            "handoffs": load.handoffs,
            "late": load.late,
            "late_text": in_short(load.late, is_more=load.is_more_late),
            # Where more is late elsewhere than was looked at, none found is none known.
            "is_counted": bool(load.late) or not load.is_more_late,
            "oldest": words.length(visit.now - load.since) if load.since else "",
            "rate": rates.get(queue.pk, ""),
            "rate_as_of": made_at,
        }
        rows.append({**row, "state": _queue_state(row)})
    return rows


def _queue_state(row: Mapping[str, Any]) -> str:
    if row["late"]:
        return _("%(count)s late") % {"count": row["late_text"]}
    if row["handoffs"]:
        return ngettext("%(count)s waits", "%(count)s wait", row["handoffs"]) % {
            "count": in_short(row["handoffs"])
        }
    return ""


def describe_lateness(queues: list[dict[str, Any]]) -> str:
    """Return which queues have something past its deadline, or that all are on time."""
    if not queues:
        return ""
    late = [
        ngettext(
            "%(queue)s has %(count)s thing past its deadline",
            "%(queue)s has %(count)s things past their deadline",
            queue["late"],
        )
        % {"queue": queue["title"], "count": queue["late_text"]}
        for queue in queues
        if queue["late"]
    ]
    return f"{'; '.join(late)}." if late else _("All your queues are on time.")


def _exception_rates(visit: Visit, *, is_summed: bool) -> Reading[dict[int, str]]:
    """Come to the share of steps that failed, of journeys begun in the last days.

    From the sums by the day, where there are any; these are no older than their task is slow.
    """
    shares = yield from reading_failed_shares(
        authority=visit.authority,
        since=day_begins(visit.now - timedelta(days=DAYS)),
        is_summed=is_summed,
    )
    return {queue: f"{100 * share:.1f}%" for queue, share in shares.items()}


def describe_exceptions(visit: Visit, *, shown: int) -> Reading[list[dict[str, Any]]]:
    """Come to what went another way than planned, with the one act that helps.

    Args:
        visit: Who looks.
        shown: How many of a kind at most.
    """
    strange = reads.list_open_exceptions(authority=visit.authority)[:shown]
    found = yield from all_of(
        {
            "calls": read(strange),
            "voided": describe_voided(visit, shown=shown),
            "held": _off_plan(visit, shown=shown),
        }
    )
    return [
        *(_call(call) for call in found["calls"]),
        *(_voided(group) for group in found["voided"]),
        *(_held(call) for call in found["held"]),
    ]


def _call(call: ToolCall) -> dict[str, Any]:
    unknown = call.state == "unknown"
    return {
        "sign": "is-unknown" if unknown else "is-bad",
        "word": _("outcome unknown") if unknown else _("effect not seen"),
        "text": masked(call.effect_text or call.tool.title),
        "detail": describe_outcome(call)["text"],
        "at": call.created_at,
        "link": reverse("admin:case", args=[call.case.public_id]),
        "act": _("Reconcile in %(case)s") % {"case": call.case.label}
        if unknown
        else _("Open case %(case)s") % {"case": call.case.label},
    }


def _voided(group: Mapping[str, Any]) -> dict[str, Any]:
    found = group["requests"]
    return {
        "sign": "is-off",
        "word": ngettext("%(count)d approval voided", "%(count)d approvals voided", len(found))
        % {"count": len(found)},
        "text": group["reason"] or _("It no longer held."),
        "detail": _("Nothing ran: %(labels)s.")
        % {"labels": ", ".join(each.label for each in found[:5])},
        "at": group["at"],
        "link": reverse("admin:approval", args=[found[0].public_id]),
        "act": _("See %(label)s") % {"label": found[0].label},
    }


def _off_plan(visit: Visit, *, shown: int) -> Reading[list[ToolCall]]:
    """Come to calls of the last day that no ready step asked for and that did not run."""
    noted = yield from read(
        list_entries()
        .filter(kind=STEP_OFF_PLAN, at__gte=visit.now - timedelta(days=1))
        .values_list("subject_id", flat=True)[: shown * shown]
    )
    calls = reads.visible_calls(authority=visit.authority).filter(
        public_id__in=noted, attempts__isnull=True
    )
    return (yield from read(calls.order_by("-pk")[:shown]))


def _held(call: ToolCall) -> dict[str, Any]:
    return {
        "sign": "is-wait",
        "word": _("agent held"),
        "text": _("%(who)s proposed a step outside its cue sheet: %(what)s")
        % {"who": call.requester_label, "what": masked(call.effect_text or call.tool.title)},
        "detail": _("Stopped before it ran."),
        "at": call.created_at,
        "link": reverse("admin:case", args=[call.case.public_id]),
        "act": _("Open case %(case)s") % {"case": call.case.label},
    }
