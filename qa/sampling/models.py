"""Sampling plans and their versions."""

from django.db import models

from governance.reviews.models import DocumentVersion
from orchestra.core.fields import enum_field
from orchestra.core.history import tracked
from qa.documents.models import QualityDocument
from qa.sampling.types import PlanKind


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
