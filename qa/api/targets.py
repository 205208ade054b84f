"""Alerts of targets that are not kept: read, acknowledge and close."""

from collections.abc import Callable
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.access.types import Capability
from governance.api.inputs import Input, choice_of, valid
from governance.api.pages import PAGE_PARAMETERS, answer_page, page_of
from governance.api.permissions import actor_of
from orchestra.core import clock
from orchestra.core.enums import choices
from qa.measurement.types import Breakdown
from qa.targets import services
from qa.targets.models import OutcomeAlert
from qa.targets.selectors import get_alert, list_alerts, spec_of
from qa.targets.types import AlertState, Effect, Ending, Sign

_STATES = tuple(str(one) for one in AlertState)


class AlertWeekOut(serializers.Serializer[object]):
    """One week as it stood when the alert was opened, in the metric's unit."""

    begin = serializers.DateField(help_text="A Monday in the zone of the definition.")
    value = serializers.FloatField()
    low = serializers.FloatField(allow_null=True, help_text="Of the 95 % interval.")
    high = serializers.FloatField(allow_null=True, help_text="Of the 95 % interval.")
    n = serializers.IntegerField()


class AlertDriverOut(serializers.Serializer[object]):
    """The part that moved the number most; its interval excludes no change."""

    by = serializers.ChoiceField(choices=choices(Breakdown))
    key = serializers.CharField(help_text="Of the dimension; empty where it is not known.")
    effect = serializers.ChoiceField(choices=choices(Effect))
    points = serializers.FloatField(help_text="By how much it moved the whole.")
    low = serializers.FloatField()
    high = serializers.FloatField()
    change = serializers.FloatField(help_text="By how much the whole changed.")


class OutcomeAlertOut(serializers.Serializer[object]):
    """One alert: that weeks together say a target is not kept."""

    id = serializers.UUIDField(source="public_id")
    target = serializers.CharField(source="target.key")
    title = serializers.CharField(source="target.title")
    target_version = serializers.IntegerField(source="version.number")
    metric = serializers.CharField(source="version.metric")
    journey = serializers.CharField(source="version.journey", help_text="Empty for all.")
    owner = serializers.SerializerMethodField(help_text="The role that answers for it.")
    state = serializers.ChoiceField(choices=choices(AlertState))
    sign = serializers.ChoiceField(choices=choices(Sign))
    weeks = AlertWeekOut(many=True)
    driver = serializers.SerializerMethodField()
    opened_at = serializers.DateTimeField()
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    acknowledged_by = serializers.CharField(source="acknowledged_by.label", default="")
    note = serializers.CharField()
    closed_at = serializers.DateTimeField(allow_null=True)
    ending = serializers.ChoiceField(choices=[*choices(Ending), ("", "Not closed")])

    def get_owner(self, found: OutcomeAlert) -> str:
        """Return the role."""
        return str(spec_of(found.version).owner)

    @extend_schema_field(AlertDriverOut(allow_null=True))
    def get_driver(self, found: OutcomeAlert) -> object:
        """Return the driver, null where nothing surely moved it."""
        return AlertDriverOut(found.driver).data if found.driver else None


class NoteIn(Input):
    """What is done about it."""

    note = serializers.CharField(max_length=2000)


class OutcomeAlertsView(APIView):
    """The alerts."""

    capability = Capability.METRIC_READ
    act = "outcome_alert.list"

    @extend_schema(
        operation_id="outcome_alerts_list",
        parameters=[*PAGE_PARAMETERS, OpenApiParameter("state", str, enum=_STATES)],
        responses=page_of(OutcomeAlertOut),
    )
    def get(self, request: Request) -> Response:
        """List alerts, newest first."""
        state = choice_of(request, "state", _STATES)
        rows = list_alerts().filter(state=state) if state else list_alerts()
        return answer_page(self, request, rows, OutcomeAlertOut)


class OutcomeAlertView(APIView):
    """One alert."""

    capability = Capability.METRIC_READ
    act = "outcome_alert.read"

    @extend_schema(operation_id="outcome_alerts_read", responses=OutcomeAlertOut)
    def get(self, request: Request, outcome_alert_id: UUID) -> Response:
        """Read one alert."""
        del request
        return Response(OutcomeAlertOut(get_alert(outcome_alert_id)).data)


class _AnswerView(APIView):
    """Base of the acts on one alert; the service asks who answers for its target."""

    capability = Capability.METRIC_READ
    service: Callable[..., OutcomeAlert]

    def do(self, request: Request, alert_id: UUID) -> Response:
        """Do the act and answer with how the alert stands."""
        found = type(self).service(
            actor=actor_of(request),
            now=clock.now(),
            alert_id=alert_id,
            note=valid(NoteIn, request)["note"],
        )
        return Response(OutcomeAlertOut(found).data)


class AcknowledgeAlertView(_AnswerView):
    """Acknowledgements."""

    act = "outcome_alert.acknowledge"
    service = staticmethod(services.acknowledge_alert)

    @extend_schema(
        operation_id="outcome_alerts_acknowledge", request=NoteIn, responses=OutcomeAlertOut
    )
    def post(self, request: Request, outcome_alert_id: UUID) -> Response:
        """Say that an alert is seen and what is done about it."""
        return self.do(request, outcome_alert_id)


class CloseAlertView(_AnswerView):
    """Closings."""

    act = "outcome_alert.close"
    service = staticmethod(services.close_alert)

    @extend_schema(operation_id="outcome_alerts_close", request=NoteIn, responses=OutcomeAlertOut)
    def post(self, request: Request, outcome_alert_id: UUID) -> Response:
        """Close an alert before the numbers do, with a reason."""
        return self.do(request, outcome_alert_id)
