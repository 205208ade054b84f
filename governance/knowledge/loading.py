"""Reads the article of a stored version; one whose text was altered is none."""

from typing import Final

from django.utils.translation import gettext as _

from governance.knowledge.models import ArticleVersion
from governance.knowledge.parsing import parse_article
from governance.knowledge.types import ArticleText
from governance.reviews.rules import document_digest
from orchestra.core.errors import ConflictError

DOCUMENT_KIND: Final = "article"


def read_article(version: ArticleVersion) -> ArticleText:
    """Return the article that a version states.

    Raises:
        ConflictError: The stored text is not the one that was published.
        InvalidInputError: Its stored document is none.
    """
    if document_digest(kind=DOCUMENT_KIND, document=version.document) != version.digest:
        raise ConflictError(
            _("The stored text is not the one that was published."), code="article.altered"
        )
    return parse_article(document=version.document)
