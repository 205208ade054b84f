"""The inbox and the votes; what is shown is the stored view, byte for byte."""

import json
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api.memory import valid
from governance.access.types import Capability
from governance.api.permissions import actor_of, authority_of
from governance.approvals import selectors, services
from governance.approvals.models import ApprovalRequest
from governance.approvals.types import Ballot, VoteChoice
from orchestra.core import clock
from orchestra.core.enums import choices


class VoteIn(serializers.Serializer[object]):
    """A vote on exactly what the voter was shown."""

    vote = serializers.ChoiceField(choices=choices(VoteChoice))
    digest = serializers.RegexField(r"^[0-9a-f]{64}$")
    view_digest = serializers.RegexField(r"^[0-9a-f]{64}$")
    reason = serializers.CharField(max_length=2_000, required=False, allow_blank=True, default="")


class ApprovalOut(serializers.Serializer[object]):
    """A request for approval; ``name`` is what people call it, such as AP-12."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField(source="label")
    state = serializers.CharField()
    queue = serializers.CharField(source="queue.key")
    case = serializers.CharField(source="case_public_id")
    title = serializers.CharField()
    detail = serializers.CharField()
    risk = serializers.CharField()
    amount_minor = serializers.IntegerField(allow_null=True)
    currency = serializers.CharField()
    digest = serializers.CharField(source="action_digest")
    view_digest = serializers.CharField()
    votes_needed = serializers.IntegerField()
    deadline_at = serializers.DateTimeField()
    execute_by_at = serializers.DateTimeField(allow_null=True)
    ended_reason = serializers.CharField()
    created_at = serializers.DateTimeField()


class ApprovalDetailOut(ApprovalOut):
    """A request with what the voter is shown."""

    view = serializers.SerializerMethodField()

    def get_view(self, approval: ApprovalRequest) -> dict[str, Any]:
        """Return the stored view."""
        return dict(json.loads(bytes(approval.view)))


class ApprovalsView(APIView):
    """The inbox."""

    capability = Capability.APPROVAL_READ
    act = "approval.read"

    @extend_schema(operation_id="approvals_list", responses=ApprovalOut(many=True))
    def get(self, request: Request) -> Response:
        """List what waits, in the caller's queues, newest first."""
        found = selectors.list_inbox(authority=authority_of(request))
        paginator = self.settings.DEFAULT_PAGINATION_CLASS()
        page = paginator.paginate_queryset(found, request, view=self)
        answer: Response = paginator.get_paginated_response(ApprovalOut(page, many=True).data)
        return answer


class ApprovalView(APIView):
    """One request."""

    capability = Capability.APPROVAL_READ
    act = "approval.read"

    @extend_schema(operation_id="approvals_read", responses=ApprovalDetailOut)
    def get(self, request: Request, approval_id: UUID) -> Response:
        """Return the request with what a voter is shown."""
        found = selectors.get_request(authority=authority_of(request), request_id=approval_id)
        return Response(ApprovalDetailOut(found).data)


class VoteView(APIView):
    """Votes."""

    capability = Capability.APPROVAL_READ
    act = "approval.vote"

    @extend_schema(operation_id="approvals_vote", request=VoteIn, responses=ApprovalOut)
    def post(self, request: Request, approval_id: UUID) -> Response:
        """Vote; the digests must be those of what stands now."""
        body = valid(VoteIn, request)
        found = services.cast_vote(
            actor=actor_of(request),
            now=clock.now(),
            request_id=approval_id,
            ballot=Ballot(
                choice=VoteChoice(body["vote"]),
                action_digest=body["digest"],
                view_digest=body["view_digest"],
                reason=body["reason"],
                proof=None,
            ),
        )
        return Response(ApprovalOut(found).data)


class ClaimView(APIView):
    """Claims."""

    capability = Capability.APPROVAL_VOTE
    act = "approval.claim"

    @extend_schema(operation_id="approvals_claim", request=None, responses=ApprovalOut)
    def post(self, request: Request, approval_id: UUID) -> Response:
        """Say that the caller is looking at it; others may still vote."""
        found = services.claim_request(
            actor=actor_of(request), now=clock.now(), request_id=approval_id
        )
        return Response(ApprovalOut(found).data)


class ReleaseView(APIView):
    """Claims given back."""

    capability = Capability.APPROVAL_VOTE
    act = "approval.release"

    @extend_schema(operation_id="approvals_release", request=None, responses=ApprovalOut)
    def post(self, request: Request, approval_id: UUID) -> Response:
        """Give the claim back."""
        found = services.release_request(
            actor=actor_of(request), now=clock.now(), request_id=approval_id
        )
        return Response(ApprovalOut(found).data)
