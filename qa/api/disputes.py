"""How often reviews and automatic findings did not stand, over REST: counts and intervals."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.access.types import Capability
from governance.api.inputs import choice_of
from governance.api.permissions import authority_of
from qa.disputes.overturns import list_overturned
from qa.disputes.types import FEWEST_DECIDED, OverturnedBy

_BY = tuple(str(by) for by in OverturnedBy)


class OverturnedOut(serializers.Serializer[object]):
    """One rate; what too few were decided of has neither a count of changes nor an interval."""

    by = serializers.ChoiceField(choices=_BY)
    what = serializers.CharField(
        help_text="Key of the question or check, id of the person, or what stands for the judge."
    )
    title = serializers.CharField()
    decided = serializers.IntegerField(
        help_text="Disputes decided; of checks and judges, findings people looked at."
    )
    changed = serializers.IntegerField(
        allow_null=True, help_text="Of those, answers that were changed, or findings refuted."
    )
    low = serializers.FloatField(allow_null=True, help_text="Of the 95 % interval, 0 to 1.")
    high = serializers.FloatField(allow_null=True)


class OverturnsOut(serializers.Serializer[object]):
    """Every rate, most decided first within what it is counted by."""

    fewest = serializers.IntegerField(help_text="Fewer than this that were decided: not told.")
    rates = OverturnedOut(many=True)


class OverturnsView(APIView):
    """How often what was said did not stand once somebody else looked."""

    capability = Capability.QUALITY_LEAD
    act = "quality_dispute.rates"

    @extend_schema(
        operation_id="quality_overturned",
        parameters=[OpenApiParameter("by", str, enum=_BY)],
        responses=OverturnsOut,
    )
    def get(self, request: Request) -> Response:
        """Return the rates, of one kind where asked."""
        only = choice_of(request, "by", _BY)
        found = list_overturned(authority=authority_of(request))
        rates = [
            {
                "by": str(by),
                "what": one.what,
                "title": one.title,
                "decided": one.decided,
                "changed": one.changed,
                "low": one.low,
                "high": one.high,
            }
            for by, rows in found.items()
            if only in ("", by)
            for one in rows
        ]
        return Response(OverturnsOut({"fewest": FEWEST_DECIDED, "rates": rates}).data)
