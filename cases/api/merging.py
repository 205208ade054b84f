"""Cases that may be one matter: suggestions, merging by a person, and taking a merge back."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.api.inputs import MergeIn, ReasonIn
from cases.api.memory import CaseView
from cases.api.outputs import CaseOut
from cases.journeys import services as journeys
from cases.memory import selectors as memory
from governance.api.inputs import valid
from governance.api.permissions import actor_of, authority_of
from orchestra.core import clock


class DuplicateOut(serializers.Serializer[object]):
    """An open case of the same customer that looks like the same matter."""

    case = CaseOut()
    why = serializers.ListField(
        child=serializers.CharField(),
        help_text="intent, and the names of facts that both state alike.",
    )


class DuplicatesView(CaseView):
    """Cases that may be the same matter."""

    act = "case.read"

    @extend_schema(operation_id="cases_duplicates", responses=DuplicateOut(many=True))
    def get(self, request: Request, case_id: UUID) -> Response:
        """List what looks like a duplicate; nothing is merged by itself."""
        found = memory.list_duplicates(
            authority=authority_of(request), case=self.case(request, case_id)
        )
        return Response([dict(one) for one in DuplicateOut(found, many=True).data])


class MergeView(CaseView):
    """One matter out of two cases."""

    act = "case.merge"

    @extend_schema(operation_id="cases_merge", request=MergeIn, responses=CaseOut)
    def post(self, request: Request, case_id: UUID) -> Response:
        """Take another case into this one; only a person does."""
        body = valid(MergeIn, request)
        survivor = journeys.merge_cases(
            actor=actor_of(request),
            now=clock.now(),
            survivor=self.case(request, case_id),
            absorbed=self.case(request, body["case"]),
            reason=body["reason"],
        )
        return Response(CaseOut(survivor).data)


class UnmergeView(CaseView):
    """A merge that was wrong."""

    act = "case.unmerge"

    @extend_schema(operation_id="cases_unmerge", request=ReasonIn, responses=CaseOut)
    def post(self, request: Request, case_id: UUID) -> Response:
        """Give this case back as it was before it was merged into another."""
        body = valid(ReasonIn, request)
        case = journeys.unmerge_case(
            actor=actor_of(request),
            now=clock.now(),
            absorbed=self.case(request, case_id),
            reason=body["reason"],
        )
        return Response(CaseOut(case).data)
