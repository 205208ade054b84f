"""Stops: the one place that says what may not act now."""

from django.db import models
from django.db.models import Q

from governance.switches.types import StopScope
from orchestra.core.actors import ActorKind
from orchestra.core.fields import CodeField, PublicIdField, enum_field


class Stop(models.Model):
    """That something may not act, from ``at`` until ``lifted_at``; one person stops.

    ``key`` is the agent's public id, the tool's name or the cue sheet's key; empty for
    everything. Only a stop of everything is lifted by two: one asks, another agrees.
    """

    public_id = PublicIdField()
    scope = enum_field(StopScope)
    key = CodeField(blank=True)
    label = models.CharField(max_length=200)
    reason = models.CharField(max_length=500)
    is_drill = models.BooleanField(default=False)
    by_kind = enum_field(ActorKind)
    by_id = models.CharField(max_length=100)
    by_label = models.CharField(max_length=200)
    at = models.DateTimeField()
    lift_asked_by_id = models.CharField(max_length=100, blank=True)
    lift_asked_by_label = models.CharField(max_length=200, blank=True)
    lift_asked_at = models.DateTimeField(null=True)
    lift_reason = models.CharField(max_length=500, blank=True)
    lifted_by_id = models.CharField(max_length=100, blank=True)
    lifted_by_label = models.CharField(max_length=200, blank=True)
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "key"],
                condition=Q(lifted_at__isnull=True),
                name="stop_one_in_force",
            ),
            models.CheckConstraint(
                condition=Q(scope="everything", key="") | (~Q(scope="everything") & ~Q(key="")),
                name="stop_has_its_key",
            ),
            models.CheckConstraint(
                condition=~Q(scope="everything")
                | Q(lifted_at__isnull=True)
                | (~Q(lift_asked_by_id="") & ~Q(lifted_by_id=models.F("lift_asked_by_id"))),
                name="stop_of_everything_lifted_by_two",
            ),
        ]
        indexes = [models.Index(fields=["-id"], name="stop_newest")]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The name people use, such as ST-12."""
        return f"ST-{self.pk}"
