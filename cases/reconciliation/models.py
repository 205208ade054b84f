"""Comparisons of the rows with the ledger, and the differences they found."""

from django.db import models

from cases.reconciliation.types import Gap
from orchestra.core.actors import ActorKind
from orchestra.core.fields import CodeField, PublicIdField, enum_field


class Reconciliation(models.Model):
    """One comparison: how far it looked and what it came to."""

    public_id = PublicIdField()
    since_at = models.DateTimeField(null=True)
    at = models.DateTimeField()
    until_entry = models.BigIntegerField()
    effects = models.PositiveBigIntegerField()
    entries = models.PositiveBigIntegerField()
    asked = models.PositiveIntegerField(default=0)
    silent = models.PositiveIntegerField(default=0)
    found = models.PositiveIntegerField()
    by_kind = enum_field(ActorKind)
    by_id = models.CharField(max_length=100)
    by_label = models.CharField(max_length=200)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.at}: {self.found}"


class Difference(models.Model):
    """One difference, until it is gone or a person explains it."""

    public_id = PublicIdField()
    gap = enum_field(Gap)
    subject_kind = CodeField()
    subject_id = models.CharField(max_length=100)
    wanted = CodeField()
    case_public_id = models.CharField(max_length=100, blank=True)
    found_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)
    explained_at = models.DateTimeField(null=True)
    explained_by_id = models.CharField(max_length=100, blank=True)
    explained_by_label = models.CharField(max_length=200, blank=True)
    explanation = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["gap", "subject_id", "wanted"],
                condition=models.Q(gone_at__isnull=True),
                name="difference_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-id"],
                condition=models.Q(gone_at__isnull=True, explained_at__isnull=True),
                name="difference_unexplained",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gap} {self.wanted} of {self.subject_kind} {self.subject_id}"
