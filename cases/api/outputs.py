"""Shapes of what the API gives for cases; ids are public ids, times RFC 3339 UTC."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases.tools.models import ToolCall
from cases.tools.selectors import spec_of_call


class IntakeOut(serializers.Serializer[object]):
    """What intake made of the first words."""

    id = serializers.UUIDField(source="public_id")
    classifier = serializers.CharField()
    calibrator = serializers.CharField()
    intent = serializers.CharField()
    raw = serializers.FloatField()
    confidence = serializers.FloatField()
    margin = serializers.FloatField()
    runner_up = serializers.CharField()
    band = serializers.CharField()
    priority = serializers.IntegerField()
    priority_words = serializers.JSONField()
    risk_flags = serializers.JSONField()
    flag_words = serializers.JSONField()
    entities = serializers.JSONField()
    leaned_on = serializers.JSONField()
    further = serializers.ListField(child=serializers.CharField())


class StepOut(serializers.Serializer[object]):
    """One step of a journey."""

    id = serializers.UUIDField(source="public_id")
    key = serializers.CharField()
    title = serializers.CharField()
    stage = serializers.CharField()
    owner = serializers.CharField()
    state = serializers.CharField()
    tools = serializers.ListField(child=serializers.CharField())
    due_at = serializers.DateTimeField(allow_null=True)
    ended_reason = serializers.CharField()


class JourneyOut(serializers.Serializer[object]):
    """One journey of a case with its steps."""

    id = serializers.UUIDField(source="public_id")
    cue_sheet = serializers.CharField(source="version.cue_sheet.key")
    title = serializers.CharField(source="version.cue_sheet.title")
    version = serializers.IntegerField(source="version.number")
    state = serializers.CharField()
    steps = serializers.SerializerMethodField()

    @extend_schema_field(StepOut(many=True))
    def get_steps(self, journey: object) -> list[dict[str, object]]:
        """Return the steps in their order."""
        steps = self.context.get("steps", {})
        return [
            dict(item) for item in StepOut(steps.get(getattr(journey, "pk", 0), []), many=True).data
        ]


class ReversalOut(serializers.Serializer[object]):
    """One change of a cancelled journey that is to be taken back."""

    id = serializers.UUIDField(source="public_id")
    effect = serializers.CharField(source="call.effect_text")
    tool_call = serializers.UUIDField(source="call.public_id")
    tool = serializers.CharField()
    state = serializers.CharField()
    reason = serializers.CharField()


class JourneyEndOut(serializers.Serializer[object]):
    """How a journey stands, and what of it is to be taken back, the last change first."""

    journey = JourneyOut()
    reversals = ReversalOut(many=True)


class CustomerOut(serializers.Serializer[object]):
    """The bound customer."""

    ref = serializers.CharField()
    name = serializers.CharField()


class CaseOut(serializers.Serializer[object]):
    """A case in a list."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField(source="label")
    status = serializers.CharField()
    channel = serializers.CharField()
    queue = serializers.CharField(source="queue.key")
    customer = CustomerOut(allow_null=True)
    subject = serializers.CharField()
    priority = serializers.IntegerField()
    impact = serializers.IntegerField(allow_null=True)
    urgency = serializers.IntegerField(allow_null=True)
    risk_flags = serializers.JSONField()
    verification = serializers.CharField()
    external_ref = serializers.CharField(allow_null=True)
    opened_at = serializers.DateTimeField()
    resolved_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.CharField()
    intent_hold = serializers.CharField()


class CaseDetailOut(CaseOut):
    """A case with its intake, journeys and steps."""

    intake = IntakeOut(allow_null=True)
    journeys = JourneyOut(many=True)


class MessageOut(serializers.Serializer[object]):
    """A recorded message."""

    id = serializers.UUIDField(source="public_id")
    speaker = serializers.CharField()
    text = serializers.CharField()
    at = serializers.DateTimeField()


