"""Propose, approve, read: three views as one writes them without a governance layer."""

import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from rest_framework import serializers, status
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from benchmarks.plain.models import Approval, AuditRow, Case, ToolCall, Vote
from benchmarks.plain.tasks import execute

MIN_CONFIDENCE = 0.8
ENDS = ("succeeded", "failed")
LOOK_SECONDS = 0.02
#: Rows by INSERT, beside the call and the request for approval: the key, the decision, and the
#: entries of the ledger with their payloads.
INSERTED_BESIDE = (1, 1, 3, 3)
LONGEST_WAIT_SECONDS = 25.0


class CallIn(serializers.Serializer[object]):
    """A proposal."""

    tool = serializers.CharField(max_length=100)
    arguments = serializers.DictField()
    confidence = serializers.FloatField(min_value=0, max_value=1)


class VoteIn(serializers.Serializer[object]):
    """A yes."""

    reason = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class CallOut(serializers.ModelSerializer[ToolCall]):
    """A call with its approval."""

    approval = serializers.UUIDField(source="approval.id", default=None)

    class Meta:
        model = ToolCall
        fields = ["id", "case", "tool", "arguments", "state", "result", "approval", "created_at"]


class CallsView(APIView):
    """Calls of a case."""

    def post(self, request: Request, case_id: UUID) -> Response:
        """Propose a call; an unsure one waits for a person."""
        body = CallIn(data=request.data)
        body.is_valid(raise_exception=True)
        case = get_object_or_404(Case, pk=case_id)
        unsure = body.validated_data["confidence"] < MIN_CONFIDENCE
        with transaction.atomic():
            call = ToolCall.objects.create(
                case=case,
                requester=request.user,
                state="awaiting_approval" if unsure else "approved",
                **body.validated_data,
            )
            note(request.user, call, "call.proposed", {"arguments": call.arguments})
            if unsure:
                Approval.objects.create(call=call)
                note(request.user, call, "approval.requested", {"confidence": call.confidence})
            else:
                transaction.on_commit(lambda: execute.delay(str(call.pk)))
        return Response(CallOut(call).data, status=status.HTTP_202_ACCEPTED)


class BareView(APIView):
    """What a proposal of ours inserts, without anything else that it does."""

    def post(self, request: Request, case_id: UUID) -> Response:
        """Insert as many rows, in as many statements, in one transaction."""
        body = CallIn(data=request.data)
        body.is_valid(raise_exception=True)
        case = get_object_or_404(Case, pk=case_id)
        with transaction.atomic():
            call = ToolCall.objects.create(
                case=case, requester=request.user, state="awaiting", **body.validated_data
            )
            Approval.objects.create(call=call)
            for rows in INSERTED_BESIDE:
                AuditRow.objects.bulk_create(
                    AuditRow(case=case, actor="agent", kind="bare", detail=call.arguments)
                    for _row in range(rows)
                )
        return Response(CallOut(call).data, status=status.HTTP_202_ACCEPTED)


class CallView(APIView):
    """One call."""

    def get(self, request: Request, call_id: UUID) -> Response:
        """Return the call; ``wait`` holds the answer until it is over."""
        wait = min(float(request.query_params.get("wait", 0)), LONGEST_WAIT_SECONDS)
        ends = time.monotonic() + wait
        while True:
            call = get_object_or_404(ToolCall.objects.select_related("approval"), pk=call_id)
            if call.state in ENDS or time.monotonic() >= ends:
                return Response(CallOut(call).data)
            time.sleep(LOOK_SECONDS)


class ApproveView(APIView):
    """Approvals."""

    def post(self, request: Request, approval_id: UUID) -> Response:
        """Approve a call that someone else proposed, and let it run."""
        body = VoteIn(data=request.data)
        body.is_valid(raise_exception=True)
        with transaction.atomic():
            approval = get_object_or_404(
                Approval.objects.select_for_update(of=["self"]).select_related("call__case"),
                pk=approval_id,
            )
            call = approval.call
            if approval.state != "pending":
                raise ValidationError({"state": [f"This approval is {approval.state}."]})
            if call.requester_id == request.user.pk:
                raise PermissionDenied("Nobody approves what they proposed.")
            Vote.objects.create(approval=approval, voter=request.user, **body.validated_data)
            note(request.user, call, "approval.voted", dict(body.validated_data))
            approval.state, approval.decided_at = "approved", datetime.now(UTC)
            approval.save(update_fields=["state", "decided_at"])
            note(request.user, call, "approval.granted", {"approval": str(approval.pk)})
            transaction.on_commit(lambda: execute.delay(str(call.pk)))
        return Response({"id": approval.pk, "state": approval.state})


def note(user: User, call: ToolCall, kind: str, detail: dict[str, Any]) -> None:
    """Write one line of the audit."""
    AuditRow.objects.create(
        case=call.case, actor=user.username, kind=kind, detail={"call": str(call.pk), **detail}
    )


def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that the server is up."""
    del request
    return HttpResponse("ok")
