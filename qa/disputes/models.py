"""Whom a review was released to, what they dispute of it, and what they are coached in."""

from django.db import models

from governance.access.models import User
from orchestra.core.fields import CodeField, PublicIdField, enum_field
from qa.disputes.types import DisputeState
from qa.reviewing.models import Review


class Judged(models.Model):
    """That a released review is of somebody's work, or of an AI agent they own."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="judged")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="judged_in")
    as_owner = models.BooleanField(default=False)
    acknowledged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "person"], name="judged_once_a_review")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.review_id}"


class Dispute(models.Model):
    """One question of one review that somebody judged disputes; decided once, for good.

    The review keeps its first answer and score whatever is decided. ``asked`` names, by public
    id, the leads whose turn it was; ``value`` is the answer that was decided.
    """

    public_id = PublicIdField()
    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="disputes")
    question = CodeField()
    words = models.TextField()
    raised_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="disputes_raised")
    raised_at = models.DateTimeField()
    due_at = models.DateTimeField()
    state = enum_field(DisputeState, default=DisputeState.OPEN)
    lead = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="disputes_to_decide"
    )
    asked = models.JSONField(default=list, blank=True)
    value = models.CharField(max_length=100, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="disputes_decided"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "question"], name="dispute_once_a_question")
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="dispute_waiting")]

    def __str__(self) -> str:
        return f"{self.question} of {self.review_id}"


class Coaching(models.Model):
    """Something to learn from a review: for whom, by when, and what came of it."""

    public_id = PublicIdField()
    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="coaching")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="coaching")
    question = CodeField(blank=True)
    words = models.TextField()
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="coaching_given")
    given_at = models.DateTimeField()
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["person", "done_at", "due_at"], name="coaching_open")]

    def __str__(self) -> str:
        return f"coaching of {self.person_id}"
