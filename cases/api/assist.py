"""What live assist suggests on a case, and what a person made of it."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from cases.api.inputs import MESSAGE_LIMIT
from cases.api.memory import CaseView
from cases.assist import selectors, services
from cases.assist.types import Rests, SuggestionKind, SuggestionState
from governance.access.types import Capability
from governance.api.inputs import Input, valid
from governance.api.pages import OLDEST_FIRST, PAGE_PARAMETERS, answer_page, page_of
from governance.api.permissions import actor_of
from orchestra.core import clock, enums


class SuggestionOut(serializers.Serializer[object]):
    """One suggestion, its source and on what it rests."""

    id = serializers.UUIDField(source="public_id")
    message = serializers.UUIDField(source="message.public_id")
    kind = serializers.ChoiceField(choices=enums.choices(SuggestionKind))
    source_key = serializers.CharField()
    source_title = serializers.CharField(source="source_label")
    source_version = serializers.IntegerField(source="source_number", allow_null=True)
    text = serializers.CharField()
    heard = serializers.CharField()
    rests = serializers.ChoiceField(choices=enums.choices(Rests))
    drafted_by = serializers.CharField(
        help_text="The model that wrote a draft; empty for the cue sheet's own wording."
    )
    note = serializers.CharField(help_text="Why the model's draft is not there; empty for nothing.")
    state = serializers.ChoiceField(choices=enums.choices(SuggestionState))
    at = serializers.DateTimeField()
    reacted_at = serializers.DateTimeField(allow_null=True)


class SuggestionReactionIn(Input):
    """Whether a suggestion was of use; a draft is said with ``text``."""

    useful = serializers.BooleanField()
    text = serializers.CharField(max_length=MESSAGE_LIMIT, required=False, allow_blank=False)


class SuggestionsView(CaseView):
    """The suggestions of a case."""

    act = "assist.read"

    @extend_schema(
        operation_id="suggestions_list",
        parameters=PAGE_PARAMETERS,
        responses=page_of(SuggestionOut),
    )
    def get(self, request: Request, case_id: UUID) -> Response:
        """List everything that was suggested, oldest first."""
        rows = selectors.list_suggestions(case=self.case(request, case_id))
        return answer_page(self, request, rows, SuggestionOut, ordering=OLDEST_FIRST)


class SuggestionReactionView(CaseView):
    """What a person made of a suggestion."""

    capability = Capability.CASE_WORK
    act = "assist.react"

    @extend_schema(
        operation_id="suggestions_react",
        request=SuggestionReactionIn,
        responses={201: SuggestionOut},
    )
    def post(self, request: Request, case_id: UUID, suggestion_id: UUID) -> Response:
        """Say a draft, use a suggestion, or say that it was of no use."""
        body = valid(SuggestionReactionIn, request)
        who: dict[str, Any] = {
            "actor": actor_of(request),
            "now": clock.now(),
            "case": self.case(request, case_id),
            "suggestion_id": suggestion_id,
        }
        if body["useful"] and "text" in body:
            row = services.say(**who, text=body["text"])
        else:
            row = services.react(**who, useful=body["useful"])
        return Response(SuggestionOut(row).data, status=status.HTTP_201_CREATED)
