"""The guided path of a centre: one journey first, and no other before it is ready."""

from django.db import models

from cases.journeys.models import CueSheet
from cases.readiness.types import PathEnd
from orchestra.core.fields import PublicIdField, enum_field


class GuidedPath(models.Model):
    """That a centre makes one journey ready before any other; at most one is open."""

    public_id = PublicIdField()
    cue_sheet = models.ForeignKey(CueSheet, on_delete=models.PROTECT, related_name="+")
    chosen_by_label = models.CharField(max_length=200)
    chosen_at = models.DateTimeField()
    end = enum_field(PathEnd, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["end"], condition=models.Q(end=""), name="guided_path_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cue_sheet_id} {self.end or 'open'}"
