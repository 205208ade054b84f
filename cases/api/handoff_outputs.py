"""What the API says of a handoff."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases.handoff.models import Handoff
from cases.handoff.skilled import unmet_of
from cases.handoff.types import HandoffState

_KEYS = serializers.ListField(child=serializers.CharField())


class HandoffOut(serializers.Serializer[object]):
    """A handoff with its bundle and what is missing in it."""

    id = serializers.UUIDField(source="public_id")
    case = serializers.UUIDField(source="case.public_id")
    queue = serializers.CharField(source="queue.key")
    role = serializers.CharField()
    skills = serializers.SerializerMethodField()
    nobody_has = serializers.SerializerMethodField()
    reason_code = serializers.CharField()
    note = serializers.CharField()
    state = serializers.CharField()
    bundle = serializers.JSONField()
    missing_parts = serializers.JSONField()
    offered_at = serializers.DateTimeField()
    reply_due_at = serializers.DateTimeField()
    accepted_at = serializers.DateTimeField(allow_null=True)
    transfer = serializers.CharField()
    warmth = serializers.CharField()
    asked_again = serializers.IntegerField()
    is_sufficient = serializers.BooleanField(allow_null=True)
    said_missing = serializers.JSONField()

    @extend_schema_field(_KEYS)
    def get_skills(self, handoff: Handoff) -> list[str]:
        """Return what whoever takes it needs, by key."""
        return [skill.key for skill in handoff.skills.all()]

    @extend_schema_field(_KEYS)
    def get_nobody_has(self, handoff: Handoff) -> list[str]:
        """Return what is asked for and nobody has who could take it; empty once it is taken."""
        return unmet_of(handoff=handoff) if handoff.state == HandoffState.OFFERED else []
