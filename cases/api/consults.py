"""Asking a colleague for a word, and answering."""

from dataclasses import asdict
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from cases.api.inputs import ConsultAnswerIn, ConsultIn
from cases.api.masking import MaskedReads
from cases.api.memory import CaseView
from cases.handoff.consults import consults_of, list_consults, list_open
from cases.handoff.models import OpenQuestion
from cases.handoff.types import Asked
from cases.journeys import services
from governance.access.types import Capability
from governance.api.inputs import valid
from governance.api.pages import OLDEST_FIRST, PAGE_PARAMETERS, answer_page, page_of
from governance.api.permissions import actor_of, authority_of
from orchestra.core import clock
from orchestra.core.errors import FieldError, InvalidInputError


class ConsultOut(serializers.Serializer[object]):
    """A question to a colleague and its answer; both are empty once erased."""

    id = serializers.UUIDField()
    asked_at = serializers.DateTimeField(source="at")
    asked_by = serializers.CharField()
    who = serializers.CharField(help_text="Name of the person or the queue asked.")
    question = serializers.CharField()
    answer = serializers.CharField(help_text="Empty while nobody answered.")
    answered_by = serializers.CharField()
    answered_at = serializers.DateTimeField(allow_null=True)


class OpenQuestionOut(ConsultOut):
    """A question nobody answered yet, with its case."""

    case = serializers.UUIDField()
    case_label = serializers.CharField()
    queue = serializers.CharField(help_text="Key of the queue of the case.")


class QuestionsView(MaskedReads):
    """The questions that nobody answered yet."""

    capability = Capability.CASE_READ
    act = "consult.list_open"

    @extend_schema(
        operation_id="questions_list",
        parameters=[
            OpenApiParameter(
                "asked",
                str,
                enum=[str(one) for one in Asked],
                description="`of_me`, the default: asked of you or of a queue you work; an AI "
                "agent is asked nothing. `by_me`: asked by you.",
            ),
            *PAGE_PARAMETERS,
        ],
        responses=page_of(OpenQuestionOut),
    )
    def get(self, request: Request) -> Response:
        """List them, oldest first."""
        asked = request.query_params.get("asked", Asked.OF_ME)
        if asked not in set(Asked):
            message = f"Give one of: {', '.join(Asked)}."
            raise InvalidInputError(message, errors=[FieldError("asked", "choice", message)])
        rows = list_open(authority=authority_of(request), asked=Asked(asked))
        return answer_page(
            self, request, rows, OpenQuestionOut, ordering=OLDEST_FIRST, shown=_with_words
        )


def _with_words(found: list[OpenQuestion]) -> list[dict[str, object]]:
    told = consults_of(questions=found)
    return [
        {
            **asdict(told[str(one.public_id)]),
            "case": one.case.public_id,
            "case_label": one.case.label,
            "queue": one.case.queue.key,
        }
        for one in found
    ]


class ConsultsView(CaseView):
    """Questions to colleagues on one case."""

    capability = Capability.HANDOFF_OFFER
    act = "case.ask_colleague"

    @extend_schema(operation_id="consults_list", responses=ConsultOut(many=True))
    def get(self, request: Request, case_id: UUID) -> Response:
        """Return what was asked, oldest first, with what was answered."""
        found = list_consults(case=self.case(request, case_id))
        return Response(ConsultOut(found, many=True).data)

    @extend_schema(operation_id="consults_ask", request=ConsultIn, responses={201: ConsultOut})
    def post(self, request: Request, case_id: UUID) -> Response:
        """Ask a person or a queue; the case stays with who has it."""
        body = valid(ConsultIn, request)
        found = services.ask_colleague(
            actor=actor_of(request),
            now=clock.now(),
            case=self.case(request, case_id),
            question=services.Question(
                text=body["question"],
                person_id=body["to"]["person"],
                queue_key=body["to"]["queue"],
            ),
        )
        return Response(ConsultOut(found).data, status=status.HTTP_201_CREATED)


class ConsultAnswerView(CaseView):
    """The answer to one question."""

    capability = Capability.CASE_READ
    act = "case.answer_colleague"

    @extend_schema(operation_id="consults_answer", request=ConsultAnswerIn, responses=ConsultOut)
    def post(self, request: Request, case_id: UUID, consult_id: UUID) -> Response:
        """Answer once, as who was asked."""
        body = valid(ConsultAnswerIn, request)
        found = services.answer_colleague(
            actor=actor_of(request),
            now=clock.now(),
            case=self.case(request, case_id),
            consult_id=consult_id,
            answer=body["answer"],
        )
        return Response(ConsultOut(found).data)
