"""Reviews whose answers were agreed."""

from django.db import models

from governance.access.models import User
from orchestra.core.fields import PublicIdField
from qa.population.models import SamplingUnit
from qa.reviewing.models import Review
from qa.scorecards.models import ScorecardVersion


class GoldItem(models.Model):
    """One unit with the answers that a lead agreed on; given out again while it stands.

    ``answers`` holds question to answer, codes of the scorecard alone and no words of anybody.
    Each giving out is a review of the kind gold of the same unit.
    """

    public_id = PublicIdField()
    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="gold")
    unit = models.ForeignKey(SamplingUnit, on_delete=models.PROTECT, related_name="gold")
    scorecard = models.ForeignKey(ScorecardVersion, on_delete=models.PROTECT, related_name="gold")
    answers = models.JSONField(default=dict)
    marked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    marked_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "scorecard"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="gold_once_a_unit",
            )
        ]

    def __str__(self) -> str:
        return f"gold of {self.review_id}"
