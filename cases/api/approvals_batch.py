"""Votes on several equal requests in one act: all of them, or none."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api.approvals import ApprovalOut
from cases.api.examples import BATCH
from governance.access.types import Capability
from governance.api.inputs import Input, valid
from governance.api.permissions import actor_of
from governance.approvals import services
from governance.approvals.batch import LARGEST
from governance.approvals.types import Ballot, RejectReason, VoteChoice
from orchestra.core import clock
from orchestra.core.enums import choices

#: Kinds of reasons to reject, with their titles.
REJECT_REASONS = choices(RejectReason)


class OneOfBatchIn(Input):
    """One request of a batch, with the digests that its vote answers."""

    id = serializers.UUIDField()
    digest = serializers.RegexField(r"^[0-9a-f]{64}$")
    view_digest = serializers.RegexField(r"^[0-9a-f]{64}$")


class BatchVotesIn(Input):
    """One vote on each of several equal requests."""

    vote = serializers.ChoiceField(choices=choices(VoteChoice))
    reason = serializers.CharField(max_length=2_000, required=False, allow_blank=True, default="")
    reason_code = serializers.ChoiceField(
        choices=REJECT_REASONS,
        required=False,
        help_text="Which kind of reason it is; required to reject, with the reason itself.",
    )
    votes = serializers.ListField(child=OneOfBatchIn(), allow_empty=False, max_length=LARGEST)


class BatchVotesOut(serializers.Serializer[object]):
    """The requests as they stand after the votes, in the order of the votes."""

    results = ApprovalOut(many=True)


class BatchVotesView(APIView):
    """Votes on several requests."""

    capability = Capability.APPROVAL_VOTE
    act = "approval.vote_batch"

    @extend_schema(
        operation_id="approvals_vote_batch",
        request=BatchVotesIn,
        responses=BatchVotesOut,
        examples=BATCH,
    )
    def post(self, request: Request) -> Response:
        """Vote on several equal requests: all count, or none does.

        They are of one queue and one tool, one same row of a policy asks for all of them, each
        is at most of medium risk, and needs one vote and no proof of who votes.
        """
        body = valid(BatchVotesIn, request)
        found = services.vote_batch(
            actor=actor_of(request),
            now=clock.now(),
            ballots=[
                (
                    one["id"],
                    Ballot(
                        choice=VoteChoice(body["vote"]),
                        action_digest=one["digest"],
                        view_digest=one["view_digest"],
                        reason=body["reason"],
                        reason_code=RejectReason(body["reason_code"])
                        if "reason_code" in body
                        else None,
                    ),
                )
                for one in body["votes"]
            ],
        )
        return Response(BatchVotesOut({"results": found}).data)
