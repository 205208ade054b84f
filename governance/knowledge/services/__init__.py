"""Writes of the articles: publish, retire, record where a version was used."""

from governance.knowledge.services.publishing import publish_article, retire_article
from governance.knowledge.services.using import open_article, record_use

__all__ = ["open_article", "publish_article", "record_use", "retire_article"]
