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
from governance.reviews.types import DocumentState
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, NotPermittedError
from orchestra.core.history import save_as
from orchestra.core.locking import compare_and_set, lock, lock_one

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
    article = _article(actor, text)
    last = article.versions.order_by("-number").first()
    present = article.versions.filter(state=DocumentState.PUBLISHED).first()
    if present is not None and present.digest == digest:
        return present
    number = (last.number if last else 0) + 1
    if present is not None:
        _retire(actor, now, present, f"Replaced by version {number}.")
    version = ArticleVersion(
        article=article,
        number=number,
        state=DocumentState.PUBLISHED,
        document=dict(document),
        digest=digest,
        author_id=actor.id,
        author_label=actor.label,
        created_at=now,
        published_at=now,
    )
    save_as(version, actor=actor, reason=f"Published as version {number}.")
    _put_in_force(version, text)
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
    rows = ArticleVersion.objects.filter(article__key=key, state=DocumentState.PUBLISHED)
    version = rows.select_related("article").first()
    if version is None:
        raise ConflictError(_("No version of it is in force."), code="article.not_in_force")
    ArticleInForce.objects.filter(article=version.article).delete()
    _retire(actor, now, version, "Taken out of force.")
    _append(actor, now, version, entries.ARTICLE_RETIRED)
    return version


def _article(actor: Actor, text: ArticleText) -> Article:
    found = Article.objects.filter(key=text.key)
    if not found.exists():
        save_as(Article(key=text.key, title=text.title), actor=actor, reason="Made.")
    article = lock_one(found)
    if article.title != text.title:
        compare_and_set(
            article,
            expected={"title": article.title},
            changes={"title": text.title},
            actor=actor,
        )
    return article


def _put_in_force(version: ArticleVersion, text: ArticleText) -> None:
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


def _retire(actor: Actor, now: datetime, version: ArticleVersion, reason: str) -> None:
    compare_and_set(
        version,
        expected={"state": DocumentState.PUBLISHED},
        changes={"state": DocumentState.RETIRED, "retired_at": now},
        actor=actor,
        reason=reason,
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
