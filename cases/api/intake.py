"""Intake over REST: a person's word on a case, flags cleared, versions, and learning."""

from typing import ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from cases.api.inputs import NeedConfirmedIn
from cases.api.masking import MaskedReads
from cases.api.memory import CaseView
from cases.api.outputs import CaseDetailOut
from cases.api.present import case_detail
from cases.intake import selectors, services
from cases.intake.priorities import write_table
from cases.journeys import services as journeys
from cases.memory import services as memory
from governance.access.types import Capability
from governance.api.inputs import Input, valid
from governance.api.pages import PAGE_PARAMETERS, answer_page, page_of
from governance.api.permissions import actor_of, authority_of
from orchestra.core import clock


class IntentSettleIn(Input):
    """What a case is about, as a person says; an empty intent is none of ours."""

    classification = serializers.UUIDField()
    intent = serializers.CharField(max_length=100, allow_blank=True)


class FlagClearIn(Input):
    """Why a risk flag does not hold."""

    flag = serializers.CharField(max_length=100)
    reason = serializers.CharField(max_length=300)


class PriorityIn(Input):
    """How much a case matters and how soon, each 1 (most) to 3; the priority follows."""

    impact = serializers.IntegerField(min_value=1, max_value=3)
    urgency = serializers.IntegerField(min_value=1, max_value=3)


class PriorityOut(serializers.Serializer[object]):
    """The priority of a case, and what makes it."""

    priority = serializers.IntegerField()
    impact = serializers.IntegerField(allow_null=True)
    urgency = serializers.IntegerField(allow_null=True)


class PriorityTableOut(serializers.Serializer[object]):
    """The table in force; version 0 is the one that ships."""

    version = serializers.IntegerField()
    document = serializers.JSONField()


class FlagsOut(serializers.Serializer[object]):
    """The risk flags that a case carries."""

    risk_flags = serializers.ListField(child=serializers.CharField())


class IntentExampleOut(serializers.Serializer[object]):
    """What a person said a message speaks of; the text is masked, empty once erased."""

    id = serializers.UUIDField(source="public_id")
    case = serializers.UUIDField(source="case.public_id")
    text = serializers.CharField()
    intent = serializers.CharField()
    guessed = serializers.CharField()
    by = serializers.CharField(source="by_label")
    at = serializers.DateTimeField()


class ClassifierVersionOut(serializers.Serializer[object]):
    """One version of the classifier with what it says."""

    id = serializers.UUIDField(source="public_id")
    number = serializers.IntegerField()
    state = serializers.CharField()
    digest = serializers.CharField()
    document = serializers.JSONField()
    published_at = serializers.DateTimeField(allow_null=True)
    retired_at = serializers.DateTimeField(allow_null=True)


class ClassifierTrainingOut(serializers.Serializer[object]):
    """One learning; ``change`` is the change request that came of it."""

    id = serializers.UUIDField(source="public_id")
    state = serializers.CharField()
    by = serializers.CharField(source="by_label")
    asked_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    change = serializers.UUIDField(allow_null=True)
    problem = serializers.CharField()


class CaseIntakeView(CaseView):
    """A person's word on what a case is about."""

    act = "case.settle_intent"

    @extend_schema(
        operation_id="cases_intake", request=IntentSettleIn, responses={201: IntentExampleOut}
    )
    def post(self, request: Request, case_id: UUID) -> Response:
        """Confirm or correct the need; priority and flags stay, a journey that waited begins."""
        body = valid(IntentSettleIn, request)
        example = journeys.settle_intent(
            actor=actor_of(request),
            now=clock.now(),
            case=self.case(request, case_id),
            classification_id=str(body["classification"]),
            intent=body["intent"],
        )
        return Response(IntentExampleOut(example).data, status=status.HTTP_201_CREATED)


