"""Reads that only the admin's pages need, over rows of several rooms."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from cases.handoff.models import Handoff
from cases.journeys.models import CueSheet, CueSheetVersion, Journey
from cases.journeys.types import JourneyState
from cases.memory.models import Case, Customer
from cases.tools.models import Connection, ToolAttempt, ToolCall, ToolDefinition
from cases.tools.types import CallState
from governance.access import selectors as access
from governance.access.types import Authority, Capability
from governance.policies.models import DecisionRecord
from orchestra.core.bounded import COUNTED
from orchestra.core.errors import NotFoundError
from orchestra.core.prepared import Prepared, fill
from orchestra.core.together import Reading, read

#: Kind of subject that decisions on tool calls name.
TOOL_CALL = "tool_call"
#: Letters from which an index of texts is of use.
SHORTEST = 3
#: Cases that are looked through before the indexes are asked.
NEWEST = 2_000


def is_customers(text: str) -> Q:
    """Return the condition for cases bound to a customer of a name or reference."""
    return Q(customer__in=_customers(text))


def search_cases(rows: "QuerySet[Any, Any]", text: str, *, most: int) -> list[Any]:
    """Return the newest cases that a text names: customer, reference, order or subject.

    The newest cases are looked through first, since what many of them say is found there. What
    few say is looked up in the indexes of texts, which know no text shorter than ``SHORTEST``:
    such a one is found among the newest, or where it is a whole reference.

    Args:
        rows: The cases that may be seen, newest first: as models, or as values with their ``pk``.
        text: What is looked for.
        most: How many at most.
    """
    newest = rows.values("pk")[:NEWEST]
    found = list(rows.filter(pk__in=_named_among(newest, text))[:most])
    if len(found) == most:
        return found
    # A short text is known to no index, so what was found among the newest stays.
    every = {case.pk: case for case in (*found, *rows.filter(pk__in=_named(text))[:most])}
    return sorted(every.values(), key=lambda case: -case.pk)[:most]


def _named_among(newest: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Return the keys of those of some cases that a text names."""
    said = (
        Q(customer__name__icontains=text)
        | Q(customer__ref=text)
        | Q(claimed_name__icontains=text)
        | Q(external_ref=text)
        | Q(subject__icontains=text)
    )
    calls = ToolCall.objects.filter(case__in=newest, effect_text__icontains=text)
    return Case.objects.filter(said, pk__in=newest).values("pk").union(calls.values("case_id"))


def _named(text: str) -> QuerySet[Any]:
    """Return the keys of the cases that a text names, each way of naming by an index of its own."""
    own = Q(external_ref=text)
    theirs = Case.objects.filter(is_customers(text)).values("pk")
    if len(text) < SHORTEST:
        return Case.objects.filter(own).values("pk").union(theirs)
    own |= Q(claimed_name__icontains=text) | Q(subject__icontains=text)
    calls = ToolCall.objects.filter(effect_text__icontains=text).values("case_id")
    return Case.objects.filter(own).values("pk").union(theirs, calls)


def _customers(text: str) -> QuerySet[Customer]:
    named = Q(ref=text)
    if len(text) >= SHORTEST:
        named |= Q(name__icontains=text)
    return Customer.objects.filter(named)


def list_attempts(*, case: Case) -> QuerySet[ToolAttempt]:
    """Return the attempts at every call of a case, in their order."""
    return ToolAttempt.objects.filter(call__case=case).order_by("number")


def by_call(attempts: Iterable[ToolAttempt]) -> dict[int, list[ToolAttempt]]:
    """Return attempts by the internal key of their call."""
    found: dict[int, list[ToolAttempt]] = {}
    for attempt in attempts:
        found.setdefault(attempt.call_id, []).append(attempt)
    return found


def list_handoffs(*, authority: Authority) -> QuerySet[Handoff]:
    """Return the handoffs of the queues a person may read, newest first, to be read as lines."""
    rows = Handoff.objects.order_by("-pk")
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
    """Return how many journeys run on a version of a cue sheet, counted up to ``COUNTED``."""
    states = [JourneyState.RUNNING, JourneyState.PAUSED]
    return Journey.objects.filter(version=version, state__in=states)[:COUNTED].count()


def list_tools() -> QuerySet[ToolDefinition]:
    """Return every tool with its connection, by connection and name."""
    return ToolDefinition.objects.select_related("connection").order_by("connection__title", "name")


def count_waiting_calls(*, tool: ToolDefinition) -> int:
    """Return how many calls of a tool wait for a person, or for their execution.

    They are counted up to ``COUNTED``.
    """
    waiting = [CallState.AWAITING_APPROVAL, CallState.AWAITING_VERIFICATION, CallState.READY]
    return ToolCall.objects.filter(tool=tool, state__in=waiting, attempt=0)[:COUNTED].count()


def connection_title(key: str) -> str:
    """Return what a system of record is called, its key where it is gone."""
    return Connection.objects.filter(key=key).values_list("title", flat=True).first() or key


def calls_of(decisions: Iterable[DecisionRecord]) -> dict[int, ToolCall]:
    """Return the tool call each decision was made on, by the decision's key, in one query."""
    return _by_decision(decisions, _CALLS)


def calls_in_brief(decisions: Iterable[DecisionRecord]) -> dict[int, ToolCall]:
    """Return the same with what a row of a list shows of a call, its tool and its case only."""
    return _by_decision(decisions, _CALLS_IN_BRIEF)


def reading_calls_of(decisions: Iterable[DecisionRecord]) -> Reading[dict[int, ToolCall]]:
    """Come to the tool call each decision was made on, as ``calls_of`` returns it."""
    subjects = _subjects_of(decisions)
    return _calls_of(subjects, (yield from read(_with_tool_and_case(list(subjects.values())))))


def _by_decision(
    decisions: Iterable[DecisionRecord], prepared: Prepared[ToolCall]
) -> dict[int, ToolCall]:
    subjects = _subjects_of(decisions)
    if not subjects:
        return {}
    return _calls_of(subjects, prepared.rows(fill(list(subjects.values()))))


def _subjects_of(decisions: Iterable[DecisionRecord]) -> dict[int, UUID]:
    return {
        found.pk: UUID(found.subject_id) for found in decisions if found.subject_kind == TOOL_CALL
    }


def _calls_of(subjects: Mapping[int, UUID], found: Iterable[ToolCall]) -> dict[int, ToolCall]:
    calls = {call.public_id: call for call in found}
    return {pk: calls[subject] for pk, subject in subjects.items() if subject in calls}


def _with_tool_and_case(ids: list[UUID]) -> QuerySet[ToolCall]:
    return ToolCall.objects.filter(public_id__in=ids).select_related("tool", "case")


_CALLS: Prepared[ToolCall] = Prepared(_with_tool_and_case)
_CALLS_IN_BRIEF: Prepared[ToolCall] = Prepared(
    lambda ids: _with_tool_and_case(ids).only(
        "public_id",
        "effect_text",
        "requester_kind",
        "requester_label",
        "tool__title",
        "tool__risk",
        "case__public_id",
        "case__queue_id",
    )
)


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
