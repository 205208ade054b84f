"""Scorecards and their versions."""

from django.db import models

from governance.reviews.models import DocumentVersion
from orchestra.core.history import tracked
from qa.documents.models import QualityDocument


class Scorecard(QualityDocument):
    """How one kind of work is judged, as a series of versions."""

    history = tracked()


class ScorecardVersion(DocumentVersion):
    """One version of a scorecard.

    ``edition`` is the series its scores belong to: versions that differ only in wording share
    one. ``scoring_digest`` is of what decides scores.
    """

    scorecard = models.ForeignKey(Scorecard, on_delete=models.PROTECT, related_name="versions")
    edition = models.PositiveIntegerField()
    scoring_digest = models.CharField(max_length=64)
    history = tracked()

    class Meta:
        ordering = ["scorecard", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["scorecard", "number"], name="scorecard_version_number"
            ),
            models.UniqueConstraint(
                fields=["scorecard"],
                condition=models.Q(state="published"),
                name="scorecard_one_published",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scorecard} {self.number}"
