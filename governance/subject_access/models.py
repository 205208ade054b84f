"""Exports of everything held about one person; the file lies outside the database."""

from django.db import models

from governance.access.models import User
from governance.privacy.types import SubjectKind
from governance.subject_access.types import ExportState
from orchestra.core.fields import PublicIdField, enum_field


class SubjectExport(models.Model):
    """One export; it names its subject by public id and a label that is no personal data."""

    public_id = PublicIdField()
    subject_kind = enum_field(SubjectKind)
    subject_id = models.CharField(max_length=100)
    label = models.CharField(max_length=100)
    reference = models.CharField(max_length=200)
    state = enum_field(ExportState, default=ExportState.QUEUED)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    built_at = models.DateTimeField(null=True)
    records = models.PositiveIntegerField(default=0)
    file_bytes = models.BigIntegerField(null=True)
    file_sha256 = models.CharField(max_length=64, blank=True)
    problem = models.CharField(max_length=500, blank=True)
    downloads = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["state", "id"], name="subject_export_state"),
            models.Index(fields=["subject_id"], name="subject_export_subject"),
        ]

    def __str__(self) -> str:
        return f"everything about {self.label}"
