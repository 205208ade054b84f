"""A change of who holds the case, with its bundle stored whole, and questions not answered yet."""

from django.db import models

from cases.handoff.types import HandoffState, Transfer, Warmth
from cases.memory.models import Case
from governance.access.models import Queue, User
from governance.skills.models import Skill
from orchestra.core.actors import ActorKind
from orchestra.core.fields import CodeField, PublicIdField, enum_field


class Handoff(models.Model):
    """One handoff: offered to a queue, accepted by a person, or given back to ``from_queue``.

    Whoever takes it has every one of ``skills``; a supervisor stands in.
    """

    public_id = PublicIdField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="handoffs")
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="handoffs")
    from_queue = models.ForeignKey(Queue, on_delete=models.PROTECT, null=True, related_name="+")
    role = CodeField(blank=True)
    reason_code = CodeField()
    note = models.TextField(blank=True)
    from_kind = enum_field(ActorKind)
    from_id = models.CharField(max_length=100)
    from_label = models.CharField(max_length=200)
    bundle = models.JSONField()
    bundle_digest = models.CharField(max_length=64)
    missing_parts = models.JSONField(default=list)
    state = enum_field(HandoffState, default=HandoffState.OFFERED)
    offered_at = models.DateTimeField()
    reply_due_at = models.DateTimeField()
    accepted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="accepted_handoffs"
    )
    accepted_at = models.DateTimeField(null=True)
    said_missing = models.JSONField(default=list)
    transfer = enum_field(Transfer, default=Transfer.ESCALATION)
    warmth = enum_field(Warmth, default=Warmth.COLD)
    to_person = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="offered_handoffs"
    )
    refused_by = models.JSONField(default=list)
    asked_again = models.PositiveSmallIntegerField(default=0)
    is_late = models.BooleanField(default=False)
    is_sufficient = models.BooleanField(null=True)
    judged_at = models.DateTimeField(null=True)
    skills = models.ManyToManyField(Skill, related_name="+")

    class Meta:
        indexes = [
            models.Index(
                fields=["reply_due_at", "id"],
                condition=models.Q(state="offered"),
                name="handoff_first_due",
            ),
            # What waits in a queue, its oldest and its late ones, off the index alone.
            models.Index(
                fields=["queue", "id"],
                include=["offered_at", "reply_due_at"],
                condition=models.Q(state="offered"),
                name="handoff_offered_in_queue",
            ),
            models.Index(fields=["state", "is_late", "reply_due_at"], name="handoff_due"),
        ]

    def __str__(self) -> str:
        return f"handoff of {self.case_id} to {self.queue_id}"


class OpenQuestion(models.Model):
    """Where a question to a colleague waits for its answer; its words are in the ledger alone.

    One of ``person`` and ``queue`` is asked. The row goes with the answer; ``public_id`` is the
    id of the question.
    """

    public_id = PublicIdField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="open_questions")
    asked_at = models.DateTimeField()
    asker_kind = enum_field(ActorKind)
    asker_id = models.CharField(max_length=100)
    person = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["asker_id", "id"], name="open_question_asked")]

    def __str__(self) -> str:
        return f"question {self.public_id} on {self.case_id}"
