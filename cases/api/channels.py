"""Where other systems send contacts: signed requests, verified on their raw body."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.channels import services
from orchestra.core import clock


class ReceivedOut(serializers.Serializer[object]):
    """What became of it: taken, duplicate, ignored or unplaced."""

    outcome = serializers.CharField()


class ChannelView(APIView):
    """One channel; the signature is who calls, so no token and no session counts."""

    authentication_classes: Any = []
    permission_classes: Any = []

    @extend_schema(
        operation_id="channel_receive",
        auth=[],
        request=OpenApiTypes.OBJECT,
        responses=ReceivedOut,
    )
    def post(self, request: Request, channel_key: str) -> Response:
        """Take in one event; what is no message is counted and answered alike."""
        outcome = services.receive(
            key=channel_key,
            headers={name.lower(): value for name, value in request.headers.items()},
            body=request._request.body,  # noqa: SLF001  the bytes that were signed
            now=clock.now(),
        )
        return Response({"outcome": str(outcome)})
