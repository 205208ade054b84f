"""Handoffs: offer, read, accept, give back, complete."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from cases.api.bodies import offer_of
from cases.api.handoff_outputs import HandoffOut
from cases.api.inputs import (
    HandoffAcceptIn,
    HandoffIn,
    HandoffJudgeIn,
    HandoffRefuseIn,
    HandoffReturnIn,
)
from cases.api.masking import MaskedReads
from cases.api.memory import CaseView
from cases.handoff import selectors
from cases.journeys import services
from governance.access.types import Capability
from governance.api.inputs import valid
from governance.api.permissions import Reach, actor_of, authority_of
from orchestra.core import clock


class CaseHandoffsView(CaseView):
    """Handoffs of a case."""

    capability = Capability.HANDOFF_OFFER
    act = "handoff.offer"

    @extend_schema(operation_id="handoffs_offer", request=HandoffIn, responses={201: HandoffOut})
    def post(self, request: Request, case_id: UUID) -> Response:
        """Offer the case to a queue; the answer holds the bundle and what is missing."""
        body = valid(HandoffIn, request)
        found = services.offer_handoff(
            actor=actor_of(request),
            now=clock.now(),
            case=self.case(request, case_id),
            offer=offer_of(body),
        )
        return Response(HandoffOut(found).data, status=status.HTTP_201_CREATED)


class OneHandoffView(MaskedReads):
    """Base of every view on one handoff."""

    def reach(self, request: Request) -> Reach:
        """Return the case of the handoff.

        Raises:
            NotFoundError: The caller may not see it.
        """
        found = selectors.get_handoff(
            authority=authority_of(request), handoff_id=self.kwargs["handoff_id"]
        )
        return Reach(str(found.case.public_id), found.queue_id)


class HandoffView(OneHandoffView):
    """One handoff."""

    capability = Capability.CASE_READ
    act = "handoff.read"

    @extend_schema(operation_id="handoffs_read", responses=HandoffOut)
    def get(self, request: Request, handoff_id: UUID) -> Response:
        """Return the handoff with its bundle."""
        found = selectors.get_handoff(authority=authority_of(request), handoff_id=handoff_id)
        return Response(HandoffOut(found).data)


class HandoffAcceptView(OneHandoffView):
    """Take a case over."""

    capability = Capability.HANDOFF_ACCEPT
    act = "handoff.accept"

    @extend_schema(operation_id="handoffs_accept", request=HandoffAcceptIn, responses=HandoffOut)
    def post(self, request: Request, handoff_id: UUID) -> Response:
        """Accept the handoff and say what was missing."""
        body = valid(HandoffAcceptIn, request)
        found = services.accept_handoff(
            actor=actor_of(request),
            now=clock.now(),
            handoff_id=handoff_id,
            missing=tuple(body["missing"]),
        )
        return Response(HandoffOut(found).data)


class HandoffRefuseView(OneHandoffView):
    """Not taking a case."""

    capability = Capability.HANDOFF_ACCEPT
    act = "handoff.refuse"

    @extend_schema(operation_id="handoffs_refuse", request=HandoffRefuseIn, responses=HandoffOut)
    def post(self, request: Request, handoff_id: UUID) -> Response:
        """Say that you do not take it; it waits on for the others of its queue."""
        body = valid(HandoffRefuseIn, request)
        found = services.refuse_handoff(
            actor=actor_of(request),
            now=clock.now(),
            handoff_id=handoff_id,
            reason=body["reason"],
        )
        return Response(HandoffOut(found).data)


class HandoffJudgeView(OneHandoffView):
    """What a bundle was worth."""

    capability = Capability.HANDOFF_ACCEPT
    act = "handoff.judge"

    @extend_schema(operation_id="handoffs_judge", request=HandoffJudgeIn, responses=HandoffOut)
    def post(self, request: Request, handoff_id: UUID) -> Response:
        """Say once whether the bundle was enough, or which parts it lacked."""
        body = valid(HandoffJudgeIn, request)
        found = services.judge_handoff(
            actor=actor_of(request),
            now=clock.now(),
            handoff_id=handoff_id,
            sufficient=body["sufficient"],
            missing=tuple(body["missing"]),
        )
        return Response(HandoffOut(found).data)


class HandoffReturnView(OneHandoffView):
    """Give a case back."""

    capability = Capability.HANDOFF_ACCEPT
    act = "handoff.return"

    @extend_schema(operation_id="handoffs_return", request=HandoffReturnIn, responses=HandoffOut)
    def post(self, request: Request, handoff_id: UUID) -> Response:
        """Give the case back to whoever sent it; the steps that came with it open again."""
        body = valid(HandoffReturnIn, request)
        found = services.return_handoff(
            actor=actor_of(request),
            now=clock.now(),
            handoff_id=handoff_id,
            reason=body["reason"],
            missing=tuple(body["missing"]),
        )
        return Response(HandoffOut(found).data)


class HandoffCompleteView(OneHandoffView):
    """The end of a handoff."""

    capability = Capability.HANDOFF_ACCEPT
    act = "handoff.complete"

    @extend_schema(operation_id="handoffs_complete", request=None, responses=HandoffOut)
    def post(self, request: Request, handoff_id: UUID) -> Response:
        """Say that what the handoff asked for is done; its steps and journeys end."""
        found = services.complete_handoff(
            actor=actor_of(request), now=clock.now(), handoff_id=handoff_id
        )
        return Response(HandoffOut(found).data)
