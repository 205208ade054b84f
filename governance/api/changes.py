"""Change requests: read, draft, review and publish them; for people only."""

from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.access.proof import find_proof
from governance.access.types import Capability
from governance.api import change_shapes as shapes
from governance.api.inputs import choice_of, valid
from governance.api.pages import PAGE_PARAMETERS, answer_page, page_of
from governance.api.permissions import actor_of, authority_of
from governance.api.step_up import with_way_to_prove
from governance.reviews import selectors, services
from governance.reviews.models import ChangeRequest
from governance.reviews.registry import documents
from governance.reviews.types import Ballot, ChangeState, ReviewChoice
from orchestra.core import clock
from orchestra.core.canonical import check_text
from orchestra.core.errors import NotPermittedError

_WRITTEN, _TO_REVIEW = "written", "to_review"


class ChangesBase(APIView):
    """Base of every view on change requests; which documents one may draft, services ask."""

    capability = Capability.CHANGE_READ
    act = "change.read"


class ChangesView(ChangesBase):
    """The change requests."""

    @extend_schema(
        operation_id="change_requests_list",
        parameters=[
            OpenApiParameter("state", str, enum=[str(one) for one in ChangeState]),
            OpenApiParameter("kind", str, description="Such as policy or cue_sheet."),
            OpenApiParameter(
                "mine",
                str,
                enum=[_WRITTEN, _TO_REVIEW],
                description="Those the caller wrote, or those that wait for the caller's vote.",
            ),
            *PAGE_PARAMETERS,
        ],
        responses=page_of(shapes.ChangeOut),
    )
    def get(self, request: Request) -> Response:
        """List change requests, newest first."""
        authority = authority_of(request)
        state = choice_of(request, "state", [str(one) for one in ChangeState])
        mine = choice_of(request, "mine", [_WRITTEN, _TO_REVIEW])
        rows = selectors.list_changes(
            authority=authority, states=[ChangeState(state)] if state else []
        )
        kind = request.query_params.get("kind", "")
        check_text(kind, "kind")
        if kind:
            rows = rows.filter(kind=kind)
        if mine == _WRITTEN:
            rows = rows.filter(author_id=authority.actor.id)
        elif mine == _TO_REVIEW:
            waiting = selectors.list_to_review(authority=authority, now=clock.now())
            rows = rows.filter(pk__in=[one.pk for one in waiting])
        return answer_page(self, request, rows, shapes.ChangeOut, shown=selectors.with_delegations)

    @extend_schema(
        operation_id="change_requests_open",
        request=shapes.ChangeIn,
        responses={201: shapes.ChangeDetailOut},
    )
    def post(self, request: Request) -> Response:
        """Open a change on the version in force; an AI agent opens none."""
        body = valid(shapes.ChangeIn, request)
        made = services.open_change(
            actor=actor_of(request),
            now=clock.now(),
            kind=_kind(body["kind"]),
            document_key=body["key"],
            title=body["title"],
            summary=body["summary"],
            document=body.get("document"),
        )
        return _created(request, made)


def _kind(name: str) -> str:
    if name not in documents:
        raise ValidationError({"kind": [_("There is no such kind of document.")]})
    return name


def _created(request: Request, made: ChangeRequest) -> Response:
    link = request.build_absolute_uri(f"/api/v1/change-requests/{made.public_id}/")
    return Response(shapes.ChangeDetailOut(made).data, status=201, headers={"Location": link})


class RollbackView(ChangesBase):
    """Changes that bring an older version back."""

    act = "change.roll_back"

    @extend_schema(
        operation_id="change_requests_roll_back",
        request=shapes.RollbackIn,
        responses={201: shapes.ChangeDetailOut},
    )
    def post(self, request: Request) -> Response:
        """Open a change whose text is that of an older version; it takes the same review."""
        body = valid(shapes.RollbackIn, request)
        made = services.roll_back(
            actor=actor_of(request),
            now=clock.now(),
            kind=_kind(body["kind"]),
            document_key=body["key"],
            number=body["number"],
            summary=body["summary"],
        )
        return _created(request, made)


class ChangeView(ChangesBase):
    """One change request."""

    @extend_schema(operation_id="change_requests_read", responses=shapes.ChangeDetailOut)
    def get(self, request: Request, change_id: UUID) -> Response:
        """Return a change with its text, its differences in words, reviews and comments."""
        found = selectors.get_change(authority=authority_of(request), change_id=change_id)
        return Response(shapes.ChangeDetailOut(found).data)


class DraftView(ChangesBase):
    """Drafts."""

    act = "change.save"

    @extend_schema(
        operation_id="change_requests_save",
        request=shapes.DraftIn,
        responses=shapes.ChangeDetailOut,
    )
    def post(self, request: Request, change_id: UUID) -> Response:
        """Save another text, written from the one whose digest is given; votes are void then."""
        body = valid(shapes.DraftIn, request)
        saved = services.save_draft(
            actor=actor_of(request),
            now=clock.now(),
            change_id=change_id,
            document=body["document"],
            seen_digest=body["digest"],
            summary=body.get("summary"),
        )
        return Response(shapes.ChangeDetailOut(saved).data)


