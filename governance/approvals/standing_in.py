"""Who was let vote in the place of people who may not: read together with the requests."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import (
    Aggregate,
    CharField,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Concat

from governance.access import rules as access
from governance.access.models import Delegation
from governance.access.types import Capability
from governance.approvals.models import ApprovalRequest

#: What a delegation covers that lets somebody vote in another's place.
VOTE_COVERS = (
    str(Capability.APPROVAL_VOTE),
    *sorted(str(role) for role in access.VOTING_ROLES),
)
_NAME = "stand_ins_text"


class _Joined(Aggregate):
    """All values of a group as one text, a space between them; alike on both databases."""

    function = "STRING_AGG"
    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="GROUP_CONCAT", **context)


def with_stand_ins(rows: QuerySet[ApprovalRequest]) -> QuerySet[ApprovalRequest]:
    """Return requests that bring along who stands in for their requester and the barred.

    Every delegation of votes counts that stood at any time after the request was made:
    otherwise a colleague would vote once the delegation is ended.
    """
    given = (
        Delegation.objects.order_by()
        .annotate(barred=Cast(OuterRef("barred"), TextField()))
        .filter(
            Q(giver_key=OuterRef("requester_id")) | Q(barred__contains=F("giver_key")),
            *_standing(OuterRef("created_at")),
        )
        # One group: an aggregate inside of a subquery needs one to belong to.
        .annotate(whole=Value(1))
        .values("whole")
        .annotate(
            joined=_Joined(
                Concat(
                    F("giver_key"),
                    Value("/"),
                    Cast("delegate__public_id", CharField()),
                    output_field=CharField(),
                ),
                Value(" "),
            )
        )
        .values("joined")
    )
    return rows.annotate(**{_NAME: Subquery(given, output_field=TextField())})


def stand_ins_of(request: ApprovalRequest) -> Sequence[tuple[str, str]]:
    """Return the public ids of giver and delegate for a request.

    Without a query where it was read by ``with_stand_ins``.
    """
    if _NAME not in request.__dict__:
        found = with_stand_ins(ApprovalRequest.objects.filter(pk=request.pk))
        request.__dict__[_NAME] = found.values_list(_NAME, flat=True).first()
    pairs = [pair.partition("/") for pair in (request.__dict__[_NAME] or "").split()]
    # One of the databases writes the ids without hyphens.
    return [(giver, str(UUID(delegate))) for giver, _slash, delegate in pairs]


def _standing(moment: Any) -> tuple[Q, ...]:
    return (
        Q(covers__in=VOTE_COVERS),
        Q(until_at__gt=moment),
        Q(ended_at__isnull=True) | (Q(ended_at__gt=moment) & Q(ended_at__gt=F("begins_at"))),
    )
