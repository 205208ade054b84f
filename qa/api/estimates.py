"""Estimates of quality over REST: what the pages say, with everything it rests on."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.access.types import Capability
from orchestra.core import clock
from orchestra.core.clock import parse_rfc3339
from orchestra.core.errors import FieldError, InvalidInputError, NotFoundError
from orchestra.core.numbers import read_whole
from qa.estimates.types import HowSure, Verdict
from qa.figures.assembling import assemble, assemble_span, break_down
from qa.figures.selectors import find_plan, read_periods
from qa.figures.types import Standing
from qa.population.types import Dimension

_MOST = 52
#: A breakdown by person is not given: it would be a league table.
BY = tuple(one.value for one in Dimension if one is not Dimension.AGENT)


class IntervalOut(serializers.Serializer[object]):
    """A 95 % interval, both ends 0 to 1."""

    low = serializers.FloatField()
    high = serializers.FloatField()


class ShareOut(serializers.Serializer[object]):
    """An estimated share, 0 to 1; ``effective`` simple reviews would be as sure.

    ``clustered`` says by how much the variance is wider since units belong to the same case.
    """

    value = serializers.FloatField(allow_null=True)
    standard_error = serializers.FloatField()
    interval = IntervalOut(allow_null=True)
    how = serializers.ChoiceField(choices=[one.value for one in HowSure])
    reviews = serializers.IntegerField()
    effective = serializers.FloatField(allow_null=True)
    clustered = serializers.FloatField()


class QualityFiguresOut(serializers.Serializer[object]):
    """What may be said; shares are null unless ``standing`` is ``known``."""

    standing = serializers.ChoiceField(choices=[one.value for one in Standing])
    size = serializers.IntegerField(help_text="Units in the population.")
    drawn = serializers.IntegerField()
    reviewed = serializers.IntegerField()
    lost = serializers.IntegerField(help_text="Drawn units that could not be reviewed.")
    checked = serializers.IntegerField(help_text="Units that automatic checks judged.")
    judge_alone = serializers.FloatField(allow_null=True, help_text="Uncorrected; no estimate.")
    unweighted = serializers.FloatField(allow_null=True, help_text="No estimate either.")
    weighted = ShareOut(allow_null=True)
    used = ShareOut(allow_null=True, help_text="The estimate.")
    short = serializers.ListField(
        child=serializers.CharField(), help_text="Strata of which too few are reviewed."
    )
    digest = serializers.CharField(help_text="Of everything that went in.")
    target = serializers.FloatField(allow_null=True, help_text="Share that is to pass, 0 to 1.")
    verdict = serializers.ChoiceField(
        choices=[one.value for one in Verdict],
        allow_null=True,
        help_text="By the whole interval, never by the value; null without a target.",
    )


class EstimatePeriodOut(serializers.Serializer[object]):
    """One period of the plan."""

    period = serializers.CharField()
    version = serializers.IntegerField(help_text="Of the plan.")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    held_reason = serializers.CharField()
    series = serializers.CharField(help_text="Of the automatic checks.")
    editions = serializers.ListField(child=serializers.CharField(), help_text="Of scorecards.")
    upheld = serializers.IntegerField(help_text="Upheld disputes; first scores still count.")
    figures = QualityFiguresOut()


class EstimateGroupOut(serializers.Serializer[object]):
    """One group; all null where it is held back."""

    value = serializers.CharField()
    reviews = serializers.IntegerField(allow_null=True)
    size = serializers.IntegerField(allow_null=True)
    estimate = ShareOut(allow_null=True)


class EstimatesOut(serializers.Serializer[object]):
    """A plan's periods, the newest first, and those with a number together."""

    plan = serializers.CharField()
    as_of = serializers.DateTimeField()
    periods = EstimatePeriodOut(many=True)
    together = QualityFiguresOut()
    by = serializers.ChoiceField(choices=BY)
    groups = EstimateGroupOut(many=True)


class EstimatesView(APIView):
    """How good work was, over a plan's last periods."""

    capability = Capability.QUALITY_READ
    act = "estimate.read"

    @extend_schema(
        operation_id="quality_estimates",
        parameters=[
            OpenApiParameter("plan", str, description="Key; the first that estimates by default."),
            OpenApiParameter("last", int, description="Periods, 1 to 52; 12 by default."),
            OpenApiParameter("as_of", OpenApiTypes.DATETIME, description="As it stood then."),
            OpenApiParameter("by", str, enum=BY, description="Groups; risk by default."),
        ],
        responses=EstimatesOut,
    )
    def get(self, request: Request) -> Response:
        """Read estimates as they stand or stood.

        Raises:
            NotFoundError: No plan of that key is in force whose reviews estimate.
            InvalidInputError: A parameter is none that can be read.
        """
        asked = _read(request)
        plan = find_plan(request.query_params.get("plan", ""))
        if plan is None:
            raise NotFoundError(_("There is no plan in force by that name that estimates."))
        rows = read_periods(plan=plan.plan.key, as_of=asked["as_of"], last=asked["last"])
        told = {
            "plan": plan.plan.key,
            "as_of": asked["as_of"],
            "periods": [_period(one) for one in rows],
            "together": assemble_span(rows),
            "by": asked["by"].value,
            "groups": break_down(rows, asked["by"]).cells,
        }
        return Response(EstimatesOut(told).data)


def _period(one: Any) -> dict[str, Any]:
    names = (
        "period",
        "version",
        "starts_at",
        "ends_at",
        "held_reason",
        "series",
        "editions",
        "upheld",
    )
    return {name: getattr(one, name) for name in names} | {"figures": assemble(one)}


def _read(request: Request) -> dict[str, Any]:
    given, now, errors = request.query_params, clock.now(), []
    found: dict[str, Any] = {"last": 12, "as_of": now, "by": Dimension.RISK}
    if "last" in given:
        found["last"] = read_whole(given["last"]) or 0
        if not 1 <= found["last"] <= _MOST:
            errors.append(FieldError("last", "range", _("Ask for 1 to 52 periods.")))
    if "as_of" in given:
        try:
            found["as_of"] = min(now, parse_rfc3339(given["as_of"]))
        except ValueError:
            message = _("Give an RFC 3339 time with an offset, such as 2026-11-19T19:05:00Z.")
            errors.append(FieldError("as_of", "invalid", message))
    if "by" in given:
        if given["by"] in BY:
            found["by"] = Dimension(given["by"])
        else:
            message = _("Groups are made by one of %(known)s.") % {"known": ", ".join(BY)}
            errors.append(FieldError("by", "choice", message))
    if errors:
        raise InvalidInputError(_("The estimates cannot be read like that."), errors=errors)
    return found
