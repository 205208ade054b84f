"""Which requests a person changed instead of deciding them as they were; reads only."""

from dataclasses import dataclass

from django.db.models import QuerySet

from governance.access.rules import queues_where
from governance.access.types import Authority, Capability
from governance.approvals.figures import Share, share
from governance.approvals.models import ApprovalRequest
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
    mine = wanted.whose is Whose.MINE
    voter = authority.actor.pk if mine and authority.actor.is_human else None
    rows = _rows(authority, wanted).order_by("-pk").values_list("public_id", "subject_id", "state")
    found = list(rows[:MOST])
    editors: dict[str, str] = {}
    for key in edits:
        editors |= edits.get(key).find([subject for _id, subject, _state in found])
    if mine:
        editors = {subject: by for subject, by in editors.items() if by == authority.actor.id}
    edited = [str(id_) for id_, subject, _state in found if subject in editors]
    decided = [id_ for id_, subject, state in found if state in _DECIDED and subject not in editors]
    if mine:
        voted = ApprovalRequest.objects.filter(votes__voter_id=voter, public_id__in=decided)
        total = voted.distinct().count()
    else:
        total = len(decided)
    return Overrides(tuple(edited), share(hits=len(edited), total=total + len(edited)))


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
