"""Samples and the proofs of their draws: read."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.access.types import Capability
from governance.api.pages import PAGE_PARAMETERS, answer_page, page_of
from orchestra.core.enums import choices
from orchestra.core.errors import NotFoundError
from qa.sampling import proofs, showing
from qa.sampling.models import SamplePeriod
from qa.sampling.types import PeriodState, PlanKind


class SampleOut(serializers.Serializer[object]):
    """One period of a sampling plan; its seed stands in the proof, once the frame is closed."""

    id = serializers.UUIDField(source="public_id")
    plan = serializers.CharField(source="version.plan.key")
    version = serializers.IntegerField(source="version.number")
    kind = serializers.ChoiceField(choices=choices(PlanKind), source="version.kind")
    state = serializers.ChoiceField(choices=choices(PeriodState))
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    commitment = serializers.CharField(help_text="SHA-256 of the seed.")
    committed_at = serializers.DateTimeField()
    drawn_at = serializers.DateTimeField(allow_null=True)
    frame_size = serializers.IntegerField(help_text="0 before the frame is closed.")
    left_out = serializers.DictField(child=serializers.IntegerField())
    drawn = serializers.IntegerField(source="count")
    lost = serializers.IntegerField(help_text="Drawn, and could not be reviewed.")


class ReplacementOut(serializers.Serializer[object]):
    """What could not be reviewed, and what took its place."""

    lost = serializers.CharField()
    next = serializers.CharField()
    reason = serializers.CharField()


class SampleProofOut(serializers.Serializer[object]):
    """All that drawing again needs beside the frame; ``redraw.py`` reads it."""

    plan = serializers.CharField()
    version = serializers.IntegerField()
    starts_at = serializers.CharField()
    ends_at = serializers.CharField()
    commitment = serializers.CharField()
    committed_at = serializers.CharField()
    seed = serializers.CharField()
    frame_size = serializers.IntegerField()
    frame_digest = serializers.CharField()
    draw_digest = serializers.CharField()
    sizes = serializers.DictField(child=serializers.IntegerField())
    drawn = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    replacements = ReplacementOut(many=True)


class SampleFrameOut(serializers.Serializer[object]):
    """The frame as it was closed: unit to stratum."""

    frame = serializers.DictField(child=serializers.CharField())


class SamplesView(APIView):
    """Every period of every plan."""

    capability = Capability.SAMPLING_READ

    @extend_schema(
        operation_id="samples_list", parameters=PAGE_PARAMETERS, responses=page_of(SampleOut)
    )
    def get(self, request: Request) -> Response:
        """List samples, newest first."""
        return answer_page(self, request, showing.list_periods(), SampleOut)


class SampleView(APIView):
    """One sample."""

    capability = Capability.SAMPLING_READ

    @extend_schema(operation_id="samples_read", responses=SampleOut)
    def get(self, request: Request, sample_id: UUID) -> Response:
        """Return one sample."""
        del request
        return Response(SampleOut(_found(sample_id)).data)


class SampleProofView(APIView):
    """The proof of a draw."""

    capability = Capability.SAMPLING_READ

    @extend_schema(operation_id="samples_proof", responses=SampleProofOut)
    def get(self, request: Request, sample_id: UUID) -> Response:
        """Return the proof; nothing is found before the frame is closed."""
        del request
        proof: dict[str, Any] = proofs.proof_of(_drawn(sample_id))
        return Response(SampleProofOut(proof).data)


class SampleFrameView(APIView):
    """The frame that was drawn from."""

    capability = Capability.SAMPLING_READ

    @extend_schema(operation_id="samples_frame", responses=SampleFrameOut)
    def get(self, request: Request, sample_id: UUID) -> Response:
        """Return the frame; nothing is found before it is closed."""
        del request
        return Response({"frame": proofs.stored_frame(_drawn(sample_id))})


def _found(sample_id: UUID) -> SamplePeriod:
    found = showing.list_periods().filter(public_id=sample_id).first()
    if found is None:
        raise NotFoundError(_("There is no such sample."))
    return found


def _drawn(sample_id: UUID) -> SamplePeriod:
    found = _found(sample_id)
    if found.drawn_at is None:
        raise NotFoundError(_("There is no such sample."))
    return found
