"""What the page of a case at a past moment shows beside the record, read in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from cases.journeys.models import CueSheetVersion
from cases.memory.types import CaseEntry
from cases.playback import selectors
from cases.playback.fold import state_after
from cases.tools.models import ToolVersion
from governance.access_reviews.past import PastRows, rows_at
from governance.approvals.models import ApprovalRequest
from governance.ledger.names import last_by
from governance.policies.models import DecisionRecord, PolicyVersion
from orchestra.core.together import read_together


@dataclass(frozen=True, slots=True)
class PlaybackRead:
    """What stands beside the record of a case at a moment.

    Attributes:
        sheets: The versions of cue sheets that its entries name.
        versions: The versions of tools that its entries name.
        records: The records of its decisions.
        views: What approvers were shown, by the approval.
        policies: The versions of policies that were in force.
        tools: The versions of its tools that were in force.
        switches: The changes of the switches of its tools until then.
        titles: What its queue was called.
        last: The key of the last entry by then.
        past: What the authority of the moment is made out from.
    """

    sheets: QuerySet[CueSheetVersion]
    versions: QuerySet[ToolVersion]
    records: QuerySet[DecisionRecord]
    views: QuerySet[ApprovalRequest, Any]
    policies: QuerySet[PolicyVersion]
    tools: QuerySet[ToolVersion]
    switches: QuerySet[Any, Any]
    titles: QuerySet[Any, str]
    last: QuerySet[Any, int]
    past: PastRows


def read_playback(before: Sequence[CaseEntry], moment: datetime) -> PlaybackRead | None:
    """Return what stands beside the record of a case: one statement.

    Args:
        before: The entries of the case until then.
        moment: The moment.

    Returns:
        None where there was no case yet.
    """
    # What cue sheets say names the steps, and nothing of what is read here.
    then = state_after(before, {})
    if then is None:
        return None
    names = {one.tool for one in then.calls}
    read = PlaybackRead(
        sheets=selectors.plan_versions(before),
        versions=selectors.tool_versions(before),
        records=selectors.records_of({one.id for one in then.decisions if one.id}),
        views=selectors.views_of({one.id for one in then.approvals}),
        policies=selectors.policies_at(moment),
        tools=selectors.tools_at(moment, names),
        switches=selectors.switches_until(moment, names),
        titles=selectors.queue_titles_at(moment, then.queue),
        last=last_by(moment),
        past=rows_at(moment),
    )
    beside = [getattr(read, one.name) for one in fields(read) if one.name != "past"]
    read_together(*beside, *read.past.lists())
    return read
