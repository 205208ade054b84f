"""Publish a version of an article in place of the one in force, or take it out of force."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from governance.knowledge import entries
from governance.knowledge.loading import DOCUMENT_KIND
from governance.knowledge.markdown import plain_text
from governance.knowledge.models import Article, ArticleInForce, ArticleVersion
from governance.knowledge.parsing import parse_article
from governance.knowledge.rules import without_marks
from governance.knowledge.types import ArticleText, Audience
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from governance.reviews.rules import document_digest
from governance.reviews.services.versions import (
    lock_document,
    next_place,
    put_in_force,
    take_out_of_force,
)
from orchestra.core.actors import Actor
from orchestra.core.errors import NotPermittedError
from orchestra.core.locking import lock

Json = Any


@one_act()
def publish_article(*, actor: Actor, now: datetime, document: Mapping[str, Json]) -> ArticleVersion:
    """Put a version of an article in force and retire the one before, at one moment.

    The document that is in force already is left as it is. Whether the actor may publish is
    the caller's question; an AI agent never may.

    Args:
        actor: Who publishes.
        now: When, UTC.
        document: The article as a document, under its own key.

    Raises:
        InvalidInputError: The document is wrong, with every error at once.
        NotPermittedError: An AI agent publishes.
    """
    if actor.is_agent:
        raise NotPermittedError(_("An AI agent publishes no article."), code="article.agent")
    text = parse_article(document=document)
    digest = document_digest(kind=DOCUMENT_KIND, document=document)
    article = lock_document(Article, actor=actor, key=text.key, title=text.title)
    place = next_place(article.versions.all())
    if (same := place.same(digest)) is not None:
        return same
    new = ArticleVersion(article=article, document=dict(document), digest=digest)
    version = put_in_force(place, new, actor=actor, now=now)
    _keep_searchable(version, text)
    _append(actor, now, version, entries.ARTICLE_PUBLISHED)
    return version


@one_act()
def retire_article(*, actor: Actor, now: datetime, key: str) -> ArticleVersion:
    """Take the version in force of an article out of force, with none in its place.

    Whether the actor may is the caller's question; an AI agent never may.

    Raises:
        NotPermittedError: An AI agent retires it.
        ConflictError: No version is in force.
    """
    if actor.is_agent:
        raise NotPermittedError(_("An AI agent retires no article."), code="article.agent")
    lock(Article.objects.filter(key=key))
    versions = ArticleVersion.objects.filter(article__key=key).select_related("article")
    version = take_out_of_force(versions, actor=actor, now=now, code="article.not_in_force")
    ArticleInForce.objects.filter(article=version.article).delete()
    _append(actor, now, version, entries.ARTICLE_RETIRED)
    return version


def _keep_searchable(version: ArticleVersion, text: ArticleText) -> None:
    ArticleInForce.objects.update_or_create(
        article=version.article,
        defaults={
            "version": version,
            "title": without_marks(text.title),
            "topics": "\n".join(text.topics),
            "body": plain_text(text.body),
            "owner": text.owner,
            "review_by": text.review_by,
            "language": text.language,
            "for_ai": Audience.AI in text.audience,
            "for_human": Audience.HUMAN in text.audience,
            "for_customer": Audience.CUSTOMER in text.audience,
        },
    )


def _append(actor: Actor, now: datetime, version: ArticleVersion, kind: str) -> None:
    draft = EntryDraft(
        stream=stream_of(version.article),
        kind=kind,
        payload={
            "article": version.article.key,
            "title": version.article.title,
            "number": version.number,
            "digest": version.digest,
        },
        subject_kind="article_version",
        subject_id=str(version.public_id),
    )
    append_entry(actor=actor, now=now, draft=draft)


def stream_of(article: Article) -> str:
    """Return the ledger stream of an article."""
    return f"article:{article.public_id}"
