"""The periods that were set, and the runs."""

from django.db import models

from governance.access.models import User
from governance.retention.types import RunState
from orchestra.core.actors import ActorKind
from orchestra.core.fields import CodeField, PublicIdField, enum_field
from orchestra.core.history import tracked


class RetentionPeriod(models.Model):
    """How long one class of record is kept; a class without a row is kept its usual time."""

    code = CodeField(unique=True)
    days = models.PositiveIntegerField()
    reason = models.CharField(max_length=500)
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    history = tracked()

    def __str__(self) -> str:
        return f"{self.code}: {self.days} days"


class RetentionRun(models.Model):
    """One run over all classes, or a dry one that changes nothing.

    ``classes`` holds the figures of every class in its order, periods as they stood when it was
    asked for; ``place`` is the class that is gone through now and ``cursor`` the last key in it
    that was looked at.
    """

    public_id = PublicIdField()
    is_dry = models.BooleanField()
    state = enum_field(RunState, default=RunState.QUEUED)
    by_kind = enum_field(ActorKind)
    by_id = models.CharField(max_length=100)
    by_label = models.CharField(max_length=200)
    classes = models.JSONField(default=list)
    place = models.PositiveSmallIntegerField(default=0)
    cursor = models.BigIntegerField(default=0)
    attempt = models.PositiveIntegerField(default=0)
    lease_until_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_dry"],
                condition=models.Q(state__in=["queued", "running"]),
                name="retention_one_run",
            ),
        ]
        indexes = [models.Index(fields=["is_dry", "-id"], name="retention_runs")]

    def __str__(self) -> str:
        return f"{'dry run' if self.is_dry else 'run'} {self.public_id}"
