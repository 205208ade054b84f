"""The five tables of the hand-written comparison."""

import uuid

from django.conf import settings
from django.db import models


class Case(models.Model):
    """A customer's matter."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer = models.CharField(max_length=100, db_index=True)
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.customer}: {self.text[:40]}"


class ToolCall(models.Model):
    """One use of a tool of the store, from proposal to result."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="calls")
    requester = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    tool = models.CharField(max_length=100)
    arguments = models.JSONField()
    confidence = models.FloatField()
    state = models.CharField(max_length=20, db_index=True)
    result = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.tool} ({self.state})"


class Approval(models.Model):
    """A second person's decision on a call."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.OneToOneField(ToolCall, on_delete=models.PROTECT, related_name="approval")
    state = models.CharField(max_length=20, default="pending", db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.call_id} ({self.state})"


class Vote(models.Model):
    """One person's yes."""

    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, related_name="votes")
    voter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    reason = models.CharField(max_length=2000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["approval", "voter"], name="one_vote_a_person")
        ]

    def __str__(self) -> str:
        return f"{self.voter_id} on {self.approval_id}"


class AuditRow(models.Model):
    """What happened, as one line."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="audit")
    actor = models.CharField(max_length=150)
    kind = models.CharField(max_length=50)
    detail = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["case", "created_at"])]

    def __str__(self) -> str:
        return f"{self.kind} by {self.actor}"
