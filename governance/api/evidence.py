"""Exports of evidence: ask for one, see how far it is, take the file."""

from typing import Any
from uuid import UUID

from django.http import FileResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.access.types import Capability
from governance.api import examples
from governance.api.inputs import Input, Rfc3339Field, valid
from governance.api.permissions import actor_of, authority_of
from governance.evidence import selectors, services
from governance.evidence.types import ExportScope, FieldGroup, ScopeKind
from governance.ledger.selection import EntrySelection
from orchestra.core import clock
from orchestra.core.errors import FieldError, InvalidInputError
from orchestra.core.words import in_words


class ExportIn(Input):
    """What to prove, what to leave out, why the gaps are there."""

    scope = serializers.ChoiceField(choices=[one.value for one in ScopeKind])
    key = serializers.CharField(required=False, default="", max_length=100)
    selection = serializers.JSONField(required=False, default=None, allow_null=True)
    since = Rfc3339Field(required=False, default=None, allow_null=True)
    until = Rfc3339Field(required=False, default=None, allow_null=True)
    leave_out = serializers.ListField(
        child=serializers.ChoiceField(choices=[one.value for one in FieldGroup]), required=False
    )
    explanations = serializers.DictField(child=serializers.CharField(), required=False)
    held_size = serializers.IntegerField(required=False, min_value=1)


class ExportOut(serializers.Serializer[object]):
    """Where an export stands; the file's digest once it is done."""

    id = serializers.UUIDField(source="public_id")
    title = serializers.CharField()
    state = serializers.CharField()
    stage = serializers.CharField()
    entries_done = serializers.IntegerField(source="done")
    entries_total = serializers.IntegerField(source="total")
    gaps = serializers.JSONField()
    leave_out = serializers.JSONField()
    checkpoint_size = serializers.IntegerField(allow_null=True)
    file_name = serializers.CharField(allow_blank=True)
    file_bytes = serializers.IntegerField(allow_null=True)
    file_sha256 = serializers.CharField(allow_blank=True)
    verified_at = serializers.DateTimeField(allow_null=True)
    problem = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class GapOut(serializers.Serializer[object]):
    """What a control asks for and the record does not hold everywhere, and why if it was said."""

    code = serializers.CharField()
    title = serializers.SerializerMethodField()
    complete = serializers.IntegerField()
    total = serializers.IntegerField()
    missing = serializers.ListField(child=serializers.CharField())
    note = serializers.CharField(allow_blank=True)
    explanation = serializers.CharField(allow_blank=True)
    explained_by = serializers.CharField(allow_blank=True)
    explained_at = serializers.CharField(allow_blank=True, help_text="RFC 3339; empty until then.")

    def get_title(self, gap: object) -> str:
        """Return what was looked for, in the reader's language."""
        return in_words(getattr(gap, "title", ""))


class GapIn(Input):
    """Why one gap is there, for whoever reads the file."""

    code = serializers.CharField(max_length=100)
    explanation = serializers.CharField(max_length=2000)


class ExportsView(APIView):
    """Ask for an export."""

    capability = Capability.LEDGER_READ
    act = "evidence.request"

    @extend_schema(operation_id="evidence_request", request=ExportIn, responses={202: ExportOut})
    def post(self, request: Request) -> Response:
        """Ask for evidence; ask the address in Location for how far it is."""
        asked: dict[str, Any] = valid(ExportIn, request)
        leave_out = asked.get("leave_out", services.LEFT_OUT_BY_DEFAULT)
        export = services.request_export(
            actor=actor_of(request),
            now=clock.now(),
            scope=_scope(asked),
            leave_out=[FieldGroup(one) for one in leave_out],
            explanations=asked.get("explanations"),
            held_size=asked.get("held_size"),
        )
        link = reverse("evidence_export", args=[export.public_id])
        return Response(ExportOut(export).data, status=202, headers={"Location": link})


def _scope(asked: dict[str, Any]) -> ExportScope:
    """Return the scope asked for; a search is one's own saved one, or written out.

    Raises:
        InvalidInputError: The selection is none, or stands beside another kind of scope.
    """
    kind, key, given = ScopeKind(asked["scope"]), asked["key"], asked["selection"]
    since, until = asked["since"], asked["until"]
    if given is None:
        return ExportScope(kind, key, since, until)
    if kind is not ScopeKind.SEARCH or key:
        message = _("A selection goes with the scope search, and without a key.")
        raise InvalidInputError(message, errors=[FieldError("selection", "invalid", message)])
    found = EntrySelection.from_json(given)
    return ExportScope(
        kind, "", since or found.since, until or found.until, selection=found.to_json()
    )


class ExportView(APIView):
    """One export."""

    capability = Capability.LEDGER_READ
    act = "evidence.read"

    @extend_schema(operation_id="evidence_read", responses=ExportOut)
    def get(self, request: Request, export_id: UUID) -> Response:
        """Return where it stands."""
        found = selectors.get_export(authority=authority_of(request), export_id=export_id)
        return Response(ExportOut(found).data)


class ExportGapsView(APIView):
    """The gaps of an export."""

    capability = Capability.LEDGER_READ

    @property
    def act(self) -> str:
        """What is tried, for the record of a refusal."""
        return "evidence.explain" if self.request.method == "POST" else "evidence.read"

    @extend_schema(operation_id="evidence_gaps", responses=GapOut(many=True))
    def get(self, request: Request, export_id: UUID) -> Response:
        """List the gaps, explained or not."""
        found = selectors.get_export(authority=authority_of(request), export_id=export_id)
        return Response(GapOut(selectors.gaps_of(found), many=True).data)

    @extend_schema(
        operation_id="evidence_explain", request=GapIn, responses=ExportOut, examples=examples.GAP
    )
    def post(self, request: Request, export_id: UUID) -> Response:
        """Say why a gap is there; it is printed in the file. The last one begins the building.

        Raises:
            NotFoundError: There is no such export, or it is not the caller's to see.
            ConflictError: It waits for no explanation.
            InvalidInputError: There is no such gap, or the text is empty or too long.
        """
        body = valid(GapIn, request)
        export = services.explain_gap(
            actor=actor_of(request),
            now=clock.now(),
            export_id=export_id,
            code=body["code"],
            explanation=body["explanation"],
        )
        return Response(ExportOut(export).data)


class ExportFileView(APIView):
    """The file of an export."""

    capability = Capability.LEDGER_READ
    act = "evidence.download"

    @extend_schema(
        operation_id="evidence_file", responses={(200, "application/zip"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request, export_id: UUID) -> FileResponse:
        """Return the finished, verified file; that it was taken is an entry."""
        export, path = services.open_file(
            actor=actor_of(request), now=clock.now(), export_id=export_id
        )
        answer = FileResponse(
            path.open("rb"),
            as_attachment=True,
            filename=export.file_name,
            content_type="application/zip",
        )
        answer["Cache-Control"] = "no-store"
        return answer
