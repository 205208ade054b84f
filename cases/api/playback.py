"""A case as it stood at a past moment."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.api.memory import CaseView
from cases.memory import selectors as memory
from cases.memory import services as memory_services
from cases.playback.fold import state_after, until
from cases.playback.selectors import plans_of
from governance.access.types import Capability
from governance.api.permissions import authority_of
from orchestra.core import clock
from orchestra.core.errors import FieldError, InvalidInputError, NotFoundError
from orchestra.core.redaction import mask_text, mask_value

Json = Any


class StepThenOut(serializers.Serializer[object]):
    """A step as it stood."""

    id = serializers.CharField()
    key = serializers.CharField()
    title = serializers.CharField()
    owner = serializers.CharField()
    stage = serializers.CharField()
    state = serializers.CharField()
    tries = serializers.IntegerField()
    call = serializers.CharField()
    reason = serializers.CharField()


class JourneyThenOut(serializers.Serializer[object]):
    """A journey as it stood."""

    id = serializers.CharField()
    cue_sheet = serializers.CharField()
    version = serializers.IntegerField()
    cue = serializers.CharField()
    state = serializers.CharField()
    steps = StepThenOut(many=True)


class AttemptThenOut(serializers.Serializer[object]):
    """One attempt; ``ended`` is answered, refused, no_answer or late, empty while it ran."""

    number = serializers.IntegerField()
    at = serializers.DateTimeField()
    ended = serializers.CharField()
    ended_at = serializers.DateTimeField(allow_null=True)
    detail = serializers.CharField()


class CallThenOut(serializers.Serializer[object]):
    """A tool call as it stood, personal data masked."""

    id = serializers.CharField()
    tool = serializers.CharField()
    title = serializers.CharField()
    effect = serializers.CharField()
    state = serializers.CharField()
    proposed_at = serializers.DateTimeField()
    requester_kind = serializers.CharField()
    requester_label = serializers.CharField()
    schema = serializers.CharField()
    off_plan = serializers.BooleanField()
    arguments = serializers.JSONField(allow_null=True)
    rationale = serializers.CharField()
    result = serializers.JSONField(allow_null=True)
    reason = serializers.CharField()
    refused = serializers.BooleanField()
    confirmed = serializers.BooleanField(allow_null=True)
    decision = serializers.CharField()
    approval = serializers.CharField()
    ended_at = serializers.DateTimeField(allow_null=True)
    attempts = AttemptThenOut(many=True)


class DecisionThenOut(serializers.Serializer[object]):
    """One verdict; ``policies`` is policy key to version and digest."""

    at = serializers.DateTimeField()
    id = serializers.CharField()
    digest = serializers.CharField()
    call = serializers.CharField()
    outcome = serializers.CharField()
    reasons = serializers.CharField()
    policies = serializers.DictField(child=serializers.ListField())
    again = serializers.BooleanField()


class VoteThenOut(serializers.Serializer[object]):
    """One vote."""

    who = serializers.CharField()
    choice = serializers.CharField()
    at = serializers.DateTimeField()
    counts = serializers.BooleanField()


class ApprovalThenOut(serializers.Serializer[object]):
    """An approval as it stood."""

    id = serializers.CharField()
    name = serializers.CharField(source="label")
    call = serializers.CharField()
    state = serializers.CharField()
    votes_needed = serializers.IntegerField()
    deadline_at = serializers.CharField()
    view_digest = serializers.CharField()
    action_digest = serializers.CharField()
    votes = VoteThenOut(many=True)


class SaidThenOut(serializers.Serializer[object]):
    """One utterance, personal data masked."""

    id = serializers.CharField()
    at = serializers.DateTimeField()
    speaker = serializers.CharField()
    who = serializers.CharField()
    text = serializers.CharField()


class HandoffThenOut(serializers.Serializer[object]):
    """A handoff as it stood."""

    id = serializers.CharField()
    state = serializers.CharField()
    at = serializers.DateTimeField()
    queue = serializers.CharField()
    reason = serializers.CharField()
    bundle_digest = serializers.CharField()


class CaseThenOut(serializers.Serializer[object]):
    """A case at a moment; ``[erased]`` stands where a text was erased under a legal basis."""

    count = serializers.IntegerField()
    later = serializers.IntegerField()
    at = serializers.DateTimeField()
    name = serializers.CharField(source="label")
    status = serializers.CharField()
    queue = serializers.CharField()
    channel = serializers.CharField()
    subject = serializers.CharField()
    customer_ref = serializers.CharField()
    customer_name = serializers.CharField()
    intent = serializers.CharField()
    priority = serializers.IntegerField()
    risk_flags = serializers.ListField(child=serializers.CharField())
    verification = serializers.CharField()
    holder = serializers.CharField()
    outcome = serializers.CharField()
    outcome_confirmed = serializers.BooleanField()
    journeys = JourneyThenOut(many=True)
    calls = CallThenOut(many=True)
    decisions = DecisionThenOut(many=True)
    approvals = ApprovalThenOut(many=True)
    handoffs = HandoffThenOut(many=True)
    said = SaidThenOut(many=True)
    erased = serializers.ListField(child=serializers.IntegerField())


class CaseAtView(CaseView):
    """The state of a case at a past moment."""

    read_capability = Capability.LEDGER_READ
    act = "case.read_at"

    @extend_schema(
        operation_id="case_at",
        parameters=[
            OpenApiParameter("moment", str, required=True, description="RFC 3339, itself included")
        ],
        responses=CaseThenOut,
    )
    def get(self, request: Request, case_id: UUID) -> Response:
        """Return a case as it stood, from what had been recorded by then and nothing later.

        Looking is an entry of the case's record.

        Raises:
            InvalidInputError: The moment is no RFC 3339 time.
            NotFoundError: The case did not exist yet.
        """
        try:
            moment = clock.parse_rfc3339(request.query_params.get("moment", ""))
        except ValueError as error:
            message = "moment is an RFC 3339 time with an offset."
            raise InvalidInputError(
                message, errors=[FieldError("moment", "time", message)]
            ) from error
        case = self.case(request, case_id)
        entries = memory.read_entries(case=case)
        before = until(entries, moment)
        then = state_after(before, plans_of(before))
        memory_services.record_read(
            authority=authority_of(request), now=clock.now(), case=case, moment=moment
        )
        if then is None:
            raise NotFoundError("The case did not exist yet.", code="not_found.case_then")
        later = len(entries) - len(before)
        return Response(CaseThenOut({**_masked(asdict(then)), "later": later}).data)


def _masked(state: dict[str, Json]) -> dict[str, Json]:
    """Return a state with personal data in texts, arguments and answers masked."""
    texts = {name: mask_text(state[name]) for name in ("subject", "customer_name", "outcome")}
    calls = [
        {
            **call,
            **{name: mask_text(call[name]) for name in ("effect", "rationale", "reason")},
            "arguments": mask_value(call["arguments"]),
            "result": mask_value(call["result"]),
        }
        for call in state["calls"]
    ]
    said = [{**one, "text": mask_text(one["text"])} for one in state["said"]]
    handoffs = [{**one, "reason": mask_text(one["reason"])} for one in state["handoffs"]]
    return {**state, **texts, "calls": calls, "said": said, "handoffs": handoffs}
