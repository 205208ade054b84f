"""Event logs of other systems, their cases and events."""

from django.db import models

from orchestra.core.actors import ActorKind
from orchestra.core.fields import CodeField, PublicIdField, enum_field
from qa.history.types import Standing


class PastLog(models.Model):
    """One imported log; ``figures`` is its baseline, computed once, of the rows beside it.

    ``file_digest`` and ``mapping_digest`` tell whether the same is imported again.
    """

    public_id = PublicIdField()
    key = CodeField(unique=True)
    title = models.CharField(max_length=200)
    file_name = models.CharField(max_length=200)
    file_digest = models.CharField(max_length=64)
    mapping_digest = models.CharField(max_length=64)
    cases = models.PositiveIntegerField()
    events = models.PositiveIntegerField()
    left_out = models.PositiveIntegerField()
    repeated = models.PositiveIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    figures = models.JSONField()
    imported_at = models.DateTimeField()
    by_kind = enum_field(ActorKind)
    by_id = models.CharField(max_length=100)
    by_label = models.CharField(max_length=200)

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title


class PastLogCase(models.Model):
    """One case of a log, with what it comes to."""

    log = models.ForeignKey(PastLog, on_delete=models.CASCADE, related_name="rows")
    ref = models.CharField(max_length=200)
    opened_at = models.DateTimeField()
    last_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    withdrawn = models.BooleanField()
    events = models.PositiveIntegerField()
    group_changes = models.PositiveIntegerField()
    went_back = models.BooleanField()
    resource_changes = models.PositiveIntegerField()
    reopened = models.BooleanField()
    channel = models.CharField(max_length=200, blank=True)
    first_group = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["log", "ref"], name="past_case_once")]
        indexes = [models.Index(fields=["log", "-opened_at", "-id"], name="past_case_opened")]

    def __str__(self) -> str:
        return self.ref


class PastLogEvent(models.Model):
    """One line of a log."""

    case = models.ForeignKey(PastLogCase, on_delete=models.CASCADE, related_name="lines")
    line = models.PositiveIntegerField()
    at = models.DateTimeField()
    standing = enum_field(Standing)
    status = models.CharField(max_length=200)
    activity = models.CharField(max_length=200, blank=True)
    group = models.CharField(max_length=200, blank=True)
    resource = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["case", "at", "line"], name="past_event_case")]

    def __str__(self) -> str:
        return f"line {self.line}"
