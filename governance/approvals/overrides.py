"""Which requests a person changed instead of deciding them as they were; reads only."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet, Value

from governance.access.rules import queues_where
from governance.access.types import Authority, Capability
from governance.approvals.figures import Share, share
from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.approvals.quality_rows import MOST, Wanted, Whose
from governance.approvals.registry import edits
from governance.approvals.types import VIGILANCE, ApprovalState

_DECIDED = (ApprovalState.GRANTED, ApprovalState.REJECTED, ApprovalState.USED)


@dataclass(frozen=True, slots=True)
class Overrides:
    """Requests that were edited, and how many that is of those that people dealt with.

    Attributes:
        edited: Public ids, newest first.
        share: Of all that were decided or edited.
    """

    edited: tuple[str, ...]
    share: Share


def overrides(*, authority: Authority, wanted: Wanted) -> Overrides:
    """Return the requests of a span that were edited: one query, and one for each source.

    A person's own are those they voted on or edited; who oversees approvals sees those of the
    queues they may read.
    """
    editors: dict[str, str] = {}
    for key in edits:
        editors |= edits.get(key).find(wanted.since)
    if wanted.whose is Whose.MINE:
        editors = {subject: by for subject, by in editors.items() if by == authority.actor.id}
    rows = (
        _rows(authority, wanted).order_by("-pk").annotate(is_theirs=_is_theirs(authority, wanted))
    )
    columns = rows.values_list("public_id", "subject_id", "state", "is_theirs")
    edited: list[str] = []
    others = 0
    for public_id, subject, state, is_theirs in columns[:MOST]:
        if subject in editors:
            edited.append(str(public_id))
        elif is_theirs and state in _DECIDED:
            others += 1
    return Overrides(tuple(edited), share(hits=len(edited), total=others + len(edited)))


def _is_theirs(authority: Authority, wanted: Wanted) -> Exists | Value:
    """Return whether a request is of those that are told of, where it was not edited."""
    if wanted.whose is Whose.QUEUES:
        return Value(True)  # noqa: FBT003  every one of the queues
    voter = authority.actor.pk if authority.actor.is_human else None
    return Exists(ApprovalVote.objects.filter(request_id=OuterRef("pk"), voter_id=voter))


def _rows(authority: Authority, wanted: Wanted) -> QuerySet[ApprovalRequest]:
    rows = ApprovalRequest.objects.filter(created_at__gte=wanted.since).exclude(
        subject_kind=VIGILANCE
    )
    capability = (
        Capability.APPROVAL_READ if wanted.whose is Whose.MINE else Capability.APPROVAL_OVERSEE
    )
    queues = queues_where(authority, capability)
    rows = rows if queues is None else rows.filter(queue_id__in=queues)
    if wanted.queue:
        rows = rows.filter(queue__key=wanted.queue)
    return rows.filter(risk=wanted.risk) if wanted.risk else rows
