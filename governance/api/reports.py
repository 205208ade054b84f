"""Standing reports: what the record holds as evidence for a requirement, and what it lacks."""

from datetime import datetime

from django.http import FileResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.access.selectors import require
from governance.access.types import Capability
from governance.api.inputs import flag_of
from governance.api.permissions import actor_of, authority_of
from governance.controls import mapping
from governance.controls.registry import Report, ordered, reports
from governance.controls.rules import USUAL, is_span
from governance.controls.tables import write_csv
from governance.controls.types import Asked
from governance.ledger.services import record_read
from orchestra.core import clock
from orchestra.core.clock import parse_rfc3339, rfc3339
from orchestra.core.errors import FieldError, InvalidInputError, NotFoundError
from orchestra.core.words import in_words

_PARAMETERS = [
    OpenApiParameter("from", OpenApiTypes.DATETIME, description="92 days ago by default"),
    OpenApiParameter("to", OpenApiTypes.DATETIME, description="now by default"),
]


class LineOut(serializers.Serializer[object]):
    """How many records have what was looked for; ``missing`` names those that lack it."""

    code = serializers.CharField()
    title = serializers.SerializerMethodField()
    complete = serializers.IntegerField()
    total = serializers.IntegerField()
    missing = serializers.ListField(child=serializers.CharField())
    erased = serializers.IntegerField(help_text="How many were erased, and count as neither.")

    def get_title(self, line: object) -> str:
        """Return what was looked for, in the reader's language."""
        return in_words(getattr(line, "title", ""))


class TableOut(serializers.Serializer[object]):
    """Rows behind the lines; they are read as CSV at ``tables/{code}/``."""

    code = serializers.CharField()
    title = serializers.SerializerMethodField()

    def get_title(self, table: object) -> str:
        """Return what the rows are, in the reader's language."""
        return in_words(getattr(table, "title", ""))


class ReportOut(serializers.Serializer[object]):
    """A standing report; evidence for its requirements, and no statement that they are met."""

    code = serializers.CharField()
    title = serializers.CharField()
    about = serializers.CharField()
    requirements = serializers.ListField(child=serializers.CharField())
    does_not_show = serializers.CharField(source="silent")


class ReportSpanOut(ReportOut):
    """A report over a span: recorded at or after ``since``, and before ``until``."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    lines = LineOut(many=True)
    tables = TableOut(many=True)


class ReportView(APIView):
    """One report over a span."""

    capability = Capability.LEDGER_READ
    act = "report.read"

    @extend_schema(operation_id="report", parameters=_PARAMETERS, responses=ReportSpanOut)
    def get(self, request: Request, code: str) -> Response:
        """Read one report; the reading is an entry of the ledger.

        Raises:
            NotFoundError: There is no such report.
            InvalidInputError: The span is none, or longer than 400 days.
        """
        found = _report(code)
        now = clock.now()
        since, until = _span(request, now)
        lines = found.gaps(since=since, until=until)
        what = f"report {code}, {rfc3339(since)} to {rfc3339(until)}"
        record_read(actor=actor_of(request), now=now, what=what)
        told = {
            **ReportOut(found).data,
            "since": since,
            "until": until,
            "lines": LineOut(lines, many=True).data,
            "tables": TableOut(found.tables(Asked(since, until)), many=True).data,
        }
        return Response(told)


class MappedOut(serializers.Serializer[object]):
    """A control, and what gives evidence of it; both lists are empty where nothing does."""

    framework = serializers.CharField()
    number = serializers.CharField()
    title = serializers.SerializerMethodField()
    reports = serializers.ListField(child=serializers.CharField())
    kinds = serializers.ListField(child=serializers.CharField())

    def get_title(self, control: object) -> str:
        """Return what it is about, in the reader's language."""
        return in_words(getattr(control, "title", ""))


class ControlsView(APIView):
    """Every control, with the reports and entries that give evidence of it."""

    capability = Capability.LEDGER_READ
    act = "report.list"

    @extend_schema(operation_id="report_controls", responses=MappedOut(many=True))
    def get(self, request: Request) -> Response:
        """List the controls; whether one applies or is met is not said."""
        del request
        return Response(MappedOut(mapping.CONTROLS, many=True).data)


class ReportTableView(APIView):
    """Every row of one table of a report."""

    capability = Capability.LEDGER_READ
    act = "report.read"

    @extend_schema(
        operation_id="report_table",
        parameters=[
            *_PARAMETERS,
            OpenApiParameter("seed", str, description="What a sample is drawn by"),
            OpenApiParameter(
                "unmasked",
                bool,
                description="Network addresses as recorded; takes the right to verify the ledger",
            ),
        ],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request, code: str, table: str) -> FileResponse:
        """Read a table as CSV, times in UTC; the reading is an entry of the ledger.

        Raises:
            NotFoundError: There is no such report or table.
            InvalidInputError: The span is none, or longer than 400 days.
        """
        found = _report(code)
        now = clock.now()
        since, until = _span(request, now)
        seed, unmasked = request.query_params.get("seed", "")[:100], _is_unmasked(request)
        tables = found.tables(Asked(since, until, seed, unmasked=unmasked))
        wanted = next((one for one in tables if one.code == table), None)
        if wanted is None:
            raise NotFoundError(_("There is no such table."))
        what = f"report {code}, table {table}, {rfc3339(since)} to {rfc3339(until)}"
        what += ", with network addresses" if unmasked else ""
        record_read(actor=actor_of(request), now=now, what=what)
        name = f"report-{code}-{table}.csv"
        return FileResponse(
            write_csv(wanted),
            as_attachment=True,
            filename=name,
            content_type="text/csv; charset=utf-8",
        )


class ReportsView(APIView):
    """The standing reports."""

    capability = Capability.LEDGER_READ
    act = "report.list"

    @extend_schema(operation_id="reports", responses=ReportOut(many=True))
    def get(self, request: Request) -> Response:
        """List the reports there are, with what each is evidence for."""
        del request
        return Response(ReportOut(ordered(), many=True).data)


def _report(code: str) -> Report:
    found = reports.find(code)
    if found is None:
        raise NotFoundError(_("There is no such report."))
    return found


def _is_unmasked(request: Request) -> bool:
    """Return whether addresses are shown as recorded: it was asked for, and may be.

    Raises:
        NotPermittedError: It may not be.
    """
    if not flag_of(request, "unmasked"):
        return False
    require(authority=authority_of(request), capability=Capability.LEDGER_VERIFY)
    return True


def _span(request: Request, now: datetime) -> tuple[datetime, datetime]:
    until = _moment(request, "to") or now
    since = _moment(request, "from") or until - USUAL
    if not is_span(since, until):
        message = _("Give a span that begins before it ends, of at most 400 days.")
        raise InvalidInputError(message, errors=[FieldError("from", "range", message)])
    return since, until


def _moment(request: Request, name: str) -> datetime | None:
    text = request.query_params.get(name, "")
    if not text:
        return None
    try:
        return parse_rfc3339(text)
    except ValueError as error:
        message = _("Give an RFC 3339 time with an offset, such as 2026-11-19T19:05:00Z.")
        raise InvalidInputError(message, errors=[FieldError(name, "invalid", message)]) from error
