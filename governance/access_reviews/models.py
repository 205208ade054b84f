"""Access reviews and the grants each of them asks about."""

from django.db import models

from governance.access.models import User
from governance.access_reviews.types import ItemState, ReviewState, Use
from orchestra.core.fields import CodeField, PublicIdField, enum_field


class AccessReview(models.Model):
    """One review of who can do what: a list frozen when it began, and a decision on each line."""

    public_id = PublicIdField()
    title = models.CharField(max_length=200)
    state = enum_field(ReviewState, default=ReviewState.OPEN)
    reviewers = models.ManyToManyField(User, related_name="access_reviews")
    started_by = models.CharField(max_length=200)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    finished_by = models.CharField(max_length=200, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["state"],
                condition=models.Q(state="open"),
                name="access_review_open_once",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class AccessReviewItem(models.Model):
    """One grant as it stood when the list was frozen, and what was decided about it.

    People and agents are named as text: the line has to outlive what it speaks of.
    """

    public_id = PublicIdField()
    review = models.ForeignKey(AccessReview, on_delete=models.PROTECT, related_name="items")
    kind = CodeField()
    key = models.CharField(max_length=250)
    mark = models.CharField(max_length=120)
    holder_kind = CodeField()
    holder_id = models.CharField(max_length=100)
    holder_label = models.CharField(max_length=200)
    code = models.CharField(max_length=100)
    place_id = models.CharField(max_length=100, blank=True)
    place_title = models.CharField(max_length=200, blank=True)
    subject_ids = models.JSONField(default=list)
    given_at = models.DateTimeField(null=True)
    given_by = models.CharField(max_length=200, blank=True)
    used_how = enum_field(Use, default=Use.NOT_RECORDED)
    used_at = models.DateTimeField(null=True)
    until_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)
    conflicts = models.JSONField(default=list)
    is_unused = models.BooleanField(default=False)
    is_changed = models.BooleanField(default=False)
    state = enum_field(ItemState, default=ItemState.OPEN)
    decided_by = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["review", "key"], name="access_review_item_once"),
        ]

    def __str__(self) -> str:
        return self.key
