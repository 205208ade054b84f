"""Stops over REST: what is stopped now, stopping something, lifting it."""

from typing import Final
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.access.types import Capability
from governance.api.inputs import Input, choice_of, valid
from governance.api.pages import PAGE_PARAMETERS, answer_page, page_of
from governance.api.permissions import actor_of
from governance.switches import selectors, services
from governance.switches.services import REASON_LENGTH
from governance.switches.types import StopScope
from orchestra.core import clock

SCOPES: Final = [(str(scope), str(scope)) for scope in StopScope]
_LIFTED: Final = "lifted"


class StopIn(Input):
    """What to stop, and why."""

    scope = serializers.ChoiceField(choices=SCOPES)
    key = serializers.CharField(
        max_length=200,
        required=False,
        allow_blank=True,
        default="",
        help_text="The agent's id or name, the tool's name, the cue sheet's key; "
        "left out for everything.",
    )
    reason = serializers.CharField(max_length=REASON_LENGTH)


class StopLiftIn(Input):
    """Why it may start again."""

    reason = serializers.CharField(max_length=REASON_LENGTH)


class StopOut(serializers.Serializer[object]):
    """One stop; ``lifted_at`` is null while it stands."""

    id = serializers.UUIDField(source="public_id")
    number = serializers.CharField()
    scope = serializers.ChoiceField(choices=SCOPES)
    key = serializers.CharField()
    title = serializers.CharField(source="label")
    reason = serializers.CharField()
    drill = serializers.BooleanField(source="is_drill")
    stopped_by = serializers.CharField(source="by_label")
    stopped_at = serializers.DateTimeField(source="at")
    lift_asked_by = serializers.CharField(source="lift_asked_by_label")
    lift_asked_at = serializers.DateTimeField(allow_null=True)
    lift_reason = serializers.CharField()
    lifted_by = serializers.CharField(source="lifted_by_label")
    lifted_at = serializers.DateTimeField(allow_null=True)


class StopsBase(APIView):
    """Base of every view on stops; everybody they may stop reads them."""

    capability = Capability.STOP_USE
    read_capability = Capability.TOOL_READ


class StopsView(StopsBase):
    """The stops."""

    act = "stop.begin"

    @extend_schema(
        operation_id="stops_list",
        parameters=[
            OpenApiParameter("state", str, enum=["in_force", _LIFTED]),
            *PAGE_PARAMETERS,
        ],
        responses=page_of(StopOut),
    )
    def get(self, request: Request) -> Response:
        """List the stops in force, or with ``state=lifted`` those that ended; newest first."""
        is_lifted = choice_of(request, "state", ["in_force", _LIFTED]) == _LIFTED
        rows = selectors.list_lifted() if is_lifted else selectors.in_force()
        return answer_page(self, request, rows, StopOut)

    @extend_schema(operation_id="stops_begin", request=StopIn, responses={201: StopOut})
    def post(self, request: Request) -> Response:
        """Stop an agent, a tool, a cue sheet or everything, at once."""
        body = valid(StopIn, request)
        made = services.stop(
            actor=actor_of(request),
            now=clock.now(),
            scope=StopScope(body["scope"]),
            key=body["key"],
            reason=body["reason"],
        )
        return Response(StopOut(made).data, status=201)


class LiftView(StopsBase):
    """The end of a stop."""

    act = "stop.lift"

    @extend_schema(operation_id="stops_lift", request=StopLiftIn, responses=StopOut)
    def post(self, request: Request, stop_id: UUID) -> Response:
        """Lift a stop; of everything the first call asks, and another person's agrees."""
        body = valid(StopLiftIn, request)
        done = services.lift(
            actor=actor_of(request), now=clock.now(), stop_id=stop_id, reason=body["reason"]
        )
        return Response(StopOut(done).data)


class KeepView(StopsBase):
    """The refusal of a stop's end."""

    act = "stop.keep"

    @extend_schema(operation_id="stops_keep", request=None, responses=StopOut)
    def post(self, request: Request, stop_id: UUID) -> Response:
        """Keep a stop whose end was asked for."""
        done = services.keep(actor=actor_of(request), now=clock.now(), stop_id=stop_id)
        return Response(StopOut(done).data)
