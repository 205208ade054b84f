"""What the page of an approval shows beside the request, read in one statement."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from cases.admin.approvals import SUBJECT
from cases.memory import selectors as memory
from cases.memory.models import Case
from cases.memory.types import TimelineItem
from cases.tools import selectors as tools
from cases.tools.models import ToolCall
from governance.admin.visit import Visit
from governance.approvals import inbox, selectors
from governance.approvals.inbox_query import InboxQuery
from governance.approvals.models import ApprovalRequest
from governance.approvals.types import ApprovalState
from governance.ledger.selectors import list_stream, list_streams
from governance.switches.models import Stop
from governance.switches.selectors import in_force
from orchestra.core.together import read_together

Around = QuerySet[ApprovalRequest, tuple[int, int, UUID | None, UUID | None]]


@dataclass(frozen=True, slots=True)
class ApprovalRead:
    """What the page of a request shows beside it.

    Attributes:
        calls: The call it is about, where the visitor may see it.
        entries: The entries of its case, in order; to be shown to who may see the call.
        absorbed: The cases that its case took in, likewise.
        stops: Every stop in force, for a request that waits.
        around: Where it stands in the view that the visitor came from; None where that is
            not shown.
    """

    calls: QuerySet[ToolCall]
    entries: QuerySet[Any]
    absorbed: QuerySet[Case]
    stops: QuerySet[Stop]
    around: Around | None

    @property
    def call(self) -> ToolCall | None:
        """The call it is about, or None."""
        return next(iter(self.calls), None)


def read_approval(found: ApprovalRequest, visit: Visit, query: InboxQuery | None) -> ApprovalRead:
    """Return what stands beside a request, and give the request its votes: one statement.

    Args:
        found: The request, without its votes.
        visit: Who looks.
        query: The view of the inbox that they came from; None where from elsewhere.
    """
    waits = found.state == ApprovalState.PENDING
    is_call = found.subject_kind == SUBJECT
    calls = tools.list_call(authority=visit.authority, call_id=found.subject_id)
    entries, absorbed = list_stream(stream=found.stream), _absorbed(found)
    stops, votes = in_force(), selectors.votes_on(found)
    around = (
        inbox.around(
            authority=visit.authority, now=visit.now, request=found, query=query or InboxQuery()
        )
        if waits or query
        else None
    )
    read = ApprovalRead(
        calls=calls if is_call else calls.none(),
        entries=entries if is_call else entries.none(),
        absorbed=absorbed if is_call else absorbed.none(),
        stops=stops if waits else stops.none(),
        around=around,
    )
    read_together(votes, read.calls, read.entries, read.absorbed, read.stops, read.around)
    selectors.give_votes([found], votes)
    return read


def timeline_of(read: ApprovalRead, visit: Visit) -> list[TimelineItem]:
    """Return what happened in the case of a call that the visitor may see, oldest first.

    No query, one where the case took others in.
    """
    absorbed = {one.stream: one.label for one in read.absorbed}
    theirs = list_streams(streams=absorbed) if absorbed else ()
    return memory.as_timeline(
        authority=visit.authority,
        entries=sorted([*read.entries, *theirs], key=lambda entry: entry.pk),
        absorbed=absorbed,
    )


def _absorbed(found: ApprovalRequest) -> QuerySet[Case]:
    return Case.objects.filter(merged_into__public_id=found.case_public_id).order_by("pk")
