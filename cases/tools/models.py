"""Connections, tools with their versions, tool calls and the attempts at them."""

from typing import TYPE_CHECKING

from django.db import models

from cases.memory.models import Case
from cases.tools.types import AttemptOutcome, CallState, ConnectionKind, Effect
from governance.policies.models import DecisionRecord
from governance.policies.types import RiskLevel
from governance.reviews.models import DocumentVersion
from orchestra.core.actors import ActorKind
from orchestra.core.fields import CodeField, PublicIdField, enum_field
from orchestra.core.history import tracked

if TYPE_CHECKING:
    from governance.approvals.models import ApprovalRequest


class Connection(models.Model):
    """A way to one system of record; secrets by reference only."""

    key = CodeField(unique=True)
    title = models.CharField(max_length=200)
    kind = enum_field(ConnectionKind)
    base_url = models.CharField(max_length=500, blank=True)
    settings = models.JSONField(default=dict, blank=True)
    history = tracked()

    def __str__(self) -> str:
        return self.title


class ConnectionSlot(models.Model):
    """One place for a call on a connection that allows only so many at the same time.

    Whoever holds it has it until ``held_until_at``, so that one that died gives it back.
    """

    connection_key = CodeField()
    number = models.PositiveSmallIntegerField()
    holder = models.CharField(max_length=36, blank=True)
    held_until_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection_key", "number"], name="connection_slot"),
        ]

    def __str__(self) -> str:
        return f"{self.connection_key} {self.number}"


class ToolDefinition(models.Model):
    """A tool as the version in force declares it; the ledger and the calls keep its digest.

    What a call needs is copied here from the version with this ``number``, so that one row says
    all of it. A retired tool keeps the copy of its last version and has none in force.
    """

    public_id = PublicIdField()
    name = CodeField(unique=True)
    title = models.CharField(max_length=200)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="tools")
    effect = enum_field(Effect)
    risk = enum_field(RiskLevel, blank=True)
    document = models.JSONField()
    digest = models.CharField(max_length=64)
    number = models.PositiveIntegerField(default=1)
    enabled = models.BooleanField(default=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    history = tracked()

    class Meta:
        ordering = ["name"]
        verbose_name = "tool"

    def __str__(self) -> str:
        return self.title or self.name


class ToolVersion(DocumentVersion):
    """One version of what a tool declares."""

    tool = models.ForeignKey(ToolDefinition, on_delete=models.PROTECT, related_name="versions")
    history = tracked()

    class Meta:
        ordering = ["tool", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["tool", "number"], name="tool_version_number"),
            models.UniqueConstraint(
                fields=["tool"],
                condition=models.Q(state="published"),
                name="tool_one_published",
            ),
        ]
        indexes = [models.Index(fields=["tool", "digest"], name="tool_version_digest")]

    def __str__(self) -> str:
        return f"{self.tool} {self.number}"


