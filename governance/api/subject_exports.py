"""Everything held about one person: asked for, put together, handed out."""

from uuid import UUID

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.access.proof import find_proof
from governance.access.types import Capability
from governance.api import examples
from governance.api.inputs import Input, valid
from governance.api.pages import PAGE_PARAMETERS, answer_page, page_of
from governance.api.permissions import actor_of
from governance.api.step_up import told_where_to_prove
from governance.subject_access import services
from orchestra.core import clock


class SubjectExportIn(Input):
    """About whom, and which request it answers."""

    text = serializers.CharField(
        max_length=200, help_text="A customer's reference, or the label of a case."
    )
    reference = serializers.CharField(max_length=200, help_text="Such as a ticket.")


class SubjectExportOut(serializers.Serializer[object]):
    """Where an export stands; ``label`` names nobody, the digest is there once it is done."""

    id = serializers.UUIDField(source="public_id")
    label = serializers.CharField()  # type: ignore[assignment]  # the name of the wire
    reference = serializers.CharField()
    state = serializers.CharField()
    asked_by = serializers.CharField(source="asked_by.label")
    asked_at = serializers.DateTimeField()
    built_at = serializers.DateTimeField(allow_null=True)
    records = serializers.IntegerField()
    file_bytes = serializers.IntegerField(allow_null=True)
    file_sha256 = serializers.CharField(allow_blank=True)
    problem = serializers.CharField(allow_blank=True)


class SubjectExportsView(APIView):
    """Exports of what is held."""

    capability = Capability.PRIVACY_MANAGE
    act = "subject_export.ask"

    @extend_schema(
        operation_id="subject_exports",
        parameters=PAGE_PARAMETERS,
        responses=page_of(SubjectExportOut),
    )
    def get(self, request: Request) -> Response:
        """List the exports, newest first."""
        return answer_page(self, request, services.list_exports(), SubjectExportOut)

    @extend_schema(
        operation_id="subject_exports_ask",
        request=SubjectExportIn,
        responses={202: SubjectExportOut},
        examples=examples.SUBJECT_EXPORT,
    )
    def post(self, request: Request) -> Response:
        """Ask for what is held, with a fresh proof; ask the address in Location how far it is.

        Raises:
            NotFoundError: There is no such customer or case.
        """
        body = valid(SubjectExportIn, request)
        with told_where_to_prove():
            export = services.request_export(
                actor=actor_of(request),
                now=clock.now(),
                text=body["text"],
                reference=body["reference"],
                proof=find_proof(request._request),  # noqa: SLF001  DRF keeps Django's request there
            )
        link = request.build_absolute_uri(f"/api/v1/subject-exports/{export.public_id}/")
        return Response(SubjectExportOut(export).data, status=202, headers={"Location": link})


class SubjectExportView(APIView):
    """One export of what is held."""

    capability = Capability.PRIVACY_MANAGE
    act = "subject_export.read"

    @extend_schema(operation_id="subject_exports_read", responses=SubjectExportOut)
    def get(self, request: Request, subject_export_id: UUID) -> Response:
        """Return where it stands."""
        del request
        return Response(SubjectExportOut(services.get_export(subject_export_id)).data)


class SubjectExportFileView(APIView):
    """The file of an export of what is held."""

    capability = Capability.PRIVACY_MANAGE
    act = "subject_export.download"

    @extend_schema(
        operation_id="subject_exports_file",
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, subject_export_id: UUID) -> FileResponse:
        """Return the file; that it was taken is an entry.

        Raises:
            ConflictError: It is not put together yet, or was deleted.
        """
        export, path = services.open_file(
            actor=actor_of(request), now=clock.now(), export_id=subject_export_id
        )
        answer = FileResponse(
            path.open("rb"),
            as_attachment=True,
            filename=f"held-{export.pk}.zip",
            content_type="application/zip",
        )
        answer["Cache-Control"] = "no-store"
        return answer
