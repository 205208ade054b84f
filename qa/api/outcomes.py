"""The outcome metrics: read."""

from typing import Any, Final

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.access.types import Capability
from orchestra.core import clock
from orchestra.core.enums import choices
from orchestra.core.errors import NotFoundError
from qa.measurement.known import list_known
from qa.measurement.moments import parse_past
from qa.measurement.showing import Shown, export_rows
from qa.measurement.standing import Verdict, is_old, standings
from qa.measurement.types import Measure, Statistic

AS_OF: Final = OpenApiParameter(
    "as_of",
    str,
    description="A day or a moment with its zone, such as 2026-10-31. The last four weeks and the "
    "four before are then told as they were known by its end, made from the ledger again; the "
    "trend is left out.",
)


class OutcomeNumberOut(serializers.Serializer[object]):
    """One number over some weeks; null where nothing can be said, or too few were looked at."""

    metric = serializers.CharField()
    version = serializers.IntegerField()
    begin = serializers.DateField(help_text="A Monday in the zone of the definition.")
    weeks = serializers.IntegerField()
    unit = serializers.ChoiceField(choices=choices(Measure))
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True, help_text="Of the 95 % interval.")
    high = serializers.FloatField(allow_null=True, help_text="Of the 95 % interval.")
    n = serializers.IntegerField()
    hits = serializers.IntegerField(allow_null=True)
    open = serializers.IntegerField(help_text="Not over yet; they count as long as seen.")
    left_out = serializers.CharField(help_text="Reason and count, for each reason.")
    computed_at = serializers.DateTimeField()
    ledger_index = serializers.IntegerField(help_text="Up to which entry was read.")


class OutcomeVerdictOut(serializers.Serializer[object]):
    """What the interval of the last four weeks says of one target."""

    target = serializers.FloatField()
    statistic = serializers.ChoiceField(choices=choices(Statistic), allow_null=True)
    verdict = serializers.ChoiceField(choices=choices(Verdict))


class OutcomeOut(serializers.Serializer[object]):
    """One metric: its numbers, oldest week first, then four weeks before and the last four."""

    key = serializers.CharField()
    title = serializers.CharField()
    definition_version = serializers.IntegerField()
    is_old = serializers.BooleanField(help_text="Whether the last number must say that it is old.")
    verdicts = OutcomeVerdictOut(many=True)
    numbers = OutcomeNumberOut(many=True)


class OutcomesOut(serializers.Serializer[object]):
    """Every metric in force, in the product's order."""

    results = OutcomeOut(many=True)


class OutcomesView(APIView):
    """The outcome metrics in force."""

    capability = Capability.METRIC_READ
    act = "metric.read"

    @extend_schema(operation_id="outcomes_list", parameters=[AS_OF], responses=OutcomesOut)
    def get(self, request: Request) -> Response:
        """List every metric in force with its numbers."""
        rows = [_told(one) for one in _shown(request)]
        return Response(OutcomesOut({"results": rows}).data)


class OutcomeView(APIView):
    """One outcome metric."""

    capability = Capability.METRIC_READ
    act = "metric.read"

    @extend_schema(operation_id="outcomes_read", parameters=[AS_OF], responses=OutcomeOut)
    def get(self, request: Request, key: str) -> Response:
        """Read one metric in force with its numbers."""
        found = next((one for one in _shown(request) if one.spec.key == key), None)
        if found is None:
            raise NotFoundError(_("No such metric is in force."), code="not_found.metric")
        return Response(OutcomeOut(_told(found)).data)


def _shown(request: Request) -> list[Shown]:
    """Return the numbers as they stand, or as they were known at a moment that is asked for."""
    asked, now = request.query_params.get("as_of"), clock.now()
    at = None if asked is None else parse_past(asked, now=now)
    return list_known(now=now, at=at)


def _told(one: Shown) -> dict[str, Any]:
    figure = one.now.body["figure"] if one.now else None
    few = figure is not None and figure["n"] < one.spec.minimum_cases
    judged = standings(one.spec, figure) if figure and not few else ()
    return {
        "key": one.spec.key,
        "title": one.spec.title,
        "definition_version": one.version.number,
        "is_old": one.now is not None
        and is_old(spec=one.spec, computed_at=one.now.computed_at, now=clock.now()),
        "verdicts": [
            {
                "target": standing.goal.value,
                "statistic": standing.goal.statistic,
                "verdict": standing.verdict,
            }
            for standing in judged
        ],
        "numbers": list(export_rows(one)),
    }
