"""Calibration sessions: the same units, scored by several people, each alone."""

from django.db import models

from governance.access.models import User
from orchestra.core.fields import PublicIdField, enum_field
from orchestra.core.history import tracked
from qa.calibration.types import SessionState
from qa.population.models import SamplingUnit
from qa.scorecards.models import ScorecardVersion


class CalibrationSession(models.Model):
    """One session; its answers are reviews of the kind calibration by its people on its units.

    ``seed`` chose the units and draws the intervals again; it is shown.
    """

    public_id = PublicIdField()
    scorecard = models.ForeignKey(
        ScorecardVersion, on_delete=models.PROTECT, related_name="calibrations"
    )
    state = enum_field(SessionState, default=SessionState.OPEN)
    seed = models.PositiveIntegerField()
    opened_by_id = models.CharField(max_length=120)
    opened_by_label = models.CharField(max_length=200)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    people = models.ManyToManyField(User, related_name="+")
    units = models.ManyToManyField(SamplingUnit, related_name="+")
    history = tracked()

    class Meta:
        ordering = ["-opened_at", "-pk"]

    def __str__(self) -> str:
        return f"calibration {self.public_id}"
