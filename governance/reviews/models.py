"""What every governed document's version has in common."""

from django.db import models

from governance.reviews.types import DocumentState
from orchestra.core.fields import PublicIdField, enum_field


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