class TimelineItemOut(serializers.Serializer[object]):
    """One thing that happened on the case."""

    seq = serializers.IntegerField()
    at = serializers.DateTimeField()
    kind = serializers.CharField()
    actor_kind = serializers.CharField()
    actor_label = serializers.CharField()
    sentence = serializers.CharField()
    from_case = serializers.CharField()


class DecisionOut(serializers.Serializer[object]):
    """The verdict on a call, in a form an AI can use."""

    id = serializers.CharField()
    outcome = serializers.CharField()
    reasons = serializers.ListField(child=serializers.CharField())
    rules = serializers.ListField(child=serializers.CharField())
    policies = serializers.DictField(child=serializers.IntegerField())


class AttemptOut(serializers.Serializer[object]):
    """One attempt at the system of record."""

    number = serializers.IntegerField()
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.CharField()
    detail = serializers.CharField()


class CallApprovalOut(serializers.Serializer[object]):
    """The approval a call waits for."""

    id = serializers.UUIDField()
    name = serializers.CharField(source="label")
    state = serializers.CharField()
    deadline_at = serializers.DateTimeField()
    reason = serializers.CharField()


class AlternativeOut(serializers.Serializer[object]):
    """One thing to do instead of what was rejected."""

    act = serializers.CharField()
    says = serializers.CharField()


class RejectionOut(serializers.Serializer[object]):
    """Who rejected a call, and what its requester may do instead."""

    by = serializers.CharField()
    at = serializers.DateTimeField()
    code = serializers.CharField(
        help_text="wrong_amount, wrong_person, not_allowed, missing_evidence or other."
    )
    reason = serializers.CharField()
    may_instead = AlternativeOut(many=True)


class EditOut(serializers.Serializer[object]):
    """Who edited an action, when and why."""

    by = serializers.CharField()
    at = serializers.DateTimeField()
    reason = serializers.CharField()


class OtherCallOut(serializers.Serializer[object]):
    """The call before or after an edit, and where to ask for it."""

    id = serializers.UUIDField(source="public_id")
    state = serializers.CharField()
    status_url = serializers.SerializerMethodField()

    def get_status_url(self, call: object) -> str:
        """Return where to ask."""
        return status_url(call)


def status_url(call: object) -> str:
    """Return where to ask again for a call."""
    return f"/api/v1/tool-calls/{getattr(call, 'public_id', '')}/"


