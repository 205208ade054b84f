"""Legal holds, and erasures."""

from django.db import models
from django.db.models import F, Q

from governance.access.models import User
from governance.privacy.types import (
    ErasureBasis,
    ErasureState,
    HoldScope,
    HoldState,
    SubjectKind,
)
from orchestra.core.fields import PublicIdField, enum_field


class LegalHold(models.Model):
    """That something may be neither erased nor run out; placed and lifted by two people each."""

    public_id = PublicIdField()
    scope = enum_field(HoldScope)
    subject_id = models.CharField(max_length=100, blank=True)
    label = models.CharField(max_length=100)
    begins_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500)
    reference = models.CharField(max_length=200)
    state = enum_field(HoldState, default=HoldState.ASKED)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    deadline_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    lift_asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    lift_asked_at = models.DateTimeField(null=True)
    lift_reason = models.CharField(max_length=500, blank=True)
    lifted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(confirmed_by=F("asked_by")), name="legal_hold_placed_by_two"
            ),
            models.CheckConstraint(
                condition=~Q(lifted_by=F("lift_asked_by")), name="legal_hold_lifted_by_two"
            ),
            models.CheckConstraint(
                condition=~Q(scope="span")
                | Q(begins_at__isnull=False, ends_at__gte=F("begins_at")),
                name="legal_hold_span_has_ends",
            ),
        ]
        indexes = [
            models.Index(fields=["subject_id", "state"], name="legal_hold_subject"),
            models.Index(fields=["state", "-id"], name="legal_hold_state"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The name people use, such as LH-12."""
        return f"LH-{self.pk}"


class Erasure(models.Model):
    """That the personal data of a subject is erased: asked for by one, confirmed by another.

    It names nobody: ``label`` is such as ``Customer 4``. ``previewed`` and ``erased`` are counts
    by the holder's code, at the asking and at the end; ``problem`` says why it was stopped.
    """

    public_id = PublicIdField()
    subject_kind = enum_field(SubjectKind)
    subject_id = models.CharField(max_length=100)
    label = models.CharField(max_length=100)
    cases = models.JSONField(default=list)
    basis = enum_field(ErasureBasis)
    reference = models.CharField(max_length=200)
    state = enum_field(ErasureState, default=ErasureState.ASKED)
    previewed = models.JSONField(default=dict)
    erased = models.JSONField(default=dict)
    problem = models.CharField(max_length=1000, blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    deadline_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(confirmed_by=F("asked_by")), name="erasure_by_two"),
            models.UniqueConstraint(
                fields=["subject_id"],
                condition=Q(state__in=["asked", "confirmed"]),
                name="erasure_one_coming",
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="erasure_state")]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The name people use, such as ER-12."""
        return f"ER-{self.pk}"
