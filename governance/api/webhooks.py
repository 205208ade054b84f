"""Where events are sent, over REST: what there is, how it does, and sending again.

An endpoint is made, and its secret changed, on the page alone: the secret is shown once, and
the answer to a POST is kept for repeats.
"""

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.access.types import Capability
from governance.api.inputs import Input, Rfc3339Field, valid
from governance.api.pages import PAGE_PARAMETERS, answer_page, page_of
from governance.api.permissions import actor_of, authority_of
from governance.webhooks import selectors, services
from governance.webhooks.types import DeliveryState
from orchestra.core import clock
from orchestra.core.errors import FieldError, InvalidInputError


class WebhookOut(serializers.Serializer[object]):
    """One endpoint."""

    id = serializers.UUIDField(source="public_id")
    title = serializers.CharField()
    url = serializers.CharField()
    event_types = serializers.ListField(child=serializers.CharField())
    state = serializers.CharField()
    last_sequence = serializers.IntegerField(source="last_number")
    created_at = serializers.DateTimeField()


class DeliveryOut(serializers.Serializer[object]):
    """One delivery; ``sequence`` orders those of one endpoint."""

    id = serializers.UUIDField(source="public_id")
    event_id = serializers.CharField()
    type = serializers.CharField()
    sequence = serializers.IntegerField(source="number")
    state = serializers.CharField()
    attempts = serializers.IntegerField()
    error = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class SpanIn(Input):
    """From when to when it happened."""

    since = Rfc3339Field()
    until = Rfc3339Field()


class ReplayedOut(serializers.Serializer[object]):
    """How many are on their way again."""

    replayed = serializers.IntegerField()


class WebhooksView(APIView):
    """Every endpoint."""

    capability = Capability.ACCESS_READ
    act = "webhook.list"

    @extend_schema(
        operation_id="webhooks_list", parameters=PAGE_PARAMETERS, responses=page_of(WebhookOut)
    )
    def get(self, request: Request) -> Response:
        """Return the endpoints, newest first; no secret is among what is returned."""
        rows = selectors.list_endpoints(authority=authority_of(request)).order_by("-id")
        return answer_page(self, request, rows, WebhookOut)


class WebhookDeliveriesView(APIView):
    """What was sent to one endpoint."""

    capability = Capability.ACCESS_READ
    act = "webhook.read"

    @extend_schema(
        operation_id="webhook_deliveries",
        parameters=[
            *PAGE_PARAMETERS,
            OpenApiParameter("state", str, enum=[one.value for one in DeliveryState]),
        ],
        responses=page_of(DeliveryOut),
    )
    def get(self, request: Request, endpoint_id: UUID) -> Response:
        """Return the deliveries, newest first."""
        authority = authority_of(request)
        endpoint = selectors.get_endpoint(authority=authority, endpoint_id=endpoint_id)
        state = request.query_params.get("state", "")
        if state and state not in set(DeliveryState):
            message = "There is no such state."
            raise InvalidInputError(message, errors=[FieldError("state", "choice", message)])
        rows = selectors.list_deliveries(authority=authority, endpoint=endpoint, state=state)
        return answer_page(self, request, rows, DeliveryOut)


class WebhookTestView(APIView):
    """Try an endpoint."""

    capability = Capability.ACCESS_MANAGE
    act = "webhook.test"

    @extend_schema(operation_id="webhook_test", request=Input, responses={202: DeliveryOut})
    def post(self, request: Request, endpoint_id: UUID) -> Response:
        """Send a test event, whichever events the endpoint is sent."""
        valid(Input, request)
        delivery = services.send_test(
            actor=actor_of(request), now=clock.now(), endpoint_id=endpoint_id
        )
        return Response(DeliveryOut(delivery).data, status=202)


class WebhookReplayView(APIView):
    """Send again what an endpoint missed."""

    capability = Capability.ACCESS_MANAGE
    act = "webhook.replay"

    @extend_schema(operation_id="webhook_replay", request=SpanIn, responses={202: ReplayedOut})
    def post(self, request: Request, endpoint_id: UUID) -> Response:
        """Send what was given up, and what was never sent, of a span of time."""
        asked = valid(SpanIn, request)
        count = services.replay_span(
            actor=actor_of(request),
            now=clock.now(),
            endpoint_id=endpoint_id,
            since=asked["since"],
            until=asked["until"],
        )
        return Response({"replayed": count}, status=202)


class DeliveryReplayView(APIView):
    """Send one delivery again."""

    capability = Capability.ACCESS_MANAGE
    act = "webhook.replay"

    @extend_schema(
        operation_id="webhook_delivery_replay", request=Input, responses={202: DeliveryOut}
    )
    def post(self, request: Request, webhook_delivery_id: UUID) -> Response:
        """Send it again under its id and with its bytes."""
        valid(Input, request)
        delivery = services.replay(
            actor=actor_of(request), now=clock.now(), delivery_id=webhook_delivery_id
        )
        return Response(DeliveryOut(delivery).data, status=202)
