"""Journeys and steps: what is ready, for whom, and the end of a step."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api.inputs import (
    JourneyCancelIn,
    JourneyHeldIn,
    JourneyIn,
    JourneyPauseIn,
    ReversalFinishIn,
    StepCompleteIn,
)
from cases.api.masking import MaskedReads
from cases.api.memory import CaseView
from cases.api.outputs import (
    CueSheetOut,
    JourneyEndOut,
    JourneyOut,
    JourneysOut,
    ReadyStepOut,
    ReversalOut,
)
from cases.api.tools import WAIT
from cases.journeys import selectors, services
from cases.journeys.models import Journey
from cases.journeys.types import MINE, STEP_OWNERS, StepFilters, StepState
from governance.access import services as access
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


class JourneyPauseView(CaseView):
    """A journey that stands still."""

    act = "journey.pause"

    @extend_schema(operation_id="journeys_pause", request=JourneyPauseIn, responses=JourneyEndOut)
    def post(self, request: Request, case_id: UUID, journey_id: UUID) -> Response:
        """Let nothing of a running journey start until a person resumes it."""
        return _held(
            self, request, case_id, journey_id, services.pause_journey, takes=JourneyPauseIn
        )


class JourneyResumeView(CaseView):
    """A journey that goes on."""

    act = "journey.resume"

    @extend_schema(operation_id="journeys_resume", request=JourneyHeldIn, responses=JourneyEndOut)
    def post(self, request: Request, case_id: UUID, journey_id: UUID) -> Response:
        """Let a paused journey go on; its deadlines move by as long as it stood."""
        return _held(self, request, case_id, journey_id, services.resume_journey)


class JourneyCancelView(CaseView):
    """The end of a journey that was given up."""

    act = "journey.cancel"

    @extend_schema(operation_id="journeys_cancel", request=JourneyCancelIn, responses=JourneyEndOut)
    def post(self, request: Request, case_id: UUID, journey_id: UUID) -> Response:
        """End a journey for good and take back what it changed, the last change first."""
        body = valid(JourneyCancelIn, request)
        found = services.cancel_journey(
            actor=actor_of(request),
            now=clock.now(),
            case=self.case(request, case_id),
            journey_id=journey_id,
            reason=body["reason"],
            take_back=body["take_back"],
        )
        return answer_journey(found)


class ReversalFinishView(CaseView):
    """A change that a person took back by hand, or that stays."""

    act = "reversal.finish"

    @extend_schema(operation_id="reversals_finish", request=ReversalFinishIn, responses=ReversalOut)
    def post(self, request: Request, case_id: UUID, reversal_id: UUID) -> Response:
        """Say what was done about a change that no tool takes back."""
        body = valid(ReversalFinishIn, request)
        found = services.finish_reversal(
            actor=actor_of(request),
            now=clock.now(),
            case=self.case(request, case_id),
            reversal_id=reversal_id,
            done=body["done"],
            reason=body["reason"],
        )
        return Response(ReversalOut(found).data)


def _held(
    view: CaseView,
    request: Request,
    case_id: UUID,
    journey_id: UUID,
    act: Callable[..., Journey],
    *,
    takes: type[JourneyHeldIn] = JourneyHeldIn,
) -> Response:
    body = valid(takes, request)
    found = act(
        actor=actor_of(request),
        now=clock.now(),
        case=view.case(request, case_id),
        journey_id=journey_id,
        **body,
    )
    return answer_journey(found)


def answer_journey(journey: Journey) -> Response:
    """Return how a journey stands, with what of it is to be taken back."""
    steps = selectors.steps_by_journey(case=journey.case)
    return Response(
        {
            "journey": JourneyOut(journey, context={"steps": steps}).data,
            "reversals": ReversalOut(selectors.list_reversals(journey=journey), many=True).data,
        }
    )


class CaseStepsView(CaseView):
    """Steps of a case."""

    act = "step.read"

    @extend_schema(operation_id="case_steps", parameters=[WAIT], responses=JourneysOut)
    def get(self, request: Request, case_id: UUID) -> Response:
        """Return every journey with its steps; ``wait`` holds until a step is ready for an AI."""
        case = self.case(request, case_id)
        access.note_steps_read(actor=actor_of(request), now=clock.now())
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
        access.note_steps_read(actor=actor_of(request), now=clock.now())
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
