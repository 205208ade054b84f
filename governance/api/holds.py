"""Legal holds: placed, confirmed by a second person, and lifted by two."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.access.proof import find_proof
from governance.access.types import Capability
from governance.api import examples
from governance.api.inputs import Input, Rfc3339Field, flag_of, valid
from governance.api.pages import PAGE_PARAMETERS, answer_page, page_of
from governance.api.permissions import actor_of
from governance.api.step_up import told_where_to_prove
from governance.privacy import selectors, services
from governance.privacy.models import LegalHold
from governance.privacy.services import Cover
from governance.privacy.types import HoldScope
from orchestra.core import clock

ENDED = OpenApiParameter("ended", bool, description="Those that ended, instead of those to come.")


def wants_ended(request: Request) -> bool:
    """Return whether a list is asked for of what ended."""
    return flag_of(request, ENDED.name)


class HoldIn(Input):
    """What a hold covers and why; a case or customer by ``text``, a span by both its ends."""

    scope = serializers.ChoiceField(choices=[one.value for one in HoldScope])
    text = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=200,
        help_text="A case's label or a customer's reference; nothing for a span.",
    )
    begins_at = Rfc3339Field(required=False, default=None, allow_null=True)
    ends_at = Rfc3339Field(required=False, default=None, allow_null=True)
    reason = serializers.CharField(max_length=500)
    reference = serializers.CharField(max_length=200, help_text="Of the matter it serves.")


class LiftIn(Input):
    """Why."""

    reason = serializers.CharField(max_length=500)


class HoldOut(serializers.Serializer[object]):
    """A hold, who decided it, and where it stands; ``label`` names nobody."""

    id = serializers.UUIDField(source="public_id")
    number = serializers.CharField()
    scope = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the name of the wire
    begins_at = serializers.DateTimeField(allow_null=True)
    ends_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField()
    reference = serializers.CharField()
    state = serializers.CharField()
    asked_by = serializers.CharField(source="asked_by.label")
    asked_at = serializers.DateTimeField()
    deadline_at = serializers.DateTimeField(allow_null=True)
    confirmed_by = serializers.CharField(source="confirmed_by.label", default=None, allow_null=True)
    confirmed_at = serializers.DateTimeField(allow_null=True)
    lift_asked_by = serializers.CharField(
        source="lift_asked_by.label", default=None, allow_null=True
    )
    lift_asked_at = serializers.DateTimeField(allow_null=True)
    lift_reason = serializers.CharField(allow_blank=True)
    lifted_by = serializers.CharField(source="lifted_by.label", default=None, allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)


class HoldsView(APIView):
    """Legal holds."""

    capability = Capability.LEDGER_VERIFY
    act = "legal_hold.place"

    @extend_schema(
        operation_id="legal_holds",
        parameters=[ENDED, *PAGE_PARAMETERS],
        responses=page_of(HoldOut),
    )
    def get(self, request: Request) -> Response:
        """List the holds that block, or those that ended, newest first."""
        rows = selectors.list_holds(ended=wants_ended(request))
        return answer_page(self, request, rows, HoldOut)

    @extend_schema(
        operation_id="legal_holds_place",
        request=HoldIn,
        responses={201: HoldOut},
        examples=examples.HOLD,
    )
    def post(self, request: Request) -> Response:
        """Place a hold; it blocks from now on, and another person confirms it.

        Raises:
            NotFoundError: There is no such case or customer.
            InvalidInputError: A text is missing, or the span has no end or ends too early.
        """
        body = valid(HoldIn, request)
        hold = services.ask_hold(
            actor=actor_of(request),
            now=clock.now(),
            cover=Cover(HoldScope(body["scope"]), body["text"], body["begins_at"], body["ends_at"]),
            reason=body["reason"],
            reference=body["reference"],
        )
        link = request.build_absolute_uri(f"/api/v1/legal-holds/{hold.public_id}/")
        return Response(HoldOut(hold).data, status=201, headers={"Location": link})


class HoldView(APIView):
    """One legal hold."""

    capability = Capability.LEDGER_VERIFY
    act = "legal_hold.read"

    @extend_schema(operation_id="legal_holds_read", responses=HoldOut)
    def get(self, request: Request, hold_id: UUID) -> Response:
        """Return where it stands, and who decided."""
        del request
        return Response(HoldOut(selectors.get_hold(hold_id)).data)


class _ActView(APIView):
    """One act on a hold."""

    capability = Capability.LEDGER_VERIFY
    service: ClassVar[Callable[..., LegalHold]]

    def answer(self, request: Request, hold_id: UUID, **more: Any) -> Response:
        """Do the act, and return the hold as it stands after it."""
        act = partial(type(self).service, actor=actor_of(request), now=clock.now())
        with told_where_to_prove():
            hold = act(hold_id=hold_id, **more)
        return Response(HoldOut(hold).data)


class ConfirmView(_ActView):
    """Confirming."""

    act = "legal_hold.confirm"
    service = services.confirm_hold

    @extend_schema(operation_id="legal_holds_confirm", request=None, responses=HoldOut)
    def post(self, request: Request, hold_id: UUID) -> Response:
        """Confirm a hold that another person placed; from then on only two people end it."""
        return self.answer(request, hold_id)


class WithdrawView(_ActView):
    """Taking back."""

    act = "legal_hold.withdraw"
    service = services.withdraw_hold

    @extend_schema(operation_id="legal_holds_withdraw", request=None, responses=HoldOut)
    def post(self, request: Request, hold_id: UUID) -> Response:
        """Take back a hold that nobody confirmed."""
        return self.answer(request, hold_id)


class AskLiftView(_ActView):
    """Asking to lift."""

    act = "legal_hold.ask_lift"
    service = services.ask_lift

    @extend_schema(
        operation_id="legal_holds_ask_lift",
        request=LiftIn,
        responses=HoldOut,
        examples=examples.LIFT,
    )
    def post(self, request: Request, hold_id: UUID) -> Response:
        """Ask that a hold is lifted; it blocks until another person agrees."""
        return self.answer(request, hold_id, reason=valid(LiftIn, request)["reason"])


class KeepView(_ActView):
    """Keeping."""

    act = "legal_hold.keep"
    service = services.keep_hold

    @extend_schema(operation_id="legal_holds_keep", request=None, responses=HoldOut)
    def post(self, request: Request, hold_id: UUID) -> Response:
        """Keep a hold whose lifting was asked for."""
        return self.answer(request, hold_id)


class LiftView(_ActView):
    """Lifting."""

    act = "legal_hold.lift"
    service = services.lift_hold

    @extend_schema(operation_id="legal_holds_lift", request=None, responses=HoldOut)
    def post(self, request: Request, hold_id: UUID) -> Response:
        """Agree that a hold ends; it takes a fresh proof, and another person than who asked."""
        return self.answer(request, hold_id, proof=find_proof(request._request))  # noqa: SLF001  DRF keeps Django's request there