class ToolCall(models.Model):
    """One proposed use of a tool and all that became of it; the row is the truth.

    A call that a person edited ended and was replaced by one that names it as ``edited_from``.
    One that is ``on_hold`` belongs to a paused journey and is not carried out meanwhile.
    ``proposed_digest`` is of the arguments as the requester proposed them first, by which the
    requester's own proposal still finds what became of it. ``asked`` is the approval that
    was asked for when this very instance was stored; it is no column, and None once read again.
    """

    asked: "ApprovalRequest | None" = None

    public_id = PublicIdField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tool_calls")
    tool = models.ForeignKey(ToolDefinition, on_delete=models.PROTECT, related_name="calls")
    tool_digest = models.CharField(max_length=64)
    decision = models.ForeignKey(DecisionRecord, on_delete=models.PROTECT, related_name="+")
    step_id = models.CharField(max_length=100, blank=True)
    step_key = CodeField(blank=True)
    cue_sheet = CodeField(blank=True)
    cue_sheet_version = models.PositiveIntegerField(null=True)
    off_plan = models.BooleanField(default=False)
    arguments = models.JSONField()
    arguments_bytes = models.BinaryField()
    arguments_digest = models.CharField(max_length=64)
    action_digest = models.CharField(max_length=64)
    decided_under = models.CharField(max_length=64, blank=True, default="")
    effect_key = models.CharField(max_length=64, unique=True)
    request_key = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001  null keeps the constraint off calls that no keyed request made
    requester_kind = enum_field(ActorKind)
    requester_id = models.CharField(max_length=100)
    requester_label = models.CharField(max_length=200)
    confidence = models.FloatField(null=True)
    margin = models.FloatField(null=True)
    rationale = models.TextField(blank=True)
    evidence = models.JSONField(default=list)
    customer_paragraph = models.TextField(blank=True)
    facts = models.JSONField(default=dict)
    effect_text = models.CharField(max_length=500, blank=True)
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    state = enum_field(CallState, default=CallState.PROPOSED)
    state_reason = models.CharField(max_length=500, blank=True)
    approval_id_text = models.CharField(max_length=100, blank=True)
    attempt = models.PositiveIntegerField(default=0)
    lease_until_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    on_hold = models.BooleanField(default=False)
    result = models.JSONField(null=True)
    result_bytes = models.BinaryField(null=True)
    refused = models.BooleanField(default=False)
    confirmed = models.BooleanField(null=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    edited_from = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="replaced_by"
    )
    edited_by_id = models.CharField(max_length=100, blank=True, default="")
    edited_by_label = models.CharField(max_length=200, blank=True, default="")
    edit_reason = models.CharField(max_length=500, blank=True, default="")
    proposed_digest = models.CharField(max_length=64, blank=True, default="")
    traceparent = models.CharField(max_length=55, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "tool", "arguments_digest", "requester_id"],
                condition=models.Q(
                    state__in=[
                        "proposed",
                        "awaiting_verification",
                        "awaiting_approval",
                        "ready",
                        "executing",
                        "unknown",
                    ]
                ),
                name="tool_call_one_open",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(state="ready"),
                name="tool_call_due",
            ),
            models.Index(
                fields=["lease_until_at"],
                condition=models.Q(state="executing"),
                name="tool_call_lease",
            ),
            models.Index(fields=["case", "id"], name="tool_call_case"),
            models.Index(
                fields=["tool", "id"],
                condition=models.Q(state="succeeded"),
                name="tool_call_answered",
            ),
            # Beside the next one, which the planner takes for a long one since most calls succeed.
            models.Index(
                fields=["id"], condition=models.Q(state="unknown"), name="tool_call_unknown"
            ),
            models.Index(
                fields=["id"],
                condition=models.Q(state="unknown") | models.Q(state="succeeded", confirmed=False),
                name="tool_call_strange",
            ),
            models.Index(
                fields=["id", "decided_under"],
                condition=models.Q(state="awaiting_approval"),
                name="tool_call_awaits_approval",
            ),
            models.Index(
                fields=["id"],
                condition=models.Q(state="awaiting_verification"),
                name="tool_call_awaits_proof",
            ),
            # What another version of a tool would end.
            models.Index(
                fields=["tool", "id"],
                condition=models.Q(
                    attempt=0, state__in=["awaiting_approval", "awaiting_verification", "ready"]
                ),
                name="tool_call_waits",
            ),
            # What an AI agent asked for in the last hour and day, for the bounds of its budget.
            models.Index(fields=["requester_id", "created_at"], name="tool_call_asked"),
        ]

    def __str__(self) -> str:
        return f"{self.tool_id} {self.state}"


class ToolAttempt(models.Model):
    """One attempt at the system of record; the evidence of what came back."""

    call = models.ForeignKey(ToolCall, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = enum_field(AttemptOutcome, blank=True)
    detail = models.CharField(max_length=500, blank=True)
    body = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["call", "number"], name="tool_attempt_once"),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.call_id}"
