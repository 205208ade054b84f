"""Propose a tool call, watch it, take it back; the tools a caller may use."""

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api import examples
from cases.api.bodies import proposal_of
from cases.api.inputs import EditIn, ReasonIn, ToolCallIn
from cases.api.masking import MaskedReads
from cases.api.memory import CaseView
from cases.api.outputs import ToolCallOut, ToolOut, status_url
from cases.api.present import call_detail
from cases.journeys import services as journeys
from cases.tools import selectors as tools
from cases.tools.models import ToolCall
from cases.tools.types import CallState, Effect
from governance.access.types import Capability
from governance.api.inputs import valid
from governance.api.pages import OLDEST_FIRST, PAGE_PARAMETERS, answer_page, page_of
from governance.api.permissions import Reach, actor_of, authority_of, wait_as, wait_of
from orchestra.core import clock

WAIT = OpenApiParameter("wait", float, description="Seconds to hold the answer, at most 25.")


def _waited(request: Request, call_id: UUID) -> ToolCall:
    waits = bool(wait_of(request))
    authority = authority_of(request)
    call = tools.get_call(authority=authority, call_id=call_id)
    if CallState(call.state).is_terminal or not waits:
        return call
    wait_as(
        request,
        # Only where it stands, again and again; the whole of it once.
        lambda: tools.state_of(call.pk),
        until=lambda state: state.is_terminal,
    )
    return tools.get_call(authority=authority, call_id=call_id)


def _answer(call: ToolCall) -> Response:
    if CallState(call.state).is_terminal:
        return Response(call_detail(call), status=status.HTTP_201_CREATED)
    headers = {"Location": status_url(call)}
    return Response(call_detail(call), status=status.HTTP_202_ACCEPTED, headers=headers)


class CaseToolCallsView(CaseView):
    """Tool calls of a case."""

    capability = Capability.TOOL_PROPOSE
    act = "tool_call.propose"

    @extend_schema(
        operation_id="tool_calls_propose",
        parameters=[WAIT],
        request=ToolCallIn,
        responses={201: ToolCallOut, 202: ToolCallOut},
        examples=examples.PROPOSE,
    )
    def post(self, request: Request, case_id: UUID) -> Response:
        """Propose a tool call: 201 when it is over, 202 with Location when it waits."""
        body = valid(ToolCallIn, request)
        waits = bool(wait_of(request))
        kept: dict[UUID, Response] = {}

        def keep(call: ToolCall) -> None:
            """Keep the answer where nothing more comes of the call within this request."""
            state = CallState(call.state)
            runs_on = state is CallState.READY and call.tool.effect == Effect.READ
            if not runs_on and (state.is_terminal or not waits):
                kept[call.public_id] = _answer(call)
                request.META["orchestra.keep_in_act"](kept[call.public_id])

        call = journeys.propose_tool_call(
            actor=actor_of(request),
            case=self.case(request, case_id),
            authority=authority_of(request),
            request=proposal_of(
                body,
                tool=body["tool"],
                request_key=request.META.get("orchestra.request_key", ""),
                keep=keep,
            ),
        )
        if waits and not CallState(call.state).is_terminal:
            call = _waited(request, call.public_id)
        return kept.get(call.public_id) or _answer(call)


class OneCallView(MaskedReads):
    """Base of every view on one tool call."""

    def reach(self, request: Request) -> Reach:
        """Return the case of the call.

        Raises:
            NotFoundError: The caller may not see it.
        """
        found = tools.get_call(authority=authority_of(request), call_id=self.kwargs["call_id"])
        return Reach(str(found.case.public_id), found.case.queue_id)


class ToolCallView(OneCallView):
    """One tool call."""

    capability = Capability.CASE_READ
    act = "tool_call.read"

    @extend_schema(
        operation_id="tool_calls_read",
        parameters=[WAIT],
        responses=ToolCallOut,
        examples=examples.WAIT_FOR_THE_END,
    )
    def get(self, request: Request, call_id: UUID) -> Response:
        """Return the state, decision, approval, result and attempts."""
        return Response(call_detail(_waited(request, call_id)))


class EditView(OneCallView):
    """Change what waits for an approval."""

    capability = (Capability.APPROVAL_VOTE, Capability.TOOL_PROPOSE)
    act = "tool_call.edit"

    @extend_schema(
        operation_id="tool_calls_edit",
        request=EditIn,
        responses={201: ToolCallOut, 202: ToolCallOut},
        examples=examples.EDIT,
    )
    def post(self, request: Request, call_id: UUID) -> Response:
        """Replace a call that waits by a new one, with a decision and votes of its own.

        The call ends as cancelled and names what replaced it; whoever edits does not vote on
        that. 201 when the new call is over, 202 with Location when it waits.
        """
        body = valid(EditIn, request)
        evidence = body.get("evidence")
        call = journeys.edit_tool_call(
            actor=actor_of(request),
            call_id=call_id,
            request=journeys.EditRequest(
                arguments=body["arguments"],
                digest=body["digest"],
                reason=body["reason"],
                evidence=None if evidence is None else tuple(evidence),
                customer_paragraph=body.get("customer_paragraph"),
                request_key=request.META.get("orchestra.request_key", ""),
            ),
        )
        return _answer(call)


class CancelView(OneCallView):
    """Take a proposal back."""

    capability = Capability.TOOL_PROPOSE
    act = "tool_call.cancel"

    @extend_schema(operation_id="tool_calls_cancel", request=ReasonIn, responses=ToolCallOut)
    def post(self, request: Request, call_id: UUID) -> Response:
        """Cancel a call that has not begun to run."""
        body = valid(ReasonIn, request)
        call = journeys.cancel_tool_call(
            actor=actor_of(request), now=clock.now(), call_id=call_id, reason=body["reason"]
        )
        return Response(call_detail(call))


class ToolsView(APIView):
    """The catalogue."""

    capability = Capability.TOOL_READ
    act = "tool.read"

    @extend_schema(
        operation_id="tools_list", parameters=PAGE_PARAMETERS, responses=page_of(ToolOut)
    )
    def get(self, request: Request) -> Response:
        """List the tools this caller may use, oldest first."""
        return answer_page(self, request, tools.list_tools(), ToolOut, ordering=OLDEST_FIRST)
