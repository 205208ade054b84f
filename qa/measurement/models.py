"""Metric definitions and their versions."""

from django.db import models

from governance.reviews.models import DocumentVersion
from orchestra.core.fields import enum_field
from orchestra.core.history import tracked
from qa.documents.models import QualityDocument
from qa.measurement.types import Metric


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
