"""Hand one request to a named person for a time, and take it back."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.api.approvals import ApprovalOut, OneApprovalView
from cases.api.examples import HAND_OVER
from governance.access.types import Capability
from governance.api.inputs import Input, Rfc3339Field, valid
from governance.api.permissions import actor_of
from governance.approvals import services
from orchestra.core import clock


class HandOverIn(Input):
    """To whom, until when, and why."""

    to = serializers.UUIDField(help_text="Id of a person who may vote on it themselves.")
    until = Rfc3339Field(
        required=False, help_text="When it ends by itself; the deadline of the request by default."
    )
    reason = serializers.CharField(max_length=500)


class HandOverView(OneApprovalView):
    """Requests handed to a person."""

    capability = Capability.APPROVAL_VOTE
    act = "approval.hand_over"

    @extend_schema(
        operation_id="approvals_hand_over",
        request=HandOverIn,
        responses=ApprovalOut,
        examples=HAND_OVER,
    )
    def post(self, request: Request, approval_id: UUID) -> Response:
        """Hand a request to a named person for a time; others may still vote."""
        body = valid(HandOverIn, request)
        found = services.hand_over_request(
            actor=actor_of(request),
            now=clock.now(),
            request_id=approval_id,
            to_id=body["to"],
            until_at=body.get("until"),
            reason=body["reason"],
        )
        return Response(ApprovalOut(found).data)


class TakeBackView(OneApprovalView):
    """Requests taken back."""

    capability = Capability.APPROVAL_VOTE
    act = "approval.take_back"

    @extend_schema(operation_id="approvals_take_back", request=None, responses=ApprovalOut)
    def post(self, request: Request, approval_id: UUID) -> Response:
        """Take back a request that the caller handed over."""
        found = services.take_back_request(
            actor=actor_of(request), now=clock.now(), request_id=approval_id
        )
        return Response(ApprovalOut(found).data)
