"""Rehearsals of a policy's drafts."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.access.types import Capability
from governance.api.permissions import actor_of
from governance.policies import selectors, services
from governance.policies.changes import Filters
from governance.policies.models import Rehearsal
from governance.policies.types import RiskLevel
from orchestra.core import clock


class BacktestIn(serializers.Serializer[object]):
    """A draft, the span to rehearse it over, and which decisions."""

    draft = serializers.JSONField()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(required=False)
    queue = serializers.CharField(required=False, default="")
    tool = serializers.CharField(required=False, default="")
    risk = serializers.ChoiceField(
        required=False, default="", choices=["", *(level.value for level in RiskLevel)]
    )

    def validate_draft(self, value: Any) -> Any:
        """Refuse what is no document."""
        if not isinstance(value, dict):
            raise serializers.ValidationError("Give a policy document as one JSON object.")
        return value


class BacktestOut(serializers.Serializer[object]):
    """Where a rehearsal stands; the result once it is done."""

    id = serializers.UUIDField(source="public_id")
    policy = serializers.CharField(source="policy_key")
    draft_digest = serializers.CharField(source="document_digest")
    state = serializers.CharField()
    decisions_done = serializers.IntegerField(source="done")
    decisions_total = serializers.IntegerField(source="total")
    digest = serializers.CharField(source="result_digest", allow_blank=True)
    result = serializers.JSONField(allow_null=True)
    problem = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class BacktestsView(APIView):
    """Begin a rehearsal."""

    capability = Capability.POLICY_EDIT
    read_capability = Capability.POLICY_EDIT
    act = "rehearsal.start"

    @extend_schema(operation_id="backtests_start", request=BacktestIn, responses={202: BacktestOut})
    def post(self, request: Request, key: str) -> Response:
        """Rehearse a draft over recorded decisions; ask the address in Location for the end."""
        given = BacktestIn(data=request.data)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        rehearsal = services.start_rehearsal(
            actor=actor_of(request),
            now=clock.now(),
            policy_key=key,
            document=asked["draft"],
            since=asked["since"],
            until=asked.get("until"),
            filters=Filters(asked["queue"], asked["tool"], asked["risk"]),
        )
        link = reverse("backtest", args=[key, rehearsal.public_id])
        return Response(BacktestOut(rehearsal).data, status=202, headers={"Location": link})


class BacktestView(APIView):
    """One rehearsal."""

    capability = Capability.POLICY_READ
    act = "rehearsal.read"

    @extend_schema(operation_id="backtests_read", responses=BacktestOut)
    def get(self, request: Request, key: str, backtest_id: UUID) -> Response:
        """Return where it stands, and the result once it is done."""
        del request
        found: Rehearsal = selectors.get_rehearsal(rehearsal_id=backtest_id, policy_key=key)
        return Response(BacktestOut(found).data)
