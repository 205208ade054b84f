"""Cases, messages, timeline, evidence, verification, and the end of a case."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from cases.api import examples
from cases.api.bodies import contact_of
from cases.api.inputs import (
    CaseIn,
    EvidenceIn,
    InteractionIn,
    MessageIn,
    ReasonIn,
    ResolveIn,
    VerificationIn,
)
from cases.api.masking import MaskedReads
from cases.api.outputs import (
    CaseDetailOut,
    CaseOut,
    EvidenceOut,
    InteractionOut,
    MessageOut,
    TimelineItemOut,
    VerificationOut,
)
from cases.api.present import case_detail
from cases.journeys import services as journeys
from cases.memory import selectors as memory
from cases.memory.types import (
    CaseFilters,
    CaseStatus,
    Channel,
    Disposition,
    Speaker,
    VerificationLevel,
)
from governance.access.types import Capability
from governance.api.inputs import choice_of, valid
from governance.api.pages import PAGE_PARAMETERS, answer_page, page_of
from governance.api.permissions import Reach, actor_of, authority_of
from orchestra.core import clock


class CaseView(MaskedReads):
    """Base of every view below one case."""

    capability: ClassVar[Capability] = Capability.CASE_WORK
    read_capability: ClassVar[Capability] = Capability.CASE_READ
    act: ClassVar[str] = "case"

    def case(self, request: Request, case_id: UUID) -> Any:
        """Return the case where the caller may see it.

        Raises:
            NotFoundError: There is none, or not for this caller.
        """
        return memory.get_case(authority=authority_of(request), case_id=case_id)

    def reach(self, request: Request) -> Reach | None:
        """Return the case of this address; None where the address names none.

        Raises:
            NotFoundError: The caller may not see it.
        """
        if "case_id" not in self.kwargs:
            return None
        found = self.case(request, self.kwargs["case_id"])
        return Reach(str(found.public_id), found.queue_id)


class CasesView(CaseView):
    """Open a case or list the cases the caller may see."""

    capability = Capability.CASE_OPEN
    act = "case.open"

    @extend_schema(
        operation_id="cases_list",
        parameters=[
            OpenApiParameter("status", str, enum=[str(s) for s in CaseStatus]),
            OpenApiParameter("queue", str),
            OpenApiParameter("journey", str),
            OpenApiParameter("customer", str),
            OpenApiParameter("risk", str),
            OpenApiParameter("opened_after", str),
            OpenApiParameter("opened_before", str),
            *PAGE_PARAMETERS,
        ],
        responses=page_of(CaseOut),
    )
    def get(self, request: Request) -> Response:
        """List cases, newest first."""
        filters = CaseFilters(
            status=choice_of(request, "status", list(CaseStatus)),
            **{
                name: request.query_params.get(name, "")
                for name in (
                    "queue", "journey", "customer", "risk", "opened_after", "opened_before",
                )
            },
        )  # fmt: skip
        found = memory.list_cases(authority=authority_of(request), filters=filters)
        return answer_page(self, request, found, CaseOut)

    @extend_schema(
        operation_id="cases_open",
        request=CaseIn,
        responses={201: CaseDetailOut},
        examples=examples.OPEN_A_CASE,
    )
    def post(self, request: Request) -> Response:
        """Open a case with the customer's first words, or rejoin theirs."""
        body = valid(CaseIn, request)
        opened = journeys.open_case(
            actor=actor_of(request), now=clock.now(), contact=contact_of(body)
        )
        return Response(case_detail(opened.case), status=status.HTTP_201_CREATED)


class CaseDetailView(CaseView):
    """One case."""

    act = "case.read"

    @extend_schema(operation_id="cases_read", responses=CaseDetailOut)
    def get(self, request: Request, case_id: UUID) -> Response:
        """Return the case with its intake, journeys and steps."""
        return Response(case_detail(self.case(request, case_id)))


class MessagesView(CaseView):
    """Utterances."""

    act = "message.add"

    @extend_schema(
        operation_id="messages_add",
        request=MessageIn,
        responses={201: MessageOut},
        examples=examples.SAY,
    )
    def post(self, request: Request, case_id: UUID) -> Response:
        """Record an utterance."""
        body = valid(MessageIn, request)
        message = journeys.add_message(
            actor=actor_of(request),
            now=clock.now(),
            case=self.case(request, case_id),
            speaker=Speaker(body["speaker"]),
            text=body["text"],
            interaction_id=body.get("interaction"),
            at=body.get("at"),
        )
        return Response(MessageOut(message).data, status=status.HTTP_201_CREATED)


