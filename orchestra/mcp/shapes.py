"""Shapes that only this door has: what its tools take and give beside the shapes of REST."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from cases.api.consults import ConsultOut
from cases.api.inputs import (
    CaseIn,
    ConsultIn,
    HandoffIn,
    MessageIn,
    ReferralIn,
    StepCompleteIn,
    ToolCallIn,
    VerificationIn,
)
from cases.api.inputs import (
    NeedConfirmedIn as NeedConfirmedBody,
)
from cases.api.outputs import (
    CaseOut,
    DecisionOut,
    EditOut,
    JourneyOut,
    ReadyStepOut,
    RejectionOut,
    TimelineItemOut,
)
from cases.memory.types import CaseStatus
from governance.api.inputs import Input
from governance.api.knowledge import ArticleHitOut
from orchestra.core.enums import choices
from orchestra.core.text_query import MAX_TEXT
from orchestra.core.waiting import LONGEST_WAIT_SECONDS

_ID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z"


def id_field(help_text: str, **more: Any) -> serializers.RegexField:
    """Return a field for a public id, in the one way we write it."""
    return serializers.RegexField(_ID, help_text=help_text, **more)


def wait_field() -> serializers.FloatField:
    """Return a field for how long an answer is held."""
    return serializers.FloatField(
        min_value=0,
        max_value=LONGEST_WAIT_SECONDS,
        required=False,
        help_text="Seconds to hold the answer until there is news, at most 25.",
    )


class OfCase(Input):
    """What is done on one case."""

    case_id = id_field("The id of the case, from orchestra_open_case or orchestra_find_cases.")


class GovernedIn(OfCase, ToolCallIn):
    """A proposed use of a tool of a system of record: its arguments, and why."""

    tool = None  # type: ignore[assignment]  # the tool is named by the call itself
    wait_seconds = wait_field()
    idempotency_key = serializers.CharField(
        max_length=255,
        required=False,
        help_text=(
            "Leave it out: a repeat gets the answer of the first. Only to do exactly the same "
            "once more, a text of your own that you have not used for it before."
        ),
    )


class NeedConfirmedIn(OfCase, NeedConfirmedBody):
    """What the customer of a case answered when asked what they want."""


class CasesFindIn(Input):
    """How a list of cases is narrowed; nothing narrows to all that may be seen."""

    status = serializers.ChoiceField(choices=choices(CaseStatus), required=False, default="")
    queue = serializers.CharField(max_length=100, required=False, default="", help_text="A key.")
    customer = serializers.CharField(
        max_length=200, required=False, default="", help_text="The customer's reference."
    )
    opened_after = serializers.CharField(
        max_length=40, required=False, default="", help_text="RFC 3339, inclusive."
    )
    opened_before = serializers.CharField(
        max_length=40, required=False, default="", help_text="RFC 3339, exclusive."
    )
    limit = serializers.IntegerField(min_value=1, max_value=50, required=False, default=20)


class CasesOut(serializers.Serializer[object]):
    """Cases, newest first."""

    cases = CaseOut(many=True)
    has_more = serializers.BooleanField()


class TimelineIn(OfCase):
    """Which part of a timeline is read."""

    after = serializers.IntegerField(
        min_value=0,
        max_value=2**31 - 1,
        required=False,
        default=0,
        help_text="Place after which to begin: next_after of the page before.",
    )
    limit = serializers.IntegerField(min_value=1, max_value=200, required=False, default=50)


class TimelineOut(serializers.Serializer[object]):
    """What happened on a case, oldest first."""

    items = TimelineItemOut(many=True)
    next_after = serializers.IntegerField(allow_null=True)


class Keyed(Input):
    """An act that may be sent again when its answer was lost."""

    idempotency_key = serializers.CharField(
        max_length=255,
        required=False,
        help_text=(
            "A text of your own, new for each act: sent again with it, the act is not done "
            "again, and the first answer is given."
        ),
    )


class CaseOpenIn(CaseIn, Keyed):
    """A customer's first word."""


class MessageOfCaseIn(OfCase, MessageIn, Keyed):
    """An utterance on a case."""


class NextStepIn(Input):
    """Whose next step is asked for."""

    case_id = id_field("The id of a case; without it, all your cases.", required=False)
    wait_seconds = wait_field()


