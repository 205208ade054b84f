"""Targets and their versions, and the alerts that a breach opens."""

from django.db import models

from governance.access.models import User
from governance.reviews.models import DocumentVersion
from orchestra.core.fields import CodeField, PublicIdField, enum_field
from orchestra.core.history import tracked
from qa.documents.models import QualityDocument
from qa.targets.types import AlertState, Ending, Sign


class OutcomeTarget(QualityDocument):
    """What a metric of one journey, or of all, is to be, as a series of versions."""

    history = tracked()


class OutcomeTargetVersion(DocumentVersion):
    """One version of a target; ``metric`` and ``journey`` are what the document names."""

    target = models.ForeignKey(OutcomeTarget, on_delete=models.PROTECT, related_name="versions")
    metric = CodeField()
    journey = CodeField(blank=True, default="")
    history = tracked()

    class Meta:
        ordering = ["target", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["target", "number"], name="outcome_target_version_number"
            ),
            models.UniqueConstraint(
                fields=["target"],
                condition=models.Q(state="published"),
                name="outcome_target_one_published",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target} {self.number}"


class OutcomeAlert(models.Model):
    """That a target is not kept: opened by the numbers, acknowledged and closed with a note.

    ``weeks`` are the weeks it was seen over with their numbers, ``driver`` is what moved the
    number most, empty where nothing surely did. Both stay as they were when it was opened.
    """

    public_id = PublicIdField()
    version = models.ForeignKey(
        OutcomeTargetVersion, on_delete=models.PROTECT, related_name="alerts"
    )
    target = models.ForeignKey(OutcomeTarget, on_delete=models.PROTECT, related_name="alerts")
    state = enum_field(AlertState, default=AlertState.OPEN)
    sign = enum_field(Sign)
    last_week = models.DateField()
    weeks = models.JSONField(default=list)
    driver = models.JSONField(default=dict, blank=True)
    opened_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = models.TextField(blank=True, default="")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ending = enum_field(Ending, blank=True, default="")
    closing_note = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["target"],
                condition=~models.Q(state="closed"),
                name="outcome_alert_one_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["state", "opened_at"], name="outcome_alert_state")]

    def __str__(self) -> str:
        return f"alert on {self.target_id}"