class ToolCallOut(serializers.Serializer[object]):
    """A tool call and all that became of it so far."""

    id = serializers.UUIDField(source="public_id")
    case = serializers.UUIDField(source="case.public_id")
    tool = serializers.CharField(source="tool.name")
    arguments = serializers.JSONField()
    sensitive = serializers.SerializerMethodField(
        help_text="Paths of the arguments that are shown only to whose work needs them."
    )
    digest = serializers.CharField(
        source="action_digest", help_text="Of exactly what would run; an edit names it."
    )
    step = serializers.CharField(source="step_key")
    state = serializers.CharField()
    state_reason = serializers.CharField()
    refused = serializers.BooleanField()
    confirmed = serializers.BooleanField(allow_null=True)
    result = serializers.JSONField(allow_null=True)
    decision = serializers.SerializerMethodField()
    approval = serializers.SerializerMethodField()
    rejection = serializers.SerializerMethodField()
    edited_by = serializers.SerializerMethodField(
        help_text="Who edited it: of the call that was edited, and of the one it became."
    )
    edited_from = serializers.SerializerMethodField()
    replaced_by = serializers.SerializerMethodField()
    attempts = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    settled_at = serializers.DateTimeField(allow_null=True)
    status_url = serializers.SerializerMethodField()

    def get_sensitive(self, call: ToolCall) -> list[str]:
        """Return which arguments its tool calls sensitive."""
        return list(spec_of_call(call).sensitive)

    @extend_schema_field(DecisionOut)
    def get_decision(self, call: object) -> dict[str, object]:
        """Return the decision as shown to the caller."""
        del call
        return dict(DecisionOut(self.context["decision"]).data)

    @extend_schema_field(CallApprovalOut(allow_null=True))
    def get_approval(self, call: object) -> dict[str, object] | None:
        """Return the approval the call waits or waited for."""
        del call
        approval = self.context["approval"]
        return dict(CallApprovalOut(approval).data) if approval else None

    @extend_schema_field(RejectionOut(allow_null=True))
    def get_rejection(self, call: object) -> dict[str, object] | None:
        """Return why a person rejected it, and what may be done instead."""
        del call
        return self._shown("rejection", RejectionOut)

    @extend_schema_field(EditOut(allow_null=True))
    def get_edited_by(self, call: object) -> dict[str, object] | None:
        """Return who edited it."""
        del call
        return self._shown("edited_by", EditOut)

    @extend_schema_field(OtherCallOut(allow_null=True))
    def get_edited_from(self, call: object) -> dict[str, object] | None:
        """Return the call it was before it was edited."""
        del call
        return self._shown("edited_from", OtherCallOut)

    @extend_schema_field(OtherCallOut(allow_null=True))
    def get_replaced_by(self, call: object) -> dict[str, object] | None:
        """Return the call that it became when it was edited."""
        del call
        return self._shown("replaced_by", OtherCallOut)

    def _shown(
        self, name: str, shape: type[serializers.Serializer[object]]
    ) -> dict[str, object] | None:
        found = self.context.get(name)
        return dict(shape(found).data) if found else None

    @extend_schema_field(AttemptOut(many=True))
    def get_attempts(self, call: object) -> list[dict[str, object]]:
        """Return the attempts in order."""
        del call
        return [dict(item) for item in AttemptOut(self.context["attempts"], many=True).data]

    def get_status_url(self, call: object) -> str:
        """Return where to ask again."""
        return status_url(call)


class ToolOut(serializers.Serializer[object]):
    """A tool this caller may use."""

    name = serializers.CharField()
    title = serializers.CharField()
    description = serializers.SerializerMethodField()
    effect = serializers.CharField()
    risk = serializers.CharField()
    arguments = serializers.SerializerMethodField()
    version = serializers.IntegerField(source="number")
    digest = serializers.CharField()

    def get_description(self, tool: object) -> str:
        """Return what the tool is for."""
        return str(getattr(tool, "document", {}).get("description", ""))

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_arguments(self, tool: object) -> dict[str, object]:
        """Return the JSON Schema of the arguments."""
        return dict(getattr(tool, "document", {}).get("arguments", {}))


class CueSheetOut(serializers.Serializer[object]):
    """A published cue sheet."""

    key = serializers.CharField(source="cue_sheet.key")
    title = serializers.CharField(source="cue_sheet.title")
    version = serializers.IntegerField(source="number")
    digest = serializers.CharField()
    pattern = serializers.CharField()
    document = serializers.JSONField()


class InteractionOut(serializers.Serializer[object]):
    """A contact that was recorded."""

    id = serializers.UUIDField(source="public_id")
    channel = serializers.CharField()


class EvidenceOut(serializers.Serializer[object]):
    """A piece of evidence that was attached."""

    id = serializers.UUIDField(source="public_id")


class VerificationOut(serializers.Serializer[object]):
    """A verification that was recorded; ``trust`` is ``claimed`` where an AI agent said so."""

    id = serializers.UUIDField(source="public_id")
    level = serializers.CharField()
    trust = serializers.CharField()
    evidence = serializers.ListField(child=serializers.CharField())


class JourneysOut(serializers.Serializer[object]):
    """The journeys of a case."""

    journeys = JourneyOut(many=True)


class ReadyStepOut(StepOut):
    """A step that waits for the caller, with its case."""

    case = serializers.UUIDField(source="journey.case.public_id")
