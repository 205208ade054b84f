"""Telling a customer that an AI speaks: the text to show, and the record that it was."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from cases.api import examples
from cases.api.inputs import DisclosureIn
from cases.api.memory import CaseView
from cases.journeys import services as journeys
from cases.memory import disclosures, selectors
from cases.memory.types import Channel
from governance.api.inputs import valid
from governance.api.permissions import actor_of
from orchestra.core import clock


class DisclosureTextOut(serializers.Serializer[object]):
    """A reviewed text in force: show it as it is, before the first words of an AI."""

    article = serializers.CharField()
    version = serializers.IntegerField(source="number")
    language = serializers.CharField()
    text = serializers.CharField()
    text_digest = serializers.CharField(help_text="SHA-256 of the text in UTF-8, hexadecimal.")


class DisclosureOut(serializers.Serializer[object]):
    """That it was shown in one contact; its text is empty once erased."""

    interaction = serializers.UUIDField(source="interaction_id")
    shown_at = serializers.DateTimeField()
    channel = serializers.CharField()
    article = serializers.CharField()
    version = serializers.IntegerField(source="number")
    language = serializers.CharField()
    text_digest = serializers.CharField()


class DisclosuresOut(serializers.Serializer[object]):
    """What may be shown in the latest contact, and what was shown on the case."""

    texts = DisclosureTextOut(many=True)
    shown = DisclosureOut(many=True)


class DisclosuresView(CaseView):
    """Telling a customer that an AI speaks."""

    act = "disclosure.show"

    @extend_schema(operation_id="disclosures_list", responses=DisclosuresOut)
    def get(self, request: Request, case_id: UUID) -> Response:
        """Return the texts for the channel of the latest contact, and what was shown."""
        case = self.case(request, case_id)
        channel = selectors.latest_channel(case=case)
        found: dict[str, Any] = {
            "texts": disclosures.list_texts(channel=Channel(channel)),
            "shown": disclosures.list_shown(case=case),
        }
        return Response(DisclosuresOut(found).data)

    @extend_schema(
        operation_id="disclosures_show",
        request=DisclosureIn,
        responses={201: DisclosureOut},
        examples=examples.DISCLOSE,
    )
    def post(self, request: Request, case_id: UUID) -> Response:
        """Record that it was shown; an AI's message that carries the text needs no such call."""
        body = valid(DisclosureIn, request)
        shown = journeys.record_disclosure(
            actor=actor_of(request),
            now=clock.now(),
            case=self.case(request, case_id),
            language=body["language"],
            interaction_id=body.get("interaction"),
            at=body.get("at"),
        )
        return Response(DisclosureOut(shown).data, status=status.HTTP_201_CREATED)
