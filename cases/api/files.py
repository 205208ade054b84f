"""Files of a case's evidence, and what is stated of its matter."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from cases.api.inputs import FactIn, FileIn
from cases.api.memory import CaseView
from cases.api.outputs import EvidenceOut
from cases.journeys import services as journeys
from cases.memory import selectors as memory
from cases.memory import services as memory_services
from cases.memory.facts import standing
from cases.memory.services import FileContent
from governance.api.inputs import valid
from governance.api.permissions import actor_of
from orchestra.core import clock
from orchestra.core.handed import hand_out


class StatedFactOut(serializers.Serializer[object]):
    """A fact as it was recorded, with how far it is trusted and where it comes from."""

    name = serializers.CharField()
    value = serializers.CharField()
    trust = serializers.CharField()
    source_kind = serializers.CharField()
    source_id = serializers.CharField()
    at = serializers.DateTimeField()


class FactStandingOut(serializers.Serializer[object]):
    """What stands of one name, and what was said against it since."""

    stands = StatedFactOut()
    doubted_by = StatedFactOut(allow_null=True)
    earlier = serializers.IntegerField()


class FilesView(CaseView):
    """Files of a case."""

    act = "evidence.attach"
    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="files_attach",
        request={"multipart/form-data": FileIn},
        responses={201: EvidenceOut},
    )
    def post(self, request: Request, case_id: UUID) -> Response:
        """Attach a file, with what it proves; its kind is told from its bytes."""
        body = valid(FileIn, request)
        sent = body["file"]
        found = journeys.attach_file(
            actor=actor_of(request),
            now=clock.now(),
            case=self.case(request, case_id),
            file=FileContent(sent.name, sent.read(), sent.content_type or ""),
            kind=body["kind"],
            title=body["title"],
            proves=body["proves"],
        )
        return Response(EvidenceOut(found).data, status=status.HTTP_201_CREATED)


class FileView(CaseView):
    """One file of a case."""

    act = "evidence.open"

    @extend_schema(operation_id="files_read", responses={(200, "*/*"): OpenApiTypes.BINARY})
    def get(self, request: Request, case_id: UUID, evidence_id: UUID) -> HttpResponse:
        """Return the file as it was attached; that it was opened is recorded."""
        file, kind = memory_services.open_file(
            actor=actor_of(request),
            now=clock.now(),
            case=self.case(request, case_id),
            evidence_id=evidence_id,
        )
        return hand_out(
            content=file.content,
            name=file.name,
            media_type=kind.media_type,
            inline=kind.inline,
        )


class FactsView(CaseView):
    """What is known of the matter."""

    act = "fact.state"

    @extend_schema(operation_id="facts_list", responses=FactStandingOut(many=True))
    def get(self, request: Request, case_id: UUID) -> Response:
        """List what stands for each name, and what was said against it since."""
        found = standing(memory.list_facts(case=self.case(request, case_id)))
        shown: Any = FactStandingOut(found, many=True).data
        return Response(shown)

    @extend_schema(operation_id="facts_state", request=FactIn, responses={201: StatedFactOut})
    def post(self, request: Request, case_id: UUID) -> Response:
        """Record a fact; how far it is trusted follows from where it comes from."""
        body = valid(FactIn, request)
        found = journeys.state_fact(
            actor=actor_of(request), now=clock.now(), case=self.case(request, case_id), **body
        )
        return Response(StatedFactOut(found).data, status=status.HTTP_201_CREATED)
