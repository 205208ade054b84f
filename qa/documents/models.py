"""What every kind of document of quality has as a row; abstract."""

from django.db import models

from orchestra.core.fields import CodeField, PublicIdField


class QualityDocument(models.Model):
    """A document known by its key, as a series of reviewed versions; abstract."""

    public_id = PublicIdField()
    key = CodeField(unique=True)
    title = models.CharField(max_length=200)

    class Meta:
        abstract = True
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title
