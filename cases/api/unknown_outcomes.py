"""Calls whose outcome is not known, over REST: listed, looked up, settled by people."""

from typing import ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.api.inputs import ReasonIn
from cases.api.masking import MaskedReads
from cases.api.outputs import ToolCallOut
from cases.api.present import call_detail
from cases.api.tools import OneCallView
from cases.memory.rules import may_see_unmasked
from cases.tools import selectors as tools
from cases.tools import services
from governance.access.types import Capability
from governance.api.inputs import Input, valid
from governance.api.pages import OLDEST_FIRST, PAGE_PARAMETERS, answer_page, page_of
from governance.api.permissions import actor_of, authority_of
from orchestra.core import clock


class ReconcileIn(Input):
    """What became of a call, and how the person knows."""

    happened = serializers.BooleanField()
    reason = serializers.CharField(max_length=500)


class UnknownOut(serializers.Serializer[object]):
    """One call whose outcome is not known."""

    id = serializers.UUIDField(source="public_id")
    tool = serializers.CharField(source="tool.name")
    risk = serializers.CharField(source="tool.risk")
    case = serializers.UUIDField(source="case.public_id")
    queue = serializers.CharField(source="case.queue.key")
    attempts = serializers.IntegerField(source="attempt")
    reason = serializers.CharField(source="state_reason")
    unknown_since = serializers.DateTimeField(allow_null=True)


class LookOut(serializers.Serializer[object]):
    """What the system of record says now; null where it was not asked or cannot tell."""

    asked_back = serializers.BooleanField()
    answer = serializers.JSONField(allow_null=True)
    answered_ok = serializers.BooleanField(allow_null=True)
    read = serializers.CharField()
    shown = serializers.JSONField(allow_null=True)
    shows = serializers.BooleanField(allow_null=True)
    troubles = serializers.ListField(child=serializers.CharField())


class UnknownOutcomesView(MaskedReads):
    """The calls whose outcome is not known."""

    capability = Capability.CASE_READ
    act = "tool_call.list_unknown"

    @extend_schema(
        operation_id="unknown_outcomes_list",
        parameters=PAGE_PARAMETERS,
        responses=page_of(UnknownOut),
    )
    def get(self, request: Request) -> Response:
        """List them, oldest first."""
        rows = tools.list_unknown(authority=authority_of(request))
        return answer_page(self, request, rows, UnknownOut, ordering=OLDEST_FIRST)


class SettlingView(OneCallView):
    """Base of what people do about a call of unknown outcome."""

    capability = Capability.CASE_WORK
    act = "tool_call.reconcile"


class ReconcileView(SettlingView):
    """The settling of a call."""

    @extend_schema(operation_id="tool_calls_reconcile", request=ReconcileIn, responses=ToolCallOut)
    def post(self, request: Request, call_id: UUID) -> Response:
        """Say whether a call happened, and how you know."""
        body = valid(ReconcileIn, request)
        call = services.reconcile_call(
            actor=actor_of(request),
            now=clock.now(),
            call_id=call_id,
            happened=body["happened"],
            reason=body["reason"],
        )
        return Response(call_detail(call))


class RetryView(SettlingView):
    """Another attempt at a call."""

    act = "tool_call.retry"

    @extend_schema(operation_id="tool_calls_retry", request=ReasonIn, responses=ToolCallOut)
    def post(self, request: Request, call_id: UUID) -> Response:
        """Let a call be tried again, only where the system honours its key."""
        body = valid(ReasonIn, request)
        call = services.retry_unknown(
            actor=actor_of(request), now=clock.now(), call_id=call_id, reason=body["reason"]
        )
        return Response(call_detail(call))


class LookUpView(SettlingView):
    """What the system of record says, masked as any other reading of a case is."""

    act = "tool_call.look_up"
    masked_methods: ClassVar[frozenset[str]] = frozenset({"POST"})

    @extend_schema(operation_id="tool_calls_look_up", request=None, responses=LookOut)
    def post(self, request: Request, call_id: UUID) -> Response:
        """Ask the system of record what it knows of a call now; it only reads."""
        authority = authority_of(request)
        found = services.look_now(authority=authority, call_id=call_id)
        if not may_see_unmasked(authority.roles):
            found = found.without_sensitive()
        return Response(LookOut(found).data)
