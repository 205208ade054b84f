"""Reviews of people over REST, for reading: what they came to, never what anybody said."""

from fractions import Fraction
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.access.rules import may
from governance.access.types import Authority, Capability
from governance.api.inputs import choice_of, flag_of
from governance.api.pages import PAGE_PARAMETERS, answer_page, page_of
from governance.api.permissions import authority_of
from orchestra.core.enums import choices
from qa.population.types import Unit
from qa.reviewing import selectors
from qa.reviewing.models import Review
from qa.reviewing.types import ReviewKind, ReviewState
from qa.scorecards.scoring import shown
from qa.scorecards.selectors import spec_of

_STATES = tuple(str(state) for state in ReviewState)


class PinnedScorecardOut(serializers.Serializer[object]):
    """The version of the scorecard that a review is of, whatever was published since."""

    key = serializers.CharField(source="scorecard.key")
    version = serializers.IntegerField(source="number")
    digest = serializers.CharField()


class QualityReviewOut(serializers.Serializer[object]):
    """One review, and its score once it was handed in."""

    id = serializers.UUIDField(source="public_id")
    kind = serializers.SerializerMethodField()
    state = serializers.ChoiceField(choices=choices(ReviewState))
    unit_kind = serializers.ChoiceField(choices=choices(Unit), source="unit.kind")
    unit = serializers.CharField(source="unit.subject")
    case = serializers.UUIDField(source="unit.case.public_id")
    sample = serializers.SerializerMethodField()
    scorecard = PinnedScorecardOut()
    reviewer = serializers.SerializerMethodField()
    assigned_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    score = serializers.SerializerMethodField()
    passed = serializers.BooleanField(allow_null=True)
    failed = serializers.ListField(
        child=serializers.CharField(), help_text="Critical questions that were failed."
    )
    skipped_for = serializers.CharField(help_text="Empty where it was not skipped.")

    @extend_schema_field(serializers.ChoiceField(choices=choices(ReviewKind)))
    def get_kind(self, review: Review) -> str:
        """Return its kind."""
        return str(review.kind)

    def get_sample(self, review: Review) -> UUID | None:
        """Return the sample it was drawn in; null where it was asked for, or for reviewers."""
        return review.drawn.period.public_id if review.drawn else None

    def get_reviewer(self, review: Review) -> UUID | None:
        """Return who reviews it; null while nobody does."""
        return review.reviewer.public_id if review.reviewer else None

    def get_score(self, review: Review) -> str | None:
        """Return the percentage as its scorecard rounds it; null where there is none."""
        if not review.percent:
            return None
        decimals = spec_of(review.scorecard).scoring.decimals
        return shown(Fraction(review.percent), decimals=decimals)


class OwnReviewOut(QualityReviewOut):
    """One review as whoever reviews it reads it: gold is told as the first review it looks like.

    Gold was drawn in a sample of before, whose id would tell what it is.
    """

    def get_kind(self, review: Review) -> str:
        """Return its kind."""
        return str(ReviewKind.FIRST if review.kind == ReviewKind.GOLD else review.kind)

    def get_sample(self, review: Review) -> UUID | None:
        """Return nothing; who leads reads which sample it is of."""
        del review
        return None


def _shape(authority: Authority) -> type[QualityReviewOut]:
    return QualityReviewOut if may(authority, Capability.QUALITY_LEAD) else OwnReviewOut


class QualityReviewsView(APIView):
    """The reviews the caller may see: one's own, and all for who leads quality."""

    capability = Capability.QUALITY_READ
    act = "quality_review.list"

    @extend_schema(
        operation_id="quality_reviews_list",
        parameters=[
            *PAGE_PARAMETERS,
            OpenApiParameter("mine", bool, description="Only those given to the caller."),
            OpenApiParameter("state", str, enum=_STATES),
        ],
        responses=page_of(QualityReviewOut),
    )
    def get(self, request: Request) -> Response:
        """List reviews, newest first."""
        authority = authority_of(request)
        rows = selectors.list_reviews(authority=authority)
        if flag_of(request, "mine"):
            rows = rows.filter(selectors.given_to(authority))
        state = choice_of(request, "state", _STATES)
        if state:
            rows = rows.filter(state=state)
        return answer_page(self, request, rows, _shape(authority))


class QualityReviewView(APIView):
    """One review."""

    capability = Capability.QUALITY_READ
    act = "quality_review.read"

    @extend_schema(operation_id="quality_reviews_read", responses=QualityReviewOut)
    def get(self, request: Request, quality_review_id: UUID) -> Response:
        """Read one review.

        Raises:
            NotFoundError: There is none, or it is somebody else's.
        """
        authority = authority_of(request)
        found = selectors.get_review(authority=authority, review_id=quality_review_id)
        return Response(_shape(authority)(found).data)
