"""Change requests with their reviews and comments, and what every version has in common."""

from django.db import models

from governance.access.models import User
from governance.reviews.types import (
    ChangePurpose,
    ChangeState,
    DocumentState,
    ReviewChoice,
    RiskLevel,
    VoidCause,
)
from orchestra.core.fields import CodeField, PublicIdField, enum_field
from orchestra.core.history import tracked


class DocumentVersion(models.Model):
    """One numbered version of a governed document; abstract.

    ``document`` is never edited once published; ``digest`` is its canonical digest.
    """

    public_id = PublicIdField()
    number = models.PositiveIntegerField()
    state = enum_field(DocumentState, default=DocumentState.DRAFT)
    document = models.JSONField()
    digest = models.CharField(max_length=64)
    author_id = models.CharField(max_length=100)
    author_label = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class ChangeRequest(models.Model):
    """A proposed new version of a governed document, from draft to published.

    The document is named as text (kind and key), since reviews lie below what they govern.
    ``base_number`` and ``base_digest`` are of the version in force when it was opened, 0 and
    empty where there was none. ``rehearsal_digest`` is of the text that was rehearsed,
    ``report_digest`` of what came out. Whether it must be rehearsed is settled as it is submitted.
    """

    public_id = PublicIdField()
    kind = CodeField()
    document_key = CodeField()
    purpose = enum_field(ChangePurpose, default=ChangePurpose.EDIT)
    title = models.CharField(max_length=200)
    summary = models.TextField(blank=True)
    base_number = models.PositiveIntegerField(default=0)
    base_digest = models.CharField(max_length=64, blank=True)
    document = models.JSONField()
    digest = models.CharField(max_length=64)
    rehearsal_digest = models.CharField(max_length=64, blank=True)
    report_digest = models.CharField(max_length=64, blank=True)
    needs_rehearsal = models.BooleanField(default=False)
    state = enum_field(ChangeState, default=ChangeState.DRAFT)
    risk = enum_field(RiskLevel)
    author_id = models.CharField(max_length=100)
    author_label = models.CharField(max_length=200)
    editor_id = models.CharField(max_length=100)
    editor_label = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    publish_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    published_number = models.PositiveIntegerField(null=True)
    held_reason = models.CharField(max_length=500, blank=True)
    history = tracked()

    class Meta:
        indexes = [
            models.Index(fields=["kind", "document_key"], name="change_document"),
            models.Index(
                fields=["publish_at"],
                condition=models.Q(state="scheduled"),
                name="change_scheduled",
            ),
            models.Index(
                fields=["expires_at"],
                condition=models.Q(state__in=["submitted", "changes_asked", "approved"]),
                name="change_expiring",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="scheduled") | models.Q(publish_at__isnull=False),
                name="change_scheduled_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name people use, such as CR-12."""
        return f"CR-{self.pk}"


class Review(models.Model):
    """One person's vote on one text; void once the text is edited or submitted anew."""

    change = models.ForeignKey(ChangeRequest, on_delete=models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="change_reviews")
    choice = enum_field(ReviewChoice)
    roles = models.JSONField(default=list)
    reason = models.TextField(blank=True)
    digest = models.CharField(max_length=64)
    step_up_at = models.DateTimeField(null=True)
    at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True)
    void_cause = enum_field(VoidCause, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["change", "reviewer"],
                condition=models.Q(voided_at__isnull=True),
                name="change_review_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.choice} on {self.change_id}"


class ReviewComment(models.Model):
    """What somebody said about one text of a change request."""

    change = models.ForeignKey(ChangeRequest, on_delete=models.PROTECT, related_name="comments")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="change_comments")
    place = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="resolved_comments"
    )

    def __str__(self) -> str:
        return f"comment on {self.change_id}"