class NeedConfirmView(CaseView):
    """A customer's word on what their case is about, as an AI agent heard it."""

    act = "case.confirm_intent"

    @extend_schema(
        operation_id="cases_intake_confirm", request=NeedConfirmedIn, responses=CaseDetailOut
    )
    def post(self, request: Request, case_id: UUID) -> Response:
        """Confirm the need by the customer's answer; what waited for it begins."""
        body = valid(NeedConfirmedIn, request)
        case = journeys.confirm_intent(
            actor=actor_of(request),
            now=clock.now(),
            case=self.case(request, case_id),
            intent=body["intent"],
            evidence=tuple(body["evidence"]),
        )
        return Response(case_detail(case))


class PriorityView(CaseView):
    """The order of work of one case."""

    act = "case.set_priority"

    @extend_schema(operation_id="cases_priority", request=PriorityIn, responses=PriorityOut)
    def post(self, request: Request, case_id: UUID) -> Response:
        """Set impact and urgency; the table in force makes the priority."""
        body = valid(PriorityIn, request)
        case = services.set_priority(
            actor=actor_of(request),
            now=clock.now(),
            case=self.case(request, case_id),
            impact=body["impact"],
            urgency=body["urgency"],
        )
        return Response(PriorityOut(case).data)


class PriorityTableView(MaskedReads):
    """The table of priorities."""

    capability: ClassVar[Capability] = Capability.CUE_SHEET_READ
    act = "intake.read_priorities"

    @extend_schema(operation_id="intake_priorities", responses=PriorityTableOut)
    def get(self, request: Request) -> Response:
        """Read the table in force; it is changed by a change request of its kind."""
        del request
        table = selectors.table_in_force()
        shown = {"version": table.version, "document": write_table(table)}
        return Response(PriorityTableOut(shown).data)


class FlagClearView(CaseView):
    """The clearing of a risk flag."""

    act = "case.clear_flag"

    @extend_schema(operation_id="cases_flags_clear", request=FlagClearIn, responses=FlagsOut)
    def post(self, request: Request, case_id: UUID) -> Response:
        """Clear one flag; only a person does, with a reason."""
        body = valid(FlagClearIn, request)
        case = memory.clear_risk_flag(
            actor=actor_of(request),
            now=clock.now(),
            case=self.case(request, case_id),
            flag=body["flag"],
            reason=body["reason"],
        )
        return Response(FlagsOut(case).data)


class IntakeExamplesView(MaskedReads):
    """What people said about messages."""

    capability: ClassVar[Capability] = Capability.CUE_SHEET_READ
    act = "intake.list_examples"

    @extend_schema(
        operation_id="intake_examples_list",
        parameters=PAGE_PARAMETERS,
        responses=page_of(IntentExampleOut),
    )
    def get(self, request: Request) -> Response:
        """List those on cases the caller may see, newest first."""
        rows = selectors.list_examples(authority=authority_of(request))
        return answer_page(self, request, rows, IntentExampleOut)


class IntakeVersionsView(MaskedReads):
    """The versions of the classifier."""

    capability: ClassVar[Capability] = Capability.CUE_SHEET_READ
    act = "intake.list_versions"

    @extend_schema(
        operation_id="intake_versions_list",
        parameters=PAGE_PARAMETERS,
        responses=page_of(ClassifierVersionOut),
    )
    def get(self, request: Request) -> Response:
        """List them, newest first."""
        return answer_page(self, request, selectors.list_versions(), ClassifierVersionOut)


class IntakeTrainingsView(MaskedReads):
    """The learnings of the classifier."""

    capability: ClassVar[Capability] = Capability.CUE_SHEET_READ
    act = "classifier.learn"

    @extend_schema(
        operation_id="intake_trainings_list",
        parameters=PAGE_PARAMETERS,
        responses=page_of(ClassifierTrainingOut),
    )
    def get(self, request: Request) -> Response:
        """List them, newest first."""
        return answer_page(self, request, selectors.list_trainings(), ClassifierTrainingOut)

    @extend_schema(
        operation_id="intake_trainings_create",
        request=None,
        responses={202: ClassifierTrainingOut},
    )
    def post(self, request: Request) -> Response:
        """Have it learn from the examples as they stand; a change request comes of it."""
        training = services.ask_training(actor=actor_of(request), now=clock.now())
        return Response(ClassifierTrainingOut(training).data, status=status.HTTP_202_ACCEPTED)
