"""What can be drawn: one row a unit, told apart by what was known before any review."""

from django.db import models

from cases.memory.models import Case
from cases.memory.types import Channel
from governance.reviews.types import RiskLevel
from orchestra.core.fields import CodeField, PublicIdField, enum_field
from qa.population.types import Flag, HandledBy, Unit


class SamplingUnit(models.Model):
    """One interaction, case, handoff, approval or decision that ended.

    ``subject`` is the public id of what it stands for, and what a draw hashes. Strata are read
    from the columns; ``workers`` names everybody who had a hand in it, as ``kind:id``, so that
    nobody judges their own work. ``position`` is the ledger entry up to which the row is known.
    """

    public_id = PublicIdField()
    kind = enum_field(Unit)
    subject = models.CharField(max_length=100)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="sampling_units")
    label = models.CharField(max_length=100)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    handled_by = enum_field(HandledBy)
    risk = enum_field(RiskLevel)
    queue = CodeField(blank=True)
    journey = CodeField(blank=True)
    channel = enum_field(Channel)
    pattern = CodeField(blank=True)
    cue_sheet_version = models.CharField(max_length=120, blank=True)
    ai_version = models.CharField(max_length=250, blank=True)
    agent = models.CharField(max_length=120, blank=True)
    agent_label = models.CharField(max_length=200, blank=True)
    tenure = CodeField(blank=True)
    workers = models.JSONField(default=list)
    confidence = models.FloatField(null=True, blank=True)
    targets = models.JSONField(default=list)
    left_out = enum_field(Flag, blank=True, default="")
    left_out_reason = models.CharField(max_length=300, blank=True, default="")
    position = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject"], name="sampling_unit_once")
        ]
        indexes = [
            models.Index(fields=["kind", "ended_at", "id"], name="sampling_unit_ended"),
            models.Index(fields=["agent", "-ended_at"], name="sampling_unit_agent"),
            models.Index(fields=["ai_version", "-ended_at"], name="sampling_unit_ai"),
        ]

    def __str__(self) -> str:
        return self.label


class PopulationReader(models.Model):
    """How far the ledger was read on to fill the population: one row, locked to read on."""

    name = models.CharField(max_length=60, unique=True)
    next_index = models.BigIntegerField()
    read_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.next_index}"


class DayMark(models.Model):
    """That something changed of units which ended on a day of UTC, since its sums were made.

    Written with the change, in its transaction, and never changed: whoever makes the sums anew
    takes away the marks it saw before it began.
    """

    day = models.DateField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.day} changed"
