"""Passing a matter to somebody outside of the house."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from cases.api.inputs import ReferralIn
from cases.api.memory import CaseView
from cases.api.outputs import CaseOut
from cases.journeys import services
from governance.access.types import Capability
from governance.api.inputs import valid
from governance.api.permissions import actor_of
from orchestra.core import clock


class ReferralsView(CaseView):
    """A matter that somebody outside has now."""

    capability = Capability.HANDOFF_OFFER
    act = "case.refer_outside"

    @extend_schema(operation_id="cases_refer_outside", request=ReferralIn, responses=CaseOut)
    def post(self, request: Request, case_id: UUID) -> Response:
        """Record that a matter was passed on outside; the case stays open with who has it."""
        body = valid(ReferralIn, request)
        case = services.refer_outside(
            actor=actor_of(request),
            now=clock.now(),
            case=self.case(request, case_id),
            referral=services.Referral(**body),
        )
        return Response(CaseOut(case).data)
