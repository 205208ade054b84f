"""Policies, their versions, limit uses and decision records."""

from django.db import models

from governance.policies.types import Outcome
from governance.reviews.models import DocumentVersion
from orchestra.core.fields import CodeField, PublicIdField, enum_field
from orchestra.core.history import tracked


class Policy(models.Model):
    """What is allowed, as a series of reviewed decision tables."""

    public_id = PublicIdField()
    key = CodeField(unique=True)
    title = models.CharField(max_length=200)
    history = tracked()

    class Meta:
        ordering = ["title"]
        verbose_name_plural = "policies"

    def __str__(self) -> str:
        return self.title


class PolicyVersion(DocumentVersion):
    """One version of a policy's decision table."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions")
    history = tracked()

    class Meta:
        ordering = ["policy", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="policy_version_number"),
            models.UniqueConstraint(
                fields=["policy"],
                condition=models.Q(state="published"),
                name="policy_one_published",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy} {self.number}"


class LimitCounter(models.Model):
    """The row locked while a limit is checked and used."""

    limit_key = CodeField()
    scope_key = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["limit_key", "scope_key"], name="limit_counter_once"),
        ]

    def __str__(self) -> str:
        return f"{self.limit_key} for {self.scope_key}"


class LimitUse(models.Model):
    """One granted use of a limit by one tool call."""

    counter = models.ForeignKey(LimitCounter, on_delete=models.PROTECT, related_name="uses")
    subject_id = models.CharField(max_length=100)
    amount_minor = models.BigIntegerField(default=0)
    at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["counter", "subject_id"], name="limit_use_once"),
        ]
        indexes = [models.Index(fields=["counter", "at"], name="limit_use_window")]

    def __str__(self) -> str:
        return f"{self.counter_id}: {self.subject_id}"


class DecisionRecord(models.Model):
    """One decision with all that replay needs; ``body`` is the record."""

    public_id = PublicIdField()
    subject_kind = CodeField()
    subject_id = models.CharField(max_length=100)
    stream = models.CharField(max_length=120, default="", blank=True)
    outcome = enum_field(Outcome)
    at = models.DateTimeField()
    body = models.BinaryField()
    digest = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["subject_id"], name="decision_subject"),
            models.Index(fields=["stream"], name="decision_stream"),
            models.Index(fields=["at"], name="decision_at"),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} on {self.subject_kind} {self.subject_id}"
