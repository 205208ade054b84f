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
    digests = {entry.cue for entry in entries if entry.cue}
    return {
        version.digest: spec_of(version)
        for version in CueSheetVersion.objects.filter(digest__in=digests).select_related(
            "cue_sheet"
        )
    }


def tools_of(entries: Iterable[CaseEntry]) -> dict[str, ToolSpec]:
    """Return the tools that entries name, by digest, as far as they are kept: one query."""
    digests = {entry.schema for entry in entries if entry.schema}
    return {
        version.digest: spec_of_version(version)
        for version in ToolVersion.objects.filter(digest__in=digests).select_related("tool")
    }


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


def policies_at(moment: datetime) -> list[InForce]:
    """Return the versions of policies that were in force at a moment: one query."""
    rows = PolicyVersion.objects.filter(published_at__lte=moment).filter(_not_over(moment))
    return [
        InForce(row.policy.key, row.document["title"], row.number, row.published_at)
        for row in rows.select_related("policy").order_by("policy__title")
        if row.published_at is not None
    ]


def tools_at(moment: datetime, names: Collection[str]) -> list[InForce]:
    """Return the versions of some tools that were in force at a moment: one query."""
    rows = ToolVersion.objects.filter(tool__name__in=names, published_at__lte=moment)
    return [
        InForce(row.tool.name, row.document["title"], row.number, row.published_at)
        for row in rows.filter(_not_over(moment)).select_related("tool").order_by("tool__name")
        if row.published_at is not None
    ]


def switched_off_at(moment: datetime, names: Collection[str]) -> list[str]:
    """Return which of some tools were switched off at a moment, by title: one query."""
    rows = ToolDefinition.history.filter(name__in=names, history_date__lte=moment)
    stood: dict[int, tuple[str, bool]] = {}
    for pk, title, enabled in rows.order_by("history_date", "history_id").values_list(
        "id", "title", "enabled"
    ):
        stood[pk] = (title, enabled)
    return sorted(title for title, enabled in stood.values() if not enabled)


def queue_title_at(moment: datetime, key: str) -> str:
    """Return what a queue was called at a moment; its key where that is not kept: one query."""
    rows = Queue.history.filter(key=key, history_date__lte=moment)
    return (
        rows.order_by("-history_date", "-history_id").values_list("title", flat=True).first() or key
    )


def agent_names_at(moment: datetime, ids: Collection[str]) -> dict[str, str]:
    """Return what some AI agents were called at a moment, by public id: one query."""
    rows = AgentIdentity.history.filter(public_id__in=ids, history_date__lte=moment)
    ordered = rows.order_by("history_date", "history_id").values_list("public_id", "name")
    return {str(public_id): name for public_id, name in ordered}


def _not_over(moment: datetime) -> Q:
    return Q(retired_at__isnull=True) | Q(retired_at__gt=moment)


def views_of(approval_ids: Collection[str]) -> dict[str, tuple[bytes, str]]:
    """Return what approvers were shown, with its digest, by the approval's id: one query."""
    rows = ApprovalRequest.objects.filter(public_id__in=approval_ids)
    return {
        str(public_id): (bytes(view), digest)
        for public_id, view, digest in rows.values_list("public_id", "view", "view_digest")
    }


def records_of(decision_ids: Collection[str]) -> dict[str, DecisionRecord]:
    """Return the records of decisions by their public id: one query."""
    rows = DecisionRecord.objects.filter(public_id__in=decision_ids)
    return {str(row.public_id): row for row in rows}
