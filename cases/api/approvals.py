"""The inbox and the votes; what is shown is the stored view, byte for byte."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api.masking import MaskedReads
from governance.access.lockout import answer_elsewhere
from governance.access.proof import find_proof, method_of, prove
from governance.access.types import Capability
from governance.api.inputs import Input, valid
from governance.api.pages import PAGE_PARAMETERS, answer_page, page_of
from governance.api.permissions import Reach, actor_of, authority_of
from governance.api.step_up import not_proved, with_way_to_prove
from governance.approvals import selectors, services
from governance.approvals.models import ApprovalRequest
from governance.approvals.types import VIGILANCE, Ballot, RejectReason, VoteChoice
from orchestra.core import clock
from orchestra.core.enums import choices
from orchestra.core.errors import NotPermittedError


class StepUpIn(Input):
    """What proves who is signed in; it is stored nowhere.

    The code of the authenticator app where the person has a second factor, else the password.
    """

    password = serializers.CharField(
        max_length=200, trim_whitespace=False, required=False, default=""
    )
    code = serializers.CharField(max_length=12, required=False, default="")


class StepUpOut(serializers.Serializer[object]):
    """The proof, and until when it counts."""

    method = serializers.CharField()
    at = serializers.DateTimeField()
    valid_until = serializers.DateTimeField()


class VoteIn(Input):
    """A vote on exactly what the voter was shown."""

    vote = serializers.ChoiceField(choices=choices(VoteChoice))
    digest = serializers.RegexField(r"^[0-9a-f]{64}$")
    view_digest = serializers.RegexField(r"^[0-9a-f]{64}$")
    reason = serializers.CharField(max_length=2_000, required=False, allow_blank=True, default="")
    reason_code = serializers.ChoiceField(
        choices=choices(RejectReason),
        required=False,
        help_text="Which kind of reason it is; required to reject, with the reason itself.",
    )


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
    roles = serializers.ListField(
        child=serializers.CharField(),
        help_text="Roles whose holders may vote; empty for every role that votes.",
    )
    step_up = serializers.BooleanField(
        help_text="Whether a vote needs a proof of who votes that is younger than five minutes."
    )
    deadline_at = serializers.DateTimeField()
    execute_by_at = serializers.DateTimeField(allow_null=True)
    ended_reason = serializers.CharField()
    handed_to = serializers.UUIDField(
        source="handed_to.public_id",
        default=None,
        allow_null=True,
        help_text="Id of the person it is handed to, until handed_until_at; others may vote too.",
    )
    handed_by = serializers.UUIDField(source="handed_by.public_id", default=None, allow_null=True)
    handed_until_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class ApprovalDetailOut(ApprovalOut):
    """A request with what the voter is shown."""

    view = serializers.SerializerMethodField()

    def get_view(self, approval: ApprovalRequest) -> dict[str, Any]:
        """Return the stored view."""
        return dict(json.loads(bytes(approval.view)))


class ApprovalsView(MaskedReads):
    """The inbox."""

    capability = Capability.APPROVAL_READ
    act = "approval.read"

    @extend_schema(
        operation_id="approvals_list", parameters=PAGE_PARAMETERS, responses=page_of(ApprovalOut)
    )
    def get(self, request: Request) -> Response:
        """List what waits, in the caller's queues, newest first."""
        found = selectors.list_inbox(authority=authority_of(request))
        return answer_page(self, request, found, ApprovalOut)


class OneApprovalView(MaskedReads):
    """Base of every view on one request."""

    def reach(self, request: Request) -> Reach:
        """Return the case of the request.

        Raises:
            NotFoundError: The caller may not see it.
        """
        found = selectors.get_request(
            authority=authority_of(request), request_id=self.kwargs["approval_id"]
        )
        is_test = found.subject_kind == VIGILANCE
        return Reach("" if is_test else found.case_public_id, found.queue_id)


class ApprovalView(OneApprovalView):
    """One request."""

    capability = Capability.APPROVAL_READ
    act = "approval.read"

    @extend_schema(operation_id="approvals_read", responses=ApprovalDetailOut)
    def get(self, request: Request, approval_id: UUID) -> Response:
        """Return the request with what a voter is shown."""
        found = selectors.get_request(authority=authority_of(request), request_id=approval_id)
        return Response(ApprovalDetailOut(found).data)


class VoteView(OneApprovalView):
    """Votes."""

    capability = Capability.APPROVAL_READ
    act = "approval.vote"
    answers_in_act = True

    @extend_schema(operation_id="approvals_vote", request=VoteIn, responses=ApprovalOut)
    def post(self, request: Request, approval_id: UUID) -> Response:
        """Vote; the digests must be those of what stands now."""
        body = valid(VoteIn, request)
        ballot = Ballot(
            choice=VoteChoice(body["vote"]),
            action_digest=body["digest"],
            view_digest=body["view_digest"],
            reason=body["reason"],
            reason_code=RejectReason(body["reason_code"]) if "reason_code" in body else None,
            proof=find_proof(request._request),  # noqa: SLF001  DRF keeps Django's request there
        )
        try:
            found = services.cast_vote(
                actor=actor_of(request), now=clock.now(), request_id=approval_id, ballot=ballot
            )
        except NotPermittedError as error:
            raise with_way_to_prove(error) from error
        return Response(ApprovalOut(found).data)


class ClaimView(OneApprovalView):
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


class ReleaseView(OneApprovalView):
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


class StepUpView(APIView):
    """Proofs of who is at the screen."""

    capability = (Capability.APPROVAL_VOTE, Capability.CHANGE_REVIEW)
    act = "approval.step_up"

    @extend_schema(operation_id="step_up", request=StepUpIn, responses=StepUpOut)
    def post(self, request: Request) -> Response:
        """Prove again who you are; the votes of this session count for five minutes.

        It takes no Idempotency-Key: every proof is new, and what proves it leaves no trace.

        Raises:
            NotPermittedError: It is not right, or too many were wrong.
        """
        body = valid(StepUpIn, request)
        now = clock.now()
        visit = request._request  # noqa: SLF001  DRF keeps Django's request there
        method = method_of(visit)
        if not prove(visit, now=now, **body):
            # The lock-out has its own page for people; here a problem answers.
            answer_elsewhere(visit)
            raise not_proved(method)
        until = now + timedelta(seconds=settings.ORCHESTRA["STEP_UP_SECONDS"])
        return Response(StepUpOut({"method": method, "at": now, "valid_until": until}).data)
