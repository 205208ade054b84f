"""Reads that only the admin's pages need, over rows of several rooms."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _

from cases.handoff.models import Handoff
from cases.journeys.models import CueSheet, CueSheetVersion, Journey
from cases.journeys.types import JourneyState
from cases.memory.models import Case
from cases.tools.models import Connection, ToolAttempt, ToolCall, ToolDefinition
from cases.tools.types import CallState
from governance.access import selectors as access
from governance.access.types import Authority, Capability
from governance.policies.models import DecisionRecord
from orchestra.core.errors import NotFoundError

#: Kind of subject that decisions on tool calls name.
TOOL_CALL = "tool_call"


def is_customers(text: str) -> Q:
    """Return the condition for cases bound to a customer of a name or reference."""
    return Q(customer__name__icontains=text) | Q(customer__ref=text)


def matches(text: str) -> Combinable | Q:
    """Return the condition for cases that a text names: customer, reference, order, subject."""
    called = ToolCall.objects.filter(case=OuterRef("pk"), effect_text__icontains=text)
    return (
        is_customers(text)
        | Q(claimed_name__icontains=text)
        | Q(external_ref=text)
        | Q(subject__icontains=text)
        | Exists(called)
    )


def attempts_by_call(*, case: Case) -> dict[int, list[ToolAttempt]]:
    """Return the attempts at every call of a case, in one query."""
    found: dict[int, list[ToolAttempt]] = {}
    for attempt in ToolAttempt.objects.filter(call__case=case).order_by("number"):
        found.setdefault(attempt.call_id, []).append(attempt)
    return found


def list_handoffs(*, authority: Authority) -> QuerySet[Handoff]:
    """Return the handoffs of the queues a person may read, newest first."""
    rows = Handoff.objects.select_related("case__customer", "queue", "accepted_by").order_by("-pk")
    queues = access.readable_queue_ids(authority, Capability.CASE_READ)
    return rows if queues is None else rows.filter(queue_id__in=queues)


def list_open_exceptions(*, authority: Authority) -> QuerySet[ToolCall]:
    """Return calls whose outcome is unknown, or whose effect was not seen, newest first."""
    strange = Q(state="unknown") | Q(state="succeeded", confirmed=False)
    return visible_calls(authority=authority).filter(strange).order_by("-pk")


def visible_calls(*, authority: Authority) -> QuerySet[ToolCall]:
    """Return the calls on cases a person may read, with tool and case."""
    rows = ToolCall.objects.select_related("tool", "case__queue", "case__customer")
    queues = access.readable_queue_ids(authority, Capability.CASE_READ)
    return rows if queues is None else rows.filter(case__queue_id__in=queues)


def list_cue_sheets() -> QuerySet[CueSheet]:
    """Return every cue sheet with its versions, newest first, by title."""
    versions = CueSheetVersion.objects.order_by("-number")
    return CueSheet.objects.prefetch_related(Prefetch("versions", queryset=versions))


def count_running(*, version: CueSheetVersion) -> int:
    """Return how many journeys run on a version of a cue sheet."""
    states = [JourneyState.RUNNING, JourneyState.PAUSED]
    return Journey.objects.filter(version=version, state__in=states).count()


def list_tools() -> QuerySet[ToolDefinition]:
    """Return every tool with its connection, by connection and name."""
    return ToolDefinition.objects.select_related("connection").order_by("connection__title", "name")


def count_waiting_calls(*, tool: ToolDefinition) -> int:
    """Return how many calls of a tool wait for a person, or for their execution."""
    waiting = [CallState.AWAITING_APPROVAL, CallState.AWAITING_VERIFICATION, CallState.READY]
    return ToolCall.objects.filter(tool=tool, state__in=waiting, attempt=0).count()


def connection_title(key: str) -> str:
    """Return what a system of record is called, its key where it is gone."""
    return Connection.objects.filter(key=key).values_list("title", flat=True).first() or key


def calls_of(decisions: Iterable[DecisionRecord]) -> dict[int, ToolCall]:
    """Return the tool call each decision was made on, by the decision's key, in one query."""
    subjects = {
        found.pk: found.subject_id for found in decisions if found.subject_kind == TOOL_CALL
    }
    rows = ToolCall.objects.filter(public_id__in=subjects.values()).select_related("tool", "case")
    calls = {str(call.public_id): call for call in rows}
    return {pk: calls[subject] for pk, subject in subjects.items() if subject in calls}


def get_decision(*, decision_id: UUID) -> DecisionRecord:
    """Return a decision by its public id.

    Raises:
        NotFoundError: There is none.
    """
    found = DecisionRecord.objects.filter(public_id=decision_id).first()
    if found is None:
        raise NotFoundError(_("There is no such decision."))
    return found


def find_case(case_id: str) -> Case | None:
    """Return a case by its public id, or None."""
    return Case.objects.filter(public_id=case_id).first()


def list_calls_named(call_ids: Iterable[str]) -> QuerySet[ToolCall]:
    """Return the tool calls of some public ids, as they were proposed, with case and tool."""
    rows = ToolCall.objects.filter(public_id__in=list(call_ids))
    return rows.select_related("case", "tool", "decision").order_by("pk")
