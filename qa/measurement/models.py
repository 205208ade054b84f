"""Metric definitions and their versions, and what was measured."""

from django.db import models

from governance.reviews.models import DocumentVersion
from orchestra.core.fields import CodeField, enum_field
from orchestra.core.history import tracked
from qa.documents.models import QualityDocument
from qa.measurement.types import LeftOut, Metric


class MetricDefinition(QualityDocument):
    """What one number means, as a series of versions."""

    history = tracked()


class MetricVersion(DocumentVersion):
    """One version of a metric's definition; ``formula`` is what the document names."""

    metric = models.ForeignKey(MetricDefinition, on_delete=models.PROTECT, related_name="versions")
    formula = enum_field(Metric)
    history = tracked()

    class Meta:
        ordering = ["metric", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["metric", "number"], name="metric_version_number"),
            models.UniqueConstraint(
                fields=["metric"],
                condition=models.Q(state="published"),
                name="metric_one_published",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.number}"


class MeasureCursor(models.Model):
    """How far the ledger was read for the metrics: the one row that is locked to read on."""

    next_index = models.BigIntegerField(default=0)
    read_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"measured up to {self.next_index}"


class MeasuredCase(models.Model):
    """All rows of one case that the metrics take, derived from its entries alone.

    Made again at will and never evidence. ``rows`` is the one text of its ``CaseFacts``; the
    columns beside it are what rows are selected by. It holds public ids and codes, no words.
    ``upto_index`` is the place of the last entry that it was made of.
    """

    case = models.UUIDField(unique=True)
    customer = models.CharField(max_length=36, blank=True)
    need = CodeField(blank=True)
    opened_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField()
    left_out = enum_field(LeftOut, blank=True, default="")
    journey = CodeField(blank=True)
    channel = CodeField(blank=True)
    pattern = CodeField(blank=True)
    queue = CodeField(blank=True)
    risk = CodeField(blank=True)
    upto_index = models.BigIntegerField()
    rows = models.TextField()

    class Meta:
        indexes = [
            models.Index(fields=["opened_at", "id"], name="measured_opened"),
            models.Index(fields=["resolved_at"], name="measured_resolved"),
            models.Index(fields=["closed_at"], name="measured_closed"),
            models.Index(fields=["last_at"], name="measured_last"),
            models.Index(fields=["customer"], name="measured_customer"),
        ]

    def __str__(self) -> str:
        return f"rows of {self.case}"


class MetricCell(models.Model):
    """One metric over some weeks, with everything that stands beside the number.

    ``key`` and ``version`` name the definition, ``begin`` is a Monday in its zone. A cell that
    an entry touched later is stale until it is computed again; so is one with open cases.
    """

    key = CodeField()
    version = models.PositiveIntegerField()
    begin = models.DateField()
    weeks = models.PositiveSmallIntegerField()
    computed_at = models.DateTimeField()
    upto_index = models.BigIntegerField()
    is_stale = models.BooleanField(default=False)
    body = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "begin", "weeks"], name="metric_cell_once"),
        ]

    def __str__(self) -> str:
        return f"{self.key} from {self.begin} over {self.weeks} weeks"
