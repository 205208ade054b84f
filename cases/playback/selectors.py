"""Reads what playing a case back rests on: its record, and versions that never change."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from cases.journeys.models import CueSheetVersion
from cases.journeys.selectors import spec_of
from cases.journeys.types import CueSheetSpec
from cases.memory.models import Case
from cases.memory.types import CaseEntry
from cases.tools.models import ToolVersion
from cases.tools.selectors import spec_of_version
from cases.tools.types import ToolSpec
from governance.policies.models import DecisionRecord
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
