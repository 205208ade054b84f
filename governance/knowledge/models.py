"""Articles, their versions, what search reads of them, and where they were used."""

from django.db import models

from governance.knowledge.types import UseWay
from governance.reviews.models import DocumentVersion
from orchestra.core.actors import ActorKind
from orchestra.core.fields import CodeField, PublicIdField, enum_field
from orchestra.core.history import tracked


class Article(models.Model):
    """What people and AI agents may lean on, as a series of reviewed texts."""

    public_id = PublicIdField()
    key = CodeField(unique=True)
    title = models.CharField(max_length=200)
    history = tracked()

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title


class ArticleVersion(DocumentVersion):
    """One version of an article's text."""

    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="versions")
    history = tracked()

    class Meta:
        ordering = ["article", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="article_version_number"),
            models.UniqueConstraint(
                fields=["article"],
                condition=models.Q(state="published"),
                name="article_one_published",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.article} {self.number}"


class ArticleInForce(models.Model):
    """What lists and searches read: one row for each article in force.

    Written by publishing, removed by retiring. The database keeps its own index over
    ``title``, ``topics`` and ``body``: a stored ``tsvector`` on PostgreSQL, an FTS5 table
    on SQLite; their columns stand in the migration that made them.
    """

    article = models.OneToOneField(Article, on_delete=models.PROTECT, related_name="in_force")
    version = models.OneToOneField(ArticleVersion, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    topics = models.TextField(blank=True)
    body = models.TextField()
    owner = models.CharField(max_length=200)
    review_by = models.DateField()
    language = CodeField()
    for_ai = models.BooleanField()
    for_human = models.BooleanField()
    for_customer = models.BooleanField()

    class Meta:
        indexes = [models.Index(fields=["review_by"], name="article_review_by")]

    def __str__(self) -> str:
        return self.title


class ArticleUse(models.Model):
    """That one version was used for something; the same use is one row, the first.

    The subject is named as text (kind and id), since cases and findings lie above.
    ``stream`` is the ledger stream it belongs to, such as that of the case.
    """

    public_id = PublicIdField()
    version = models.ForeignKey(ArticleVersion, on_delete=models.PROTECT, related_name="uses")
    way = enum_field(UseWay)
    subject_kind = CodeField()
    subject_id = models.CharField(max_length=100)
    stream = models.CharField(max_length=120)
    by_kind = enum_field(ActorKind)
    by_id = models.CharField(max_length=100)
    by_label = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "subject_kind", "subject_id", "way", "by_kind", "by_id"],
                name="article_use_once",
            ),
        ]
        indexes = [
            models.Index(fields=["version", "-id"], name="article_use_version"),
            models.Index(fields=["stream"], name="article_use_stream"),
        ]

    def __str__(self) -> str:
        return f"{self.way} {self.subject_kind} {self.subject_id}"
