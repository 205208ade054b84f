"""Reads what playing a case back rests on: its record, and versions that never change."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from cases.journeys.models import CueSheetVersion
from cases.journeys.selectors import spec_of
from cases.journeys.types import CueSheetSpec
from cases.memory.models import Case
from cases.memory.types import CaseEntry
from cases.tools.models import ToolDefinition, ToolVersion
from cases.tools.selectors import spec_of_version
from cases.tools.types import ToolSpec
from governance.access.models import AgentIdentity, Queue
from governance.approvals.models import ApprovalRequest
from governance.policies.models import DecisionRecord, PolicyVersion
from governance.policies.replay import RecordError, read_record

Json = Any
_NUMBER = re.compile(r"[0-9]{1,18}")


def plans_of(entries: Iterable[CaseEntry]) -> dict[str, CueSheetSpec]:
    """Return the cue sheets that entries name, by digest, as far as they are kept: one query."""
    return as_plans(plan_versions(entries))


def plan_versions(entries: Iterable[CaseEntry]) -> QuerySet[CueSheetVersion]:
    """Return the rows of ``plans_of``."""
    digests = {entry.cue for entry in entries if entry.cue}
    return CueSheetVersion.objects.filter(digest__in=digests).select_related("cue_sheet")


def as_plans(versions: Iterable[CueSheetVersion]) -> dict[str, CueSheetSpec]:
    """Return cue sheets by digest."""
    return {version.digest: spec_of(version) for version in versions}


def tools_of(entries: Iterable[CaseEntry]) -> dict[str, ToolSpec]:
    """Return the tools that entries name, by digest, as far as they are kept: one query."""
    return as_tools(tool_versions(entries))


def tool_versions(entries: Iterable[CaseEntry]) -> QuerySet[ToolVersion]:
    """Return the rows of ``tools_of``."""
    digests = {entry.schema for entry in entries if entry.schema}
    return ToolVersion.objects.filter(digest__in=digests).select_related("tool")


def as_tools(versions: Iterable[ToolVersion]) -> dict[str, ToolSpec]:
    """Return tools by digest."""
    return {version.digest: spec_of_version(version) for version in versions}


def facts_by_decision(entries: Sequence[CaseEntry]) -> dict[str, Mapping[str, Json]]:
    """Return what each decision of a case saw, by its public id: one query."""
    ids = {
        str(entry.payload["decision"])
        for entry in entries
        if entry.kind.startswith("decision.") and entry.payload is not None
    }
    found: dict[str, Mapping[str, Json]] = {}
    for row in DecisionRecord.objects.filter(public_id__in=ids):
        try:
            found[str(row.public_id)] = read_record(bytes(row.body)).facts.values
        except RecordError:
            continue
    return found


def find_by_label(label: str) -> Case | None:
    """Return the case that people call so, such as C-12; None where there is none."""
    number = label.strip().upper().removeprefix("C-")
    return Case.objects.filter(pk=int(number)).first() if _NUMBER.fullmatch(number) else None


def list_cases_between(
    *, since: datetime | None = None, until: datetime | None = None
) -> QuerySet[Case]:
    """Return the cases that were opened in a span, oldest first.

    Args:
        since: First moment; None for the beginning.
        until: The moment after the last; None for now.
    """
    rows = Case.objects.order_by("pk")
    if since is not None:
        rows = rows.filter(opened_at__gte=since)
    return rows.filter(opened_at__lt=until) if until is not None else rows


@dataclass(frozen=True, slots=True)
class InForce:
    """One version that was in force at a moment.

    Attributes:
        since: When it was put into force.
    """

    key: str
    title: str
    number: int
    since: datetime


def policies_at(moment: datetime) -> QuerySet[PolicyVersion]:
    """Return the versions of policies that were in force at a moment, by title."""
    rows = PolicyVersion.objects.filter(published_at__lte=moment).filter(_not_over(moment))
    return rows.select_related("policy").order_by("policy__title")


def as_policies(rows: Iterable[PolicyVersion]) -> list[InForce]:
    """Return versions of policies as the page names them."""
    return [
        InForce(row.policy.key, row.document["title"], row.number, row.published_at)
        for row in rows
        if row.published_at is not None
    ]


def tools_at(moment: datetime, names: Collection[str]) -> QuerySet[ToolVersion]:
    """Return the versions of some tools that were in force at a moment, by name."""
    rows = ToolVersion.objects.filter(tool__name__in=names, published_at__lte=moment)
    return rows.filter(_not_over(moment)).select_related("tool").order_by("tool__name")


def as_tools_in_force(rows: Iterable[ToolVersion]) -> list[InForce]:
    """Return versions of tools as the page names them."""
    return [
        InForce(row.tool.name, row.document["title"], row.number, row.published_at)
        for row in rows
        if row.published_at is not None
    ]


def switches_until(moment: datetime, names: Collection[str]) -> QuerySet[Any, Any]:
    """Return key, title and switch of some tools at each change until a moment, oldest first."""
    rows = ToolDefinition.history.filter(name__in=names, history_date__lte=moment)
    columns: QuerySet[Any, Any] = rows.order_by("history_date", "history_id").values_list(
        "id", "title", "enabled"
    )
    return columns


def switched_off(rows: Iterable[tuple[int, str, bool]]) -> list[str]:
    """Return which tools are switched off after all of some changes, by title."""
    stood: dict[int, tuple[str, bool]] = {}
    for pk, title, enabled in rows:
        stood[pk] = (title, enabled)
    return sorted(title for title, enabled in stood.values() if not enabled)


def queue_titles_at(moment: datetime, key: str) -> QuerySet[Any, str]:
    """Return what a queue was called at a moment: one row, none where that is not kept."""
    rows = Queue.history.filter(key=key, history_date__lte=moment)
    titles: QuerySet[Any, str] = rows.order_by("-history_date", "-history_id").values_list(
        "title", flat=True
    )
    return titles[:1]


def agents_until(moment: datetime, ids: Collection[str]) -> QuerySet[Any, Any]:
    """Return the public id and name of some AI agents at each change until a moment."""
    rows = AgentIdentity.history.filter(public_id__in=ids, history_date__lte=moment)
    columns: QuerySet[Any, Any] = rows.order_by("history_date", "history_id").values_list(
        "public_id", "name"
    )
    return columns


def _not_over(moment: datetime) -> Q:
    return Q(retired_at__isnull=True) | Q(retired_at__gt=moment)


def views_of(approval_ids: Collection[str]) -> QuerySet[ApprovalRequest, Any]:
    """Return the public id of some approvals, what approvers were shown, and its digest."""
    rows = ApprovalRequest.objects.filter(public_id__in=approval_ids)
    return rows.values_list("public_id", "view", "view_digest")


def records_of(decision_ids: Collection[str]) -> QuerySet[DecisionRecord]:
    """Return the records of some decisions."""
    return DecisionRecord.objects.filter(public_id__in=decision_ids)
