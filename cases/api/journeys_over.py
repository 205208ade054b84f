"""Journeys over all cases, and moving one to the version of its cue sheet in force."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.api.journeys import answer_journey
from cases.api.masking import MaskedReads
from cases.api.memory import CaseView
from cases.api.outputs import JourneyEndOut
from cases.journeys import services
from cases.journeys.listing import WHICH, JourneyFilters, find_move, list_journeys_over_cases
from cases.journeys.types import JourneyState
from governance.access.types import Capability
from governance.api.inputs import Input, valid
from governance.api.pages import PAGE_PARAMETERS, answer_page, page_of
from governance.api.permissions import actor_of, authority_of
from orchestra.core import clock


class JourneyMoveIn(Input):
    """That a journey goes on under the version in force."""

    reason = serializers.CharField(max_length=500)
    digest = serializers.CharField(
        max_length=64, help_text="Of the version that the preview showed; another one is 409."
    )


class JourneyMoveOut(serializers.Serializer[object]):
    """What moving a journey would do, step by step, by key."""

    from_version = serializers.IntegerField()
    to_version = serializers.IntegerField()
    digest = serializers.CharField(help_text="To be sent when it is moved.")
    is_same = serializers.BooleanField(help_text="Whether it runs on the version in force already.")
    kept = serializers.ListField(child=serializers.CharField())
    again = serializers.ListField(
        child=serializers.CharField(), help_text="Ready steps that are looked at again."
    )
    added = serializers.ListField(child=serializers.CharField())
    gone = serializers.ListField(child=serializers.CharField())
    blocks = serializers.ListField(
        child=serializers.CharField(), help_text="Steps whose call is under way: not now."
    )


class JourneyRowOut(serializers.Serializer[object]):
    """A journey in a list over all cases."""

    id = serializers.UUIDField(source="public_id")
    case = serializers.UUIDField(source="case.public_id")
    case_name = serializers.CharField(source="case.label")
    queue = serializers.CharField(source="case.queue.key")
    cue_sheet = serializers.CharField(source="version.cue_sheet.key")
    title = serializers.CharField(source="version.cue_sheet.title")
    version = serializers.IntegerField(source="version.number")
    state = serializers.CharField()
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    ends_at = serializers.DateTimeField(allow_null=True)


class JourneysOverCasesView(MaskedReads):
    """Journeys over all cases a caller may see."""

    capability = Capability.CASE_READ
    act = "journey.read"

    @extend_schema(
        operation_id="journeys_list",
        parameters=[
            OpenApiParameter("cue_sheet", str, description="Key of a cue sheet."),
            OpenApiParameter("version", str, description="Number of its version."),
            OpenApiParameter("state", str, enum=[str(one) for one in JourneyState]),
            OpenApiParameter("queue", str, description="Key of the queue the case is in."),
            OpenApiParameter("cue", str, description="Key of a cue of the cue sheet."),
            OpenApiParameter(
                "which",
                str,
                enum=list(WHICH),
                description="How the journey stands to the cue, or to any where none is named.",
            ),
            *PAGE_PARAMETERS,
        ],
        responses=page_of(JourneyRowOut),
    )
    def get(self, request: Request) -> Response:
        """List the journeys, newest first."""
        asked = request.query_params
        rows = list_journeys_over_cases(
            authority=authority_of(request),
            filters=JourneyFilters(
                cue_sheet=asked.get("cue_sheet", ""),
                version=asked.get("version", ""),
                state=asked.get("state", ""),
                queue=asked.get("queue", ""),
                cue=asked.get("cue", ""),
                which=asked.get("which", ""),
            ),
            now=clock.now(),
        )
        return answer_page(self, request, rows, JourneyRowOut)


class JourneyMoveView(CaseView):
    """Moving a journey to the version of its cue sheet that is in force."""

    act = "journey.move"

    @extend_schema(operation_id="journeys_preview_move", responses=JourneyMoveOut)
    def get(self, request: Request, case_id: UUID, journey_id: UUID) -> Response:
        """Return what moving it would do; nothing is changed."""
        case = self.case(request, case_id)
        found, version, preview = find_move(case=case, journey_id=str(journey_id))
        answer: dict[str, Any] = {
            "from_version": found.version.number,
            "to_version": version.number,
            "digest": version.digest,
            "is_same": version.pk == found.version_id,
            **{
                name: list(getattr(preview, name))
                for name in ("kept", "again", "added", "gone", "blocks")
            },
        }
        return Response(JourneyMoveOut(answer).data)

    @extend_schema(operation_id="journeys_move", request=JourneyMoveIn, responses=JourneyEndOut)
    def post(self, request: Request, case_id: UUID, journey_id: UUID) -> Response:
        """Let it go on under the version in force, as its preview said."""
        body = valid(JourneyMoveIn, request)
        found = services.move_journey(
            actor=actor_of(request),
            now=clock.now(),
            case=self.case(request, case_id),
            journey_id=journey_id,
            reason=body["reason"],
            seen_digest=body["digest"],
        )
        return answer_journey(found)
