"""Findings and checks over REST, for reading: places of words, never the words themselves."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.access.types import Capability
from governance.api.inputs import choice_of
from governance.api.pages import PAGE_PARAMETERS, answer_page, page_of
from governance.api.permissions import authority_of
from orchestra.core.redaction import mask_text
from qa.findings import selectors
from qa.findings.checks.base import Harm
from qa.findings.judging import RUBRIC
from qa.findings.licensing import LicenceState
from qa.findings.models import CheckLicence, Finding
from qa.findings.rules import CHECKS
from qa.findings.selectors import Sum, Wanted
from qa.findings.types import FindingState

_STATES = tuple(str(state) for state in FindingState)
_HARMS = tuple(str(harm) for harm in Harm)
_KEYS = (*(check.key for check in CHECKS), *(asked.check_key for asked in RUBRIC))


class SpanOut(serializers.Serializer[object]):
    """Words of one message, by characters; they stay where they were said."""

    message = serializers.UUIDField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()


class BesideOut(serializers.Serializer[object]):
    """What stands beside the words: a tool call or a version of an article."""

    kind = serializers.CharField()
    id = serializers.UUIDField()
    title = serializers.CharField(source="label")


class FindingOut(serializers.Serializer[object]):
    """One thing an automatic check found, and what a person made of it."""

    id = serializers.UUIDField(source="public_id")
    check = serializers.CharField(source="check_row.check_key")
    series = serializers.CharField(source="check_row.series")
    harm = serializers.CharField()
    state = serializers.CharField()
    detail = serializers.CharField()
    case = serializers.UUIDField(source="unit.case.public_id")
    interaction = serializers.UUIDField(source="unit.subject")
    ai_version = serializers.CharField(source="unit.ai_version")
    spans = SpanOut(many=True)
    against = BesideOut(many=True)
    found_at = serializers.DateTimeField()
    settled_by = serializers.SerializerMethodField()
    settled_at = serializers.DateTimeField(allow_null=True)
    settled_reason = serializers.SerializerMethodField()

    def get_settled_by(self, found: Finding) -> str:
        """Return who looked at it; empty while nobody did."""
        return found.settled_by.label if found.settled_by else ""

    def get_settled_reason(self, found: Finding) -> str:
        """Return why, with personal data masked."""
        return mask_text(found.settled_reason)


class CheckOut(serializers.Serializer[object]):
    """What one check came to, and how far it is trusted."""

    check = serializers.CharField()
    series = serializers.CharField()
    found = serializers.IntegerField()
    fine = serializers.IntegerField()
    not_applicable = serializers.IntegerField()
    skipped = serializers.IntegerField()
    unseen = serializers.IntegerField()
    confirmed = serializers.IntegerField()
    refuted = serializers.IntegerField()
    licence = serializers.CharField()
    failures = serializers.IntegerField(help_text="Failed by people in drawn reviews.")
    caught = serializers.IntegerField(help_text="Of those, found by the check.")
    passes = serializers.IntegerField(help_text="Passed by people in drawn reviews.")
    passed = serializers.IntegerField(help_text="Of those, passed by the check.")


class CoverageOut(serializers.Serializer[object]):
    """What became of the interactions that ended."""

    ended = serializers.IntegerField()
    checked = serializers.IntegerField()
    waiting = serializers.IntegerField()
    skipped = serializers.DictField(child=serializers.IntegerField())


class ChecksOut(serializers.Serializer[object]):
    """Every check, with how much of the work it read."""

    coverage = CoverageOut()
    checks = CheckOut(many=True)


class FindingsView(APIView):
    """The findings the caller may see."""

    capability = Capability.QUALITY_READ
    act = "finding.list"

    @extend_schema(
        operation_id="findings_list",
        parameters=[
            *PAGE_PARAMETERS,
            OpenApiParameter("state", str, enum=_STATES),
            OpenApiParameter("harm", str, enum=_HARMS),
            OpenApiParameter("check", str, enum=_KEYS),
            OpenApiParameter("ai_version", str, description="As the finding's unit names it."),
        ],
        responses=page_of(FindingOut),
    )
    def get(self, request: Request) -> Response:
        """List findings, newest first."""
        state = choice_of(request, "state", _STATES)
        wanted = Wanted(
            states=(FindingState(state),) if state else (),
            harm=choice_of(request, "harm", _HARMS),
            check=choice_of(request, "check", _KEYS),
            ai_version=request.query_params.get("ai_version", ""),
        )
        rows = selectors.list_findings(authority=authority_of(request), wanted=wanted)
        return answer_page(self, request, rows, FindingOut)


class FindingView(APIView):
    """One finding."""

    capability = Capability.QUALITY_READ
    act = "finding.read"

    @extend_schema(operation_id="finding", responses=FindingOut)
    def get(self, request: Request, finding_id: UUID) -> Response:
        """Read one finding.

        Raises:
            NotFoundError: There is none, or the caller may not see its case.
        """
        found = selectors.get_finding(authority=authority_of(request), finding_id=finding_id)
        return Response(FindingOut(found).data)


class ChecksView(APIView):
    """The checks and their licences."""

    capability = Capability.QUALITY_READ
    act = "check.list"

    @extend_schema(operation_id="checks_list", responses=ChecksOut)
    def get(self, request: Request) -> Response:
        """Read what every check came to on the cases the caller may read."""
        authority = authority_of(request)
        licences = selectors.list_licences()
        found = selectors.tally(authority=authority, wanted=Wanted(), licences=licences)
        told = {
            "coverage": {**asdict(found.coverage), "waiting": found.coverage.waiting},
            "checks": [_check(key, found.sums, licences) for key in _KEYS],
        }
        return Response(ChecksOut(told).data)


def _check(key: str, sums: dict[str, Sum], licences: dict[str, CheckLicence]) -> dict[str, Any]:
    licence = licences.get(key)
    counts = ("failures", "caught", "passes", "passed")
    return {
        **asdict(sums.get(key, Sum(key))),
        "check": key,
        "licence": licence.state if licence else LicenceState.ADVISORY,
        **{name: getattr(licence, name) if licence else 0 for name in counts},
    }
