"""Erasing personal data: asked for by one person, confirmed by another, never undone."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.access.proof import find_proof
from governance.access.types import Capability
from governance.api import examples
from governance.api.holds import ENDED, wants_ended
from governance.api.inputs import Input, valid
from governance.api.pages import PAGE_PARAMETERS, answer_page, page_of
from governance.api.permissions import actor_of
from governance.api.step_up import told_where_to_prove
from governance.privacy import selectors, services
from governance.privacy.types import ErasureBasis
from orchestra.core import clock


class ErasureIn(Input):
    """Whose data, on what ground, and for which matter."""

    text = serializers.CharField(
        max_length=200, help_text="A customer's reference, or the label of a case."
    )
    basis = serializers.ChoiceField(choices=[one.value for one in ErasureBasis])
    reference = serializers.CharField(max_length=200, help_text="Of the request; it stays.")


class ErasureOut(serializers.Serializer[object]):
    """An erasure; ``label`` names nobody, and the counts are by the kind of record."""

    id = serializers.UUIDField(source="public_id")
    number = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the name of the wire
    cases = serializers.ListField(child=serializers.CharField())
    basis = serializers.CharField()
    reference = serializers.CharField()
    state = serializers.CharField()
    previewed = serializers.DictField(child=serializers.IntegerField())
    erased = serializers.DictField(child=serializers.IntegerField())
    problem = serializers.CharField(allow_blank=True)
    asked_by = serializers.CharField(source="asked_by.label")
    asked_at = serializers.DateTimeField()
    deadline_at = serializers.DateTimeField()
    confirmed_by = serializers.CharField(source="confirmed_by.label", default=None, allow_null=True)
    confirmed_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)


class ErasuresView(APIView):
    """Erasures."""

    capability = Capability.LEDGER_VERIFY
    act = "erasure.ask"

    @extend_schema(
        operation_id="erasures",
        parameters=[ENDED, *PAGE_PARAMETERS],
        responses=page_of(ErasureOut),
    )
    def get(self, request: Request) -> Response:
        """List the erasures that are to come, or those that ended, newest first."""
        rows = selectors.list_erasures(ended=wants_ended(request))
        return answer_page(self, request, rows, ErasureOut)

    @extend_schema(
        operation_id="erasures_ask",
        request=ErasureIn,
        responses={201: ErasureOut},
        examples=examples.ERASE,
    )
    def post(self, request: Request) -> Response:
        """Ask for an erasure; nothing is erased until another person confirms it.

        Raises:
            NotFoundError: There is nobody by that name.
            InvalidInputError: There is nothing to erase.
            ConflictError: A legal hold covers it, something has to end first, or it is asked
                already.
        """
        body = valid(ErasureIn, request)
        erasure = services.ask_erasure(
            actor=actor_of(request),
            now=clock.now(),
            text=body["text"],
            basis=ErasureBasis(body["basis"]),
            reference=body["reference"],
        )
        link = request.build_absolute_uri(f"/api/v1/erasures/{erasure.public_id}/")
        return Response(ErasureOut(erasure).data, status=201, headers={"Location": link})


class ErasureView(APIView):
    """One erasure."""

    capability = Capability.LEDGER_VERIFY
    act = "erasure.read"

    @extend_schema(operation_id="erasures_read", responses=ErasureOut)
    def get(self, request: Request, erasure_id: UUID) -> Response:
        """Return what it will take, and once it is done what it took."""
        del request
        return Response(ErasureOut(selectors.get_erasure(erasure_id)).data)


class ConfirmView(APIView):
    """Confirming."""

    capability = Capability.LEDGER_VERIFY
    act = "erasure.confirm"

    @extend_schema(operation_id="erasures_confirm", request=None, responses=ErasureOut)
    def post(self, request: Request, erasure_id: UUID) -> Response:
        """Confirm what another person asked for; it takes a fresh proof, and is carried out."""
        with told_where_to_prove():
            erasure = services.confirm_erasure(
                actor=actor_of(request),
                now=clock.now(),
                erasure_id=erasure_id,
                proof=find_proof(request._request),  # noqa: SLF001  DRF keeps Django's request there
            )
        return Response(ErasureOut(erasure).data)


class WithdrawView(APIView):
    """Taking back."""

    capability = Capability.LEDGER_VERIFY
    act = "erasure.withdraw"

    @extend_schema(operation_id="erasures_withdraw", request=None, responses=ErasureOut)
    def post(self, request: Request, erasure_id: UUID) -> Response:
        """Take back an erasure that nobody confirmed."""
        erasure = services.withdraw_erasure(
            actor=actor_of(request), now=clock.now(), erasure_id=erasure_id
        )
        return Response(ErasureOut(erasure).data)