class InteractionsView(CaseView):
    """Contacts."""

    act = "interaction.start"

    @extend_schema(
        operation_id="interactions_start", request=InteractionIn, responses={201: InteractionOut}
    )
    def post(self, request: Request, case_id: UUID) -> Response:
        """Record a new contact on a channel."""
        body = valid(InteractionIn, request)
        started = journeys.start_interaction(
            actor=actor_of(request),
            now=clock.now(),
            case=self.case(request, case_id),
            channel=Channel(body["channel"]),
        )
        return Response(InteractionOut(started).data, status=status.HTTP_201_CREATED)


class TimelineView(CaseView):
    """The shared timeline."""

    act = "timeline.read"

    @extend_schema(
        operation_id="timeline_read", parameters=PAGE_PARAMETERS, responses=page_of(TimelineItemOut)
    )
    def get(self, request: Request, case_id: UUID) -> Response:
        """List what happened on the case and on those it took in, oldest first.

        ``from_case`` names the absorbed case that an entry, with its own ``seq``, is of.
        """
        authority = authority_of(request)
        case = self.case(request, case_id)
        absorbed = memory.labels_of_absorbed(case)
        return answer_page(
            self,
            request,
            memory.list_entries(authority=authority, case=case, absorbed=absorbed),
            TimelineItemOut,
            ordering="id",
            shown=lambda entries: memory.as_timeline(
                authority=authority, entries=entries, absorbed=absorbed
            ),
        )


class EvidenceView(CaseView):
    """Evidence."""

    act = "evidence.attach"

    @extend_schema(operation_id="evidence_attach", request=EvidenceIn, responses={201: EvidenceOut})
    def post(self, request: Request, case_id: UUID) -> Response:
        """Attach a reference, with what it proves."""
        body = valid(EvidenceIn, request)
        found = journeys.attach_evidence(
            actor=actor_of(request), now=clock.now(), case=self.case(request, case_id), **body
        )
        return Response(EvidenceOut(found).data, status=status.HTTP_201_CREATED)


class VerificationView(CaseView):
    """The customer's verification."""

    act = "verification.record"

    @extend_schema(
        operation_id="verification_record",
        request=VerificationIn,
        responses={201: VerificationOut},
        examples=examples.VERIFY,
    )
    def post(self, request: Request, case_id: UUID) -> Response:
        """Record a verification; from an AI agent it stays a claim."""
        body = valid(VerificationIn, request)
        found = journeys.record_verification(
            actor=actor_of(request),
            now=clock.now(),
            case=self.case(request, case_id),
            level=VerificationLevel(body["level"]),
            method=body["method"],
            customer_ref=body["customer_ref"],
            evidence=body["evidence"],
        )
        return Response(VerificationOut(found).data, status=status.HTTP_201_CREATED)


class ResolveView(CaseView):
    """The outcome of a case."""

    act = "case.resolve"

    @extend_schema(operation_id="cases_resolve", request=ResolveIn, responses=CaseOut)
    def post(self, request: Request, case_id: UUID) -> Response:
        """Say how the case ended and whether the customer confirmed it."""
        body = valid(ResolveIn, request)
        case = journeys.resolve(
            actor=actor_of(request),
            now=clock.now(),
            case=self.case(request, case_id),
            outcome=body["outcome"],
            confirmed=body["confirmed"],
            disposition=Disposition(body["disposition"]) if "disposition" in body else None,
        )
        return Response(CaseOut(case).data)


class CloseView(CaseView):
    """The end of a case."""

    capability = Capability.CASE_CLOSE
    act = "case.close"

    @extend_schema(operation_id="cases_close", request=ReasonIn, responses=CaseOut)
    def post(self, request: Request, case_id: UUID) -> Response:
        """Close a resolved case."""
        case = journeys.close(
            actor=actor_of(request), now=clock.now(), case=self.case(request, case_id)
        )
        return Response(CaseOut(case).data)


class ReopenView(CaseView):
    """A case that was not over."""

    act = "case.reopen"

    @extend_schema(operation_id="cases_reopen", request=ReasonIn, responses=CaseOut)
    def post(self, request: Request, case_id: UUID) -> Response:
        """Reopen a resolved or closed case."""
        body = valid(ReasonIn, request)
        case = journeys.reopen(
            actor=actor_of(request),
            now=clock.now(),
            case=self.case(request, case_id),
            reason=body["reason"],
        )
        return Response(CaseOut(case).data)
