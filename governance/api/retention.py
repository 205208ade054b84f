"""Retention: how long each class of record is kept, and what the last runs came to."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.access.types import Capability
from governance.retention import selectors
from governance.retention.models import RetentionRun


class ClassOut(serializers.Serializer[object]):
    """One class of record and its period."""

    name = serializers.CharField(source="kept.code")
    title = serializers.CharField(source="kept.title")
    days = serializers.IntegerField()
    least_days = serializers.IntegerField(source="kept.least_days")
    basis = serializers.CharField(source="kept.basis")
    counts_from = serializers.CharField(source="kept.counts_from")


class FiguresOut(serializers.Serializer[object]):
    """What a run came to for one class; ``held_by`` names legal holds by their number."""

    name = serializers.CharField()
    days = serializers.IntegerField()
    gone = serializers.IntegerField()
    held = serializers.IntegerField()
    oldest = serializers.DateTimeField(allow_null=True)
    held_by = serializers.DictField(child=serializers.IntegerField())


class RunOut(serializers.Serializer[object]):
    """A run that ended; a dry one only counted."""

    id = serializers.UUIDField()
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    classes = FiguresOut(many=True)


class RetentionOut(serializers.Serializer[object]):
    """The schedule, and the last run and dry run that ended."""

    schedule = ClassOut(many=True)
    last_run = RunOut(allow_null=True)
    last_dry_run = RunOut(allow_null=True)


class RetentionView(APIView):
    """The schedule of retention."""

    capability = Capability.LEDGER_READ
    act = "retention.read"

    @extend_schema(operation_id="retention", responses=RetentionOut)
    def get(self, request: Request) -> Response:
        """Return every class with its period, and what the last runs came to."""
        del request
        told = {
            "schedule": selectors.list_schedule(),
            "last_run": _told(selectors.last_run(is_dry=False, ended=True)),
            "last_dry_run": _told(selectors.last_run(is_dry=True, ended=True)),
        }
        return Response(RetentionOut(told).data)


def _told(run: RetentionRun | None) -> dict[str, Any] | None:
    if run is None:
        return None
    return {
        "id": run.public_id,
        "created_at": run.created_at,
        "ended_at": run.ended_at,
        "classes": selectors.figures_of(run),
    }
