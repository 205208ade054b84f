"""Decisions and their replay."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.access.types import Capability
from governance.api.pages import OLDEST_FIRST, PAGE_PARAMETERS, answer_page, page_of
from governance.policies import selectors
from governance.policies.replay import replay


class DecisionRecordOut(serializers.Serializer[object]):
    """A decision with the record that replay reads."""

    id = serializers.UUIDField(source="public_id")
    subject_kind = serializers.CharField()
    subject_id = serializers.CharField()
    outcome = serializers.CharField()
    at = serializers.DateTimeField()
    digest = serializers.CharField()
    record = serializers.SerializerMethodField()

    def get_record(self, record: Any) -> dict[str, Any]:
        """Return the record as JSON."""
        return selectors.record_as_value(record)


class ReplayOut(serializers.Serializer[object]):
    """What deciding again came to."""

    agrees = serializers.BooleanField()
    lacks = serializers.ListField(child=serializers.CharField())
    difference = serializers.CharField(allow_blank=True)
    outcome = serializers.CharField(allow_blank=True)


class PolicyOut(serializers.Serializer[object]):
    """A policy in force."""

    key = serializers.CharField(source="policy.key")
    title = serializers.CharField(source="policy.title")
    version = serializers.IntegerField(source="number")
    digest = serializers.CharField()
    published_at = serializers.DateTimeField()
    document = serializers.JSONField()


class PoliciesView(APIView):
    """The policies in force."""

    capability = Capability.POLICY_READ
    act = "policy.read"

    @extend_schema(
        operation_id="policies_list", parameters=PAGE_PARAMETERS, responses=page_of(PolicyOut)
    )
    def get(self, request: Request) -> Response:
        """List the policies in force with their tables, oldest first."""
        return answer_page(
            self, request, selectors.list_published(), PolicyOut, ordering=OLDEST_FIRST
        )


class DecisionView(APIView):
    """One decision."""

    capability = Capability.DECISION_READ
    act = "decision.read"

    @extend_schema(operation_id="decisions_read", responses=DecisionRecordOut)
    def get(self, request: Request, decision_id: UUID) -> Response:
        """Return the decision with its record."""
        del request
        return Response(DecisionRecordOut(selectors.get_record(decision_id)).data)


class ReplayView(APIView):
    """Decide again from the record."""

    capability = Capability.DECISION_REPLAY
    read_capability = Capability.DECISION_REPLAY
    act = "decision.replay"

    @extend_schema(operation_id="decisions_replay", request=None, responses=ReplayOut)
    def post(self, request: Request, decision_id: UUID) -> Response:
        """Re-decide and say whether it agrees, or what is lacking."""
        del request
        record = selectors.get_record(decision_id)
        found = replay(body=bytes(record.body), tables=selectors.load_record_tables(record))
        return Response(
            {
                "agrees": found.agrees,
                "lacks": list(found.lacks),
                "difference": found.difference or "",
                "outcome": str(found.decision.outcome) if found.decision else "",
            }
        )
