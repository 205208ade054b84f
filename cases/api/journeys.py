"""Journeys and steps: what is ready, for whom, and the end of a step."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api.inputs import JourneyIn, StepCompleteIn
from cases.api.masking import MaskedReads
from cases.api.memory import CaseView
from cases.api.outputs import CueSheetOut, JourneyOut, JourneysOut, ReadyStepOut
from cases.api.tools import WAIT
from cases.journeys import selectors, services
from cases.journeys.types import MINE, STEP_OWNERS, StepFilters, StepState
from governance.access.types import Capability
from governance.api.inputs import valid
from governance.api.pages import OLDEST_FIRST, PAGE_PARAMETERS, answer_page, page_of
from governance.api.permissions import actor_of, authority_of, wait_as, wait_of
from orchestra.core import clock


def _journeys(case: Any) -> dict[str, Any]:
    context = {"steps": selectors.steps_by_journey(case=case)}
    found = selectors.list_journeys(case=case)
    return {"journeys": JourneyOut(found, many=True, context=context).data}


class JourneysView(CaseView):
    """Journeys of a case."""

    act = "journey.start"

    @extend_schema(operation_id="journeys_start", request=JourneyIn, responses={201: JourneysOut})
    def post(self, request: Request, case_id: UUID) -> Response:
        """Start a further journey, one per need."""
        body = valid(JourneyIn, request)
        case = self.case(request, case_id)
        services.start_journey(
            actor=actor_of(request),
            now=clock.now(),
            case=case,
            cue_sheet_key=body["cue_sheet"],
        )
        return Response(_journeys(case), status=status.HTTP_201_CREATED)


class CaseStepsView(CaseView):
    """Steps of a case."""

    act = "step.read"

    @extend_schema(operation_id="case_steps", parameters=[WAIT], responses=JourneysOut)
    def get(self, request: Request, case_id: UUID) -> Response:
        """Return every journey with its steps; ``wait`` holds until a step is ready for an AI."""
        case = self.case(request, case_id)
        found = wait_as(
            request,
            lambda: _journeys(case),
            until=lambda value: any(
                step["state"] == "ready" and step["owner"] == "ai"
                for journey in value["journeys"]
                for step in journey["steps"]
            ),
        )
        return Response(found)


class StepCompleteView(CaseView):
    """The end of a step that is no tool call."""

    act = "step.complete"

    @extend_schema(operation_id="steps_complete", request=StepCompleteIn, responses=JourneysOut)
    def post(self, request: Request, case_id: UUID, step: str) -> Response:
        """Finish a step, by its key where it is unique in the case, or by its id."""
        body = valid(StepCompleteIn, request)
        case = self.case(request, case_id)
        services.complete_step(
            actor=actor_of(request),
            now=clock.now(),
            case=case,
            step=step,
            evidence=tuple(body["evidence"]),
            note=body["note"],
        )
        return Response(_journeys(case))


class ReadyStepsView(MaskedReads):
    """What waits for this caller, over all cases."""

    capability = Capability.CASE_READ
    act = "step.read"

    @extend_schema(
        operation_id="steps_list",
        parameters=[
            WAIT,
            OpenApiParameter(
                "state",
                str,
                enum=[str(one) for one in StepState],
                default=str(StepState.READY),
                description="What has not ended is told of journeys that run.",
            ),
            OpenApiParameter(
                "owner",
                str,
                enum=list(STEP_OWNERS),
                default=MINE,
                description="`me` is the caller: `ai` for an AI agent, the roles of a person.",
            ),
            *PAGE_PARAMETERS,
        ],
        responses=page_of(ReadyStepOut),
    )
    def get(self, request: Request) -> Response:
        """List steps that wait for this caller, oldest first; ``wait`` holds until there is one."""
        rows = selectors.list_steps_over_cases(
            authority=authority_of(request),
            filters=StepFilters(
                state=request.query_params.get("state", str(StepState.READY)),
                owner=request.query_params.get("owner", MINE),
            ),
        )
        if wait_of(request):
            wait_as(request, rows.exists, until=bool)
        return answer_page(self, request, rows, ReadyStepOut, ordering=OLDEST_FIRST)


class CueSheetsView(APIView):
    """The published cue sheets."""

    capability = Capability.CUE_SHEET_READ
    act = "cue_sheet.read"

    @extend_schema(
        operation_id="cue_sheets_list", parameters=PAGE_PARAMETERS, responses=page_of(CueSheetOut)
    )
    def get(self, request: Request) -> Response:
        """List the cue sheets in force, oldest first."""
        return answer_page(
            self, request, selectors.list_published(), CueSheetOut, ordering=OLDEST_FIRST
        )
