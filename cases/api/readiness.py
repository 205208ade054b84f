"""How ready a journey is for real cases."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.readiness import rules, selectors
from cases.readiness.types import CheckCode, Part, ToolTrouble
from governance.access.types import Capability
from orchestra.core import clock, enums


class ReadinessCheckOut(serializers.Serializer[object]):
    """One thing that was looked at, and what it is about."""

    code = serializers.ChoiceField(choices=enums.choices(CheckCode))
    part = serializers.ChoiceField(choices=enums.choices(Part))
    passed = serializers.BooleanField()
    names = serializers.ListField(child=serializers.CharField())
    trouble = serializers.ChoiceField(choices=enums.choices(ToolTrouble), allow_blank=True)


class ReadinessOut(serializers.Serializer[object]):
    """What a journey has and lacks; ``may_expand`` says whether another one may follow it."""

    cue_sheet = serializers.CharField()
    passed = serializers.IntegerField()
    total = serializers.IntegerField()
    verified_cases = serializers.IntegerField()
    may_expand = serializers.BooleanField()
    checks = ReadinessCheckOut(many=True)


class ReadinessView(APIView):
    """The readiness of one cue sheet."""

    capability = Capability.CUE_SHEET_READ
    act = "cue_sheet.read"

    @extend_schema(operation_id="cue_sheets_readiness", responses=ReadinessOut)
    def get(self, request: Request, key: str) -> Response:
        """Say what is missing before a first real case, and before another journey follows."""
        del request
        seen, found = selectors.readiness_of(key=key, now=clock.now())
        return Response(
            ReadinessOut(
                {
                    "cue_sheet": seen.key,
                    "passed": found.passed,
                    "total": found.total,
                    "verified_cases": found.verified_cases,
                    "may_expand": rules.may_expand(found),
                    "checks": found.checks,
                }
            ).data
        )