_REVIEWS: Final[Mapping[ReviewChoice, Callable[..., ChangeRequest]]] = {
    ReviewChoice.APPROVE: services.approve,
    ReviewChoice.ASK_FOR_CHANGES: services.ask_for_changes,
    ReviewChoice.REFUSE: services.refuse,
}


class ReviewView(ChangesBase):
    """Reviews."""

    act = "change.review"

    @extend_schema(
        operation_id="change_requests_review",
        request=shapes.ReviewIn,
        responses=shapes.ChangeOut,
    )
    def post(self, request: Request, change_id: UUID) -> Response:
        """Approve exactly one text, ask for changes in it, or refuse it for good; people only."""
        body = valid(shapes.ReviewIn, request)
        ballot = Ballot(
            digest=body["digest"],
            reason=body["reason"],
            proof=find_proof(request._request),  # noqa: SLF001  DRF keeps Django's request there
        )
        try:
            found = _REVIEWS[ReviewChoice(body["review"])](
                actor=actor_of(request), now=clock.now(), change_id=change_id, ballot=ballot
            )
        except NotPermittedError as error:
            raise with_way_to_prove(error) from error
        return Response(shapes.ChangeOut(found).data)


class ScheduleView(ChangesBase):
    """Planned times."""

    act = "change.schedule"

    @extend_schema(
        operation_id="change_requests_schedule",
        request=shapes.ScheduleIn,
        responses=shapes.ChangeOut,
    )
    def post(self, request: Request, change_id: UUID) -> Response:
        """Plan when an approved change comes into force; again to plan another time."""
        found = services.schedule(
            actor=actor_of(request),
            now=clock.now(),
            change_id=change_id,
            publish_at=valid(shapes.ScheduleIn, request)["publish_at"],
        )
        return Response(shapes.ChangeOut(found).data)


class PlainActView(ChangesBase):
    """Base of the acts that take no body."""

    service: Callable[..., ChangeRequest]

    def do(self, request: Request, change_id: UUID) -> Response:
        """Do the act and answer with how the change stands."""
        found = type(self).service(actor=actor_of(request), now=clock.now(), change_id=change_id)
        return Response(shapes.ChangeOut(found).data)


class SubmitView(PlainActView):
    """Submissions."""

    act = "change.submit"
    service = staticmethod(services.submit)

    @extend_schema(operation_id="change_requests_submit", request=None, responses=shapes.ChangeOut)
    def post(self, request: Request, change_id: UUID) -> Response:
        """Hand a draft in for review; what keeps it from that is listed."""
        return self.do(request, change_id)


class WithdrawView(PlainActView):
    """Withdrawals."""

    act = "change.withdraw"
    service = staticmethod(services.withdraw)

    @extend_schema(
        operation_id="change_requests_withdraw", request=None, responses=shapes.ChangeOut
    )
    def post(self, request: Request, change_id: UUID) -> Response:
        """Take a change back before it is published."""
        return self.do(request, change_id)


class RebaseView(PlainActView):
    """Changes put on the version in force."""

    act = "change.rebase"
    service = staticmethod(services.rebase)

    @extend_schema(operation_id="change_requests_rebase", request=None, responses=shapes.ChangeOut)
    def post(self, request: Request, change_id: UUID) -> Response:
        """Put a change on the version in force now; its text stays, the votes go."""
        return self.do(request, change_id)


class UnscheduleView(PlainActView):
    """Planned times taken back."""

    act = "change.unschedule"
    service = staticmethod(services.unschedule)

    @extend_schema(
        operation_id="change_requests_unschedule", request=None, responses=shapes.ChangeOut
    )
    def post(self, request: Request, change_id: UUID) -> Response:
        """Take the planned time back; the change stays approved."""
        return self.do(request, change_id)


class PublishView(PlainActView):
    """Publications."""

    capability = Capability.CHANGE_PUBLISH
    act = "change.publish"
    service = staticmethod(services.publish)

    @extend_schema(operation_id="change_requests_publish", request=None, responses=shapes.ChangeOut)
    def post(self, request: Request, change_id: UUID) -> Response:
        """Put an approved change in force at once; an AI agent never may."""
        return self.do(request, change_id)


class CommentsView(ChangesBase):
    """Comments."""

    act = "change.comment"

    @extend_schema(
        operation_id="change_requests_comment",
        request=shapes.CommentIn,
        responses={201: shapes.CommentOut},
    )
    def post(self, request: Request, change_id: UUID) -> Response:
        """Say something about the text as it stands."""
        body = valid(shapes.CommentIn, request)
        made = services.comment(
            actor=actor_of(request), now=clock.now(), change_id=change_id, **body
        )
        number = len(selectors.list_comments(change=made.change))
        return Response(shapes.CommentOut({"number": number, "comment": made}).data, status=201)


class ResolveView(ChangesBase):
    """Comments that are settled."""

    act = "change.resolve_comment"

    @extend_schema(
        operation_id="change_requests_resolve_comment",
        request=None,
        responses=shapes.CommentOut,
    )
    def post(self, request: Request, change_id: UUID, number: int) -> Response:
        """Mark a comment as settled: whoever made it, or the author of the change."""
        done = services.resolve_comment(
            actor=actor_of(request), now=clock.now(), change_id=change_id, number=number
        )
        return Response(shapes.CommentOut({"number": number, "comment": done}).data)
