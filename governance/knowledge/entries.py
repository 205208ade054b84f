"""The kinds of entries that knowledge writes."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.registry import EntryKind

ARTICLE_PUBLISHED = "article.published"
ARTICLE_RETIRED = "article.retired"
ARTICLE_USED = "article.used"

KINDS = (
    EntryKind(ARTICLE_PUBLISHED, _("{actor} published version {number} of the article {title}")),
    EntryKind(
        ARTICLE_RETIRED, _("{actor} took version {number} of the article {title} out of force")
    ),
    EntryKind(ARTICLE_USED, _("{actor} leaned on version {number} of the article {title}: {how}")),
)
