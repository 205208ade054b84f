"""Sampling plans and their versions, and what was drawn by them."""

from django.db import models

from governance.access.models import User
from governance.reviews.models import DocumentVersion
from orchestra.core.fields import PublicIdField, enum_field
from orchestra.core.history import tracked
from qa.documents.models import QualityDocument
from qa.population.models import SamplingUnit
from qa.sampling.types import Explanation, PeriodState, PlanKind, ReplacedFor


class SamplingPlan(QualityDocument):
    """How one population is looked at, as a series of versions."""

    history = tracked()


class SamplingPlanVersion(DocumentVersion):
    """One version of a sampling plan; ``kind`` is what the document says."""

    plan = models.ForeignKey(SamplingPlan, on_delete=models.PROTECT, related_name="versions")
    kind = enum_field(PlanKind)
    history = tracked()

    class Meta:
        ordering = ["plan", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="sampling_plan_number"),
            models.UniqueConstraint(
                fields=["plan"],
                condition=models.Q(state="published"),
                name="sampling_plan_one_published",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} {self.number}"


class SamplePeriod(models.Model):
    """One period of one plan: its seed is committed before it begins and shown after the draw.

    ``sealed_seed`` is unreadable in the database; ``seed`` is empty until the frame is closed.
    ``frame_digest`` names the frame that was drawn from, ``draw_digest`` what was drawn, and
    ``shares`` how many of each stratum and why. ``redrawn`` is what the last drawing again
    found; ``explanation`` is what one person said of a frame that changed, and a second agreed.
    """

    public_id = PublicIdField()
    version = models.ForeignKey(
        SamplingPlanVersion, on_delete=models.PROTECT, related_name="periods"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = enum_field(PeriodState, default=PeriodState.COMMITTED)
    commitment = models.CharField(max_length=64)
    committed_at = models.DateTimeField()
    sealed_seed = models.BinaryField()
    seed = models.CharField(max_length=100, blank=True, default="")
    frame_size = models.PositiveIntegerField(default=0)
    frame_digest = models.CharField(max_length=64, blank=True, default="")
    left_out = models.JSONField(default=dict, blank=True)
    drawn_at = models.DateTimeField(null=True, blank=True)
    held_reason = models.CharField(max_length=300, blank=True, default="")
    closed_at = models.DateTimeField(null=True, blank=True)
    shares = models.JSONField(default=list, blank=True)
    draw_digest = models.CharField(max_length=64, blank=True, default="")
    redrawn_at = models.DateTimeField(null=True, blank=True)
    redrawn_by = models.CharField(max_length=200, blank=True, default="")
    redrawn = models.JSONField(default=dict, blank=True)
    explanation = enum_field(Explanation, blank=True, default="")
    explained_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    explained_at = models.DateTimeField(null=True, blank=True)
    explained_reason = models.CharField(max_length=500, blank=True, default="")
    agreed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    agreed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "starts_at"], name="sample_period_once"),
            models.CheckConstraint(
                condition=~models.Q(agreed_by=models.F("explained_by")),
                name="sample_period_two_people",
            ),
        ]
        indexes = [models.Index(fields=["state", "ends_at"], name="sample_period_due")]

    def __str__(self) -> str:
        return f"{self.version_id} from {self.starts_at:%Y-%m-%d}"

    @property
    def place(self) -> str:
        """What its seed is sealed for."""
        return f"sample_period:{self.public_id}"


class FrameUnit(models.Model):
    """That a unit belongs to a period's frame, with its number; written once, when it ended.

    ``number`` is the unit's number as 16 hexadecimal digits, which sort as it does, so that the
    smallest of a stratum are read off an index.
    """

    period = models.ForeignKey(SamplePeriod, on_delete=models.PROTECT, related_name="frame")
    unit = models.ForeignKey(SamplingUnit, on_delete=models.PROTECT, related_name="frames")
    stratum = models.CharField(max_length=300)
    number = models.CharField(max_length=16)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["period", "unit"], name="frame_unit_once")]
        indexes = [models.Index(fields=["period", "stratum", "number"], name="frame_unit_number")]

    def __str__(self) -> str:
        return f"{self.unit_id} in {self.stratum}"


class DrawnUnit(models.Model):
    """One unit of a sample. A replaced one stays, as one that gave no answer.

    Its chance is ``drawn_of_stratum / size_of_stratum``; ``place`` 1 has the smallest number.
    """

    period = models.ForeignKey(SamplePeriod, on_delete=models.PROTECT, related_name="drawn")
    unit = models.ForeignKey(SamplingUnit, on_delete=models.PROTECT, related_name="draws")
    stratum = models.CharField(max_length=300)
    place = models.PositiveIntegerField()
    number = models.CharField(max_length=16)
    size_of_stratum = models.PositiveIntegerField()
    drawn_of_stratum = models.PositiveIntegerField()
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    lost_for = enum_field(ReplacedFor, blank=True, default="")
    lost_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["period", "unit"], name="drawn_unit_once")]
        indexes = [
            models.Index(fields=["period", "stratum", "place"], name="drawn_unit_place"),
            # Counted for every sample of a page, off the index alone.
            models.Index(
                fields=["period"],
                condition=models.Q(replaces__isnull=True),
                name="drawn_unit_original",
            ),
            models.Index(
                fields=["period"], condition=~models.Q(lost_for=""), name="drawn_unit_lost"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} drawn from {self.stratum}"