class NextStepOut(serializers.Serializer[object]):
    """What is ready for the caller, and the journeys of the one case that was named."""

    ready = ReadyStepOut(many=True)
    journeys = JourneyOut(many=True)


class StepDoneIn(OfCase, StepCompleteIn, Keyed):
    """That a step which is no tool call is done."""

    step = serializers.CharField(max_length=100, help_text="The key or the id of the step.")


class HandOffIn(OfCase, HandoffIn, Keyed):
    """A handoff of a case to people."""


class AskIn(OfCase, ConsultIn, Keyed):
    """A question to a colleague on a case that the caller keeps."""


class QuestionsIn(OfCase):
    """Whose questions are read."""

    wait_seconds = wait_field()


class QuestionsOut(serializers.Serializer[object]):
    """What was asked of colleagues on a case, oldest first."""

    questions = ConsultOut(many=True)
    all_answered = serializers.BooleanField()


class ReferralOfCaseIn(OfCase, ReferralIn, Keyed):
    """Who outside has the matter of a case now."""


class VerificationOfCaseIn(OfCase, VerificationIn, Keyed):
    """A verification of the customer of a case; from you it stays a claim."""


class SearchIn(Input):
    """What is looked for in the articles."""

    query = serializers.CharField(
        max_length=MAX_TEXT, help_text='Words; "words that stand together"; -words to leave out.'
    )
    limit = serializers.IntegerField(min_value=1, max_value=20, required=False, default=5)


class SearchOut(serializers.Serializer[object]):
    """Articles that match, the best first."""

    articles = ArticleHitOut(many=True)
    has_more = serializers.BooleanField()


class ArticleIn(Input):
    """Which article is read, and for which case."""

    key = serializers.CharField(max_length=100, help_text="From orchestra_search_knowledge.")
    case_id = id_field("The case it is read for; that use is recorded.", required=False)


class CallStatusIn(Input):
    """Which of your tool calls is asked about, by one of two ids."""

    tool_call_id = id_field("The id of the call.", required=False)
    approval_id = id_field("The id of the approval it waits for.", required=False)
    wait_seconds = wait_field()

    def validate(self, attrs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the values where exactly one id is given.

        Raises:
            ValidationError: There is none, or there are both.
        """
        if ("tool_call_id" in attrs) == ("approval_id" in attrs):
            raise serializers.ValidationError(
                {"tool_call_id": ["Give either tool_call_id or approval_id."]}
            )
        return attrs


class CallCancelIn(Input):
    """Which of your tool calls is taken back."""

    tool_call_id = id_field("The id of the call.")
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class FindingOut(serializers.Serializer[object]):
    """One finding about one field."""

    field = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class ProblemOut(serializers.Serializer[object]):
    """Why nothing was done."""

    code = serializers.CharField()
    detail = serializers.CharField()
    errors = FindingOut(many=True)  # type: ignore[assignment]  # the name REST has for it
    data = serializers.JSONField(required=False)  # type: ignore[assignment]  # as above


class OutcomeOut(serializers.Serializer[object]):
    """What became of a proposed tool call so far, or why none was made.

    Less than REST tells of a call: what an agent proposed itself it does not have to read again.
    """

    outcome = serializers.CharField(
        help_text=(
            "succeeded, running, pending_approval, pending_verification, unknown, denied, "
            "rejected, failed, expired, voided, cancelled, handed_off, compensated, or refused "
            "where no call was made."
        )
    )
    message = serializers.CharField(help_text="What it means and what to do next.")
    result = serializers.JSONField(required=False, help_text="What the system of record said.")
    is_repeat = serializers.BooleanField(
        required=False, help_text="Whether nothing new was proposed."
    )
    tool_call_id = serializers.CharField(required=False)
    case_id = serializers.CharField(required=False)
    tool = serializers.CharField(required=False)
    step = serializers.CharField(required=False)
    decision = DecisionOut(required=False)
    approval_id = serializers.CharField(required=False)
    expires_at = serializers.CharField(required=False)
    rejection = RejectionOut(required=False)
    edited_by = EditOut(required=False)
    arguments = serializers.JSONField(
        required=False, help_text="Only where a person edited them: as they are by now."
    )
    status_url = serializers.CharField(required=False)
    retry_after_ms = serializers.IntegerField(required=False)
    error = ProblemOut(required=False)
