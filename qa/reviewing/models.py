"""One person's review of one unit."""

from django.db import models

from governance.access.models import User
from orchestra.core.fields import CodeField, PublicIdField, enum_field
from qa.population.models import SamplingUnit
from qa.reviewing.types import ReviewKind, ReviewState, Unassigned
from qa.sampling.models import DrawnUnit
from qa.scorecards.models import ScorecardVersion


class Review(models.Model):
    """One review, of the version of the scorecard that was in force when it was assigned.

    ``drawn`` is empty for a directed review, which never enters an estimate. ``answers`` holds
    question to ``{"value", "quotes": [{"message", "start", "end"}], "comment"}``: the words stay
    where they were said. ``revision`` counts its savings, so that two screens cannot overwrite
    each other. ``percent`` is the exact score as a fraction in text, such as ``325/4``; empty
    where it is undefined. What the judged may say of it, they say until ``answer_by_at``.
    """

    public_id = PublicIdField()
    unit = models.ForeignKey(SamplingUnit, on_delete=models.PROTECT, related_name="reviews")
    drawn = models.ForeignKey(
        DrawnUnit, on_delete=models.PROTECT, null=True, blank=True, related_name="reviews"
    )
    scorecard = models.ForeignKey(
        ScorecardVersion, on_delete=models.PROTECT, related_name="reviews"
    )
    kind = enum_field(ReviewKind, default=ReviewKind.FIRST)
    state = enum_field(ReviewState, default=ReviewState.WAITING)
    blind = models.BooleanField(default=True)
    reviewer = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="quality_reviews"
    )
    unassigned_for = enum_field(Unassigned, blank=True, default="")
    asked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    asked_why = models.CharField(max_length=300, blank=True, default="")
    assigned_at = models.DateTimeField()
    due_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True, blank=True)
    saved_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    answer_by_at = models.DateTimeField(null=True, blank=True)
    stop_asked_at = models.DateTimeField(null=True, blank=True)
    stop_asked_why = models.CharField(max_length=500, blank=True, default="")
    seconds = models.PositiveIntegerField(default=0)
    revision = models.PositiveIntegerField(default=0)
    answers = models.JSONField(default=dict, blank=True)
    comment = models.TextField(blank=True, default="")
    percent = models.CharField(max_length=60, blank=True, default="")
    passed = models.BooleanField(null=True, blank=True)
    failed = models.JSONField(default=list, blank=True)
    skipped_for = CodeField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "reviewer", "kind"],
                condition=~models.Q(state="skipped"),
                name="review_once_a_person",
            )
        ]
        indexes = [
            models.Index(fields=["state", "reviewer", "due_at"], name="review_queue"),
            models.Index(fields=["reviewer", "-submitted_at"], name="review_reviewer"),
            # Beside one's own, who may stop reads those that ask for a stop.
            models.Index(
                fields=["id"],
                condition=models.Q(stop_asked_at__isnull=False),
                name="review_stop_asked",
            ),
        ]

    def __str__(self) -> str:
        return f"review of {self.unit_id}"
