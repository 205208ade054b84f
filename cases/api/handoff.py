"""Handoffs: offer, read, accept."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api.memory import CaseView, valid
from cases.api.serializers import HandoffAcceptIn, HandoffIn, HandoffOut
from cases.handoff import selectors
from cases.journeys import services
from governance.access.types import Capability
from governance.api.permissions import actor_of, authority_of
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
            offer=services.HandoffOffer(
                queue_key=body["to"]["queue"],
                role=body["to"]["role"],
                reason_code=body["reason_code"],
                note=body["note"],
                suggested_next_step=body["suggested_next_step"],
                customer_paragraph=body["customer_paragraph"],
            ),
        )
        return Response(HandoffOut(found).data, status=status.HTTP_201_CREATED)


class HandoffView(APIView):
    """One handoff."""

    capability = Capability.CASE_READ
    act = "handoff.read"

    @extend_schema(operation_id="handoffs_read", responses=HandoffOut)
    def get(self, request: Request, handoff_id: UUID) -> Response:
        """Return the handoff with its bundle."""
        found = selectors.get_handoff(authority=authority_of(request), handoff_id=handoff_id)
        return Response(HandoffOut(found).data)


class HandoffAcceptView(APIView):
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
