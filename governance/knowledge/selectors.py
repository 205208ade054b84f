"""Articles in force and their versions, as far as a reader is given them, and their uses."""

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Count, OuterRef, QuerySet
from django.utils.translation import gettext as _

from governance.access.rules import may
from governance.access.types import Authority, Capability
from governance.knowledge import registry, rules
from governance.knowledge.models import ArticleInForce, ArticleUse, ArticleVersion
from governance.knowledge.search import COLUMNS, Found, Narrowing, find_ranked
from governance.knowledge.types import (
    ArticleHit,
    Audience,
    Freshness,
    SearchAnswer,
    Seen,
    SeenSubject,
    Segment,
    UseWay,
)
from governance.reviews.types import DocumentState
from orchestra.core.bounded import COUNTED, BoundedCount
from orchestra.core.errors import NotFoundError
from orchestra.core.text_query import parse_query
from orchestra.core.together import Reading, answer, read

#: States of a version that was in force at some time.
WAS_IN_FORCE = (DocumentState.PUBLISHED, DocumentState.RETIRED)
#: How many uses are looked at, before those the reader may not see are left out.
LOOKED_AT = 400
#: Nobody pages further through ranked hits.
LAST_OFFSET = 1_000


def search_articles(
    *,
    authority: Authority,
    now: datetime,
    text: str,
    limit: int,
    offset: int = 0,
    freshness: Freshness | None = None,
) -> SearchAnswer:
    """Return the articles in force that a reader is given and that match, the best first.

    Those past their review date come last; an AI agent gets none of them, and of the others
    those that are written for AI. Where no article holds all the words, those that hold some
    are returned.

    Args:
        authority: What the reader holds.
        now: The moment of the question.
        text: What is asked for, however it is written; nothing in it is an error.
        limit: How many at most.
        offset: How many of the best to leave out.
        freshness: Only due or stale ones; None for all.
    """
    query = parse_query(text)
    if query.is_empty or offset > LAST_OFFSET or not _may_read(authority):
        return SearchAnswer(())
    narrowing = _narrowing(authority, now, freshness)
    ask = partial(find_ranked, query=query, narrowing=narrowing, today=now.date())
    any_term = False
    found = ask(any_term=False, limit=limit + 1, offset=offset)
    if not found and len(query.terms) > 1:
        # Behind the last page of all words there is nothing: some words are the other answer.
        any_term = not offset or not ask(any_term=False, limit=1, offset=0)
        if any_term:
            found = ask(any_term=True, limit=limit + 1, offset=offset)
    return SearchAnswer(
        hits=tuple(_ranked(found[:limit], now)),
        has_more=len(found) > limit and offset + limit <= LAST_OFFSET,
        has_all_words=not any_term,
    )


def list_articles(
    *, authority: Authority, now: datetime, freshness: Freshness | None = None
) -> QuerySet[ArticleInForce]:
    """Return the articles in force that a reader is given, by title.

    Args:
        authority: What the reader holds.
        now: The moment of the question.
        freshness: Only due or stale ones; None for all.
    """
    narrowing = _narrowing(authority, now, freshness)
    rows = ArticleInForce.objects.select_related("article", "version").defer("version__document")
    if not _may_read(authority):
        return rows.none()
    if narrowing.audience is not None:
        rows = rows.filter(**{COLUMNS[narrowing.audience]: True})
    if narrowing.review_from is not None:
        rows = rows.filter(review_by__gte=narrowing.review_from)
    if narrowing.review_before is not None:
        rows = rows.filter(review_by__lt=narrowing.review_before)
    return rows.order_by("title", "pk")


def _may_read(authority: Authority) -> bool:
    return may(authority, Capability.KNOWLEDGE_READ)


def _narrowing(
    authority: Authority, now: datetime, freshness: Freshness | None = None
) -> Narrowing:
    due_from = rules.due_from(now.date())
    begin = end = None
    if freshness is Freshness.STALE:
        end = now.date()
    elif freshness is Freshness.DUE:
        begin, end = now.date(), due_from
    elif freshness is Freshness.FRESH:
        begin = due_from
    if authority.actor.is_agent:
        # The same question as rules.may_lean_on asks of one article.
        return Narrowing(Audience.AI, max(begin or now.date(), now.date()), end)
    return Narrowing(None, begin, end)


def count_freshness(*, authority: Authority, now: datetime) -> dict[Freshness, int]:
    """Return how many articles in force stand how to their review date."""
    return answer(reading_freshness(authority=authority, now=now))


def reading_freshness(*, authority: Authority, now: datetime) -> Reading[dict[Freshness, int]]:
    """Come to how many articles in force stand how, as ``count_freshness`` returns it."""
    counts = dict.fromkeys(Freshness, 0)
    rows = list_articles(authority=authority, now=now).order_by()
    days = yield from read(rows.values_list("review_by").annotate(count=Count("pk")))
    for day, count in days:
        counts[rules.freshness_of(review_by=day, today=now.date())] += count
    return counts


def _ranked(found: Iterable[Found], now: datetime) -> list[ArticleHit]:
    listed = list(found)
    rows = ArticleInForce.objects.select_related("article", "version").defer("version__document")
    by_pk = rows.in_bulk([one.pk for one in listed])
    return [
        as_hit(
            by_pk[one.pk],
            now=now,
            title=rules.to_segments(one.title),
            excerpt=rules.to_segments(one.excerpt),
            rank=one.rank,
        )
        for one in listed
        # What was retired between the two queries is no hit any more.
        if one.pk in by_pk
    ]


def as_hit(
    row: ArticleInForce,
    *,
    now: datetime,
    title: tuple[Segment, ...] | None = None,
    excerpt: tuple[Segment, ...] | None = None,
    rank: float = 0.0,
) -> ArticleHit:
    """Return an article in force as lists and searches show it.

    Args:
        row: With its article and version.
        now: The moment of the question.
        title: In segments; None for the plain one.
        excerpt: What matched; None for the beginning of the text.
        rank: How well it fits.
    """
    return ArticleHit(
        key=row.article.key,
        number=row.version.number,
        version_id=str(row.version.public_id),
        digest=row.version.digest,
        title=(Segment(row.title),) if title is None else title,
        excerpt=(Segment(rules.beginning(row.body)),) if excerpt is None else excerpt,
        owner=row.owner,
        review_by=row.review_by,
        freshness=rules.freshness_of(review_by=row.review_by, today=now.date()),
        audience=frozenset(one for one, column in COLUMNS.items() if getattr(row, column)),
        topics=tuple(part for part in row.topics.split("\n") if part),
        language=row.language,
        rank=rank,
    )


def get_version(
    *, authority: Authority, now: datetime, key: str, number: int | None = None
) -> ArticleVersion:
    """Return a version of an article that a reader is given.

    Args:
        authority: What the reader holds.
        now: The moment of the question.
        key: Key of the article.
        number: Number of the version; None for the one in force. An AI agent gets no other.

    Raises:
        NotFoundError: There is none, or it is withheld from this reader.
    """
    rows = ArticleVersion.objects.filter(article__key=key).select_related("article__in_force")
    if number is None:
        rows = rows.filter(state=DocumentState.PUBLISHED)
    else:
        rows = rows.filter(number=number, state__in=WAS_IN_FORCE)
    found = rows.first()
    if found is None or not _may_read(authority) or not _is_given(found, authority, now):
        raise not_found()
    return found


def _is_given(version: ArticleVersion, authority: Authority, now: datetime) -> bool:
    actor = authority.actor
    if not actor.is_agent:
        return True
    if version.state != DocumentState.PUBLISHED:
        return False
    hit = as_hit(version.article.in_force, now=now)
    return rules.may_lean_on(
        actor=actor, audience=hit.audience, review_by=hit.review_by, today=now.date()
    )


def not_found() -> NotFoundError:
    """Return the one answer for what is not there and what is withheld."""
    return NotFoundError(
        _("There is no such article in force, or it is not given to you."),
        code="article.not_found",
    )


def list_versions(*, key: str) -> list[ArticleVersion]:
    """Return the versions of an article that were in force, newest first.

    Raises:
        NotFoundError: There is no such article.
    """
    rows = ArticleVersion.objects.filter(article__key=key, state__in=WAS_IN_FORCE)
    found = list(rows.select_related("article").defer("document").order_by("-number"))
    if not found:
        raise not_found()
    return found


def list_citable(
    *, authority: Authority, now: datetime, version_ids: Collection[str], stream: str
) -> list[ArticleVersion]:
    """Return which of some versions may be cited in a case.

    Those the reader is given now, and those that were read or opened for this case before.

    Args:
        authority: What the reader holds.
        now: The moment of the question.
        version_ids: Public ids; those of other things are left out of the answer.
        stream: Ledger stream of the case.
    """
    rows = ArticleVersion.objects.filter(public_id__in=version_ids, state__in=WAS_IN_FORCE)
    found = list(rows.select_related("article__in_force").order_by("pk"))
    if not found:
        return []
    used = ArticleUse.objects.filter(
        version__in=found, stream=stream, way__in=[UseWay.READ_BY_AI, UseWay.OPENED]
    )
    before = set(used.values_list("version_id", flat=True))
    return [
        version
        for version in found
        if version.pk in before
        or (version.state == DocumentState.PUBLISHED and _is_given(version, authority, now))
    ]


def list_cited(*, subject_kind: str, subject_id: str) -> list[ArticleVersion]:
    """Return the versions that something cites, as they were cited."""
    uses = ArticleUse.objects.filter(
        subject_kind=subject_kind, subject_id=subject_id, way=UseWay.CITED
    )
    rows = uses.select_related("version__article").order_by("version_id")
    return list(dict.fromkeys(use.version for use in rows))


def find_subject(*, authority: Authority, kind: str, subject_id: str) -> Seen:
    """Return what a reader may see of what an article would be used for; empty for nothing."""
    found = registry.subjects.find(kind)
    return found.see(authority, [subject_id]) if found else {}


def reading_use_counts(*, key: str) -> Reading[dict[int, int]]:
    """Come to how often each version of an article was used, by its primary key.

    None is counted further than ``COUNTED``.
    """
    uses = ArticleUse.objects.filter(version=OuterRef("pk")).order_by().values("pk")[:COUNTED]
    versions = ArticleVersion.objects.filter(article__key=key)
    return dict((yield from read(versions.values_list("pk", BoundedCount(uses)))))


def reading_uses(
    *, authority: Authority, key: str, subject: tuple[str, str] | None = None
) -> Reading[tuple[list[dict[str, Any]], SeenSubject | None]]:
    """Come to the uses of an article's versions that a reader may see, newest first.

    Of the newest ``LOOKED_AT``; each as ``use`` with what it was used for as ``subject``. Beside
    them stands what they may see of one subject more.

    Args:
        authority: What the reader holds.
        key: Key of the article.
        subject: Kind and public id of the subject asked for; None for none.
    """
    rows = ArticleUse.objects.filter(version__article__key=key).select_related("version")
    uses = yield from read(rows.defer("version__document").order_by("-pk")[:LOOKED_AT])
    by_kind: dict[str, set[str]] = {}
    for kind, subject_id in (
        *((use.subject_kind, use.subject_id) for use in uses),
        *([subject] if subject else []),
    ):
        by_kind.setdefault(kind, set()).add(subject_id)
    seen = {
        kind: registry.subjects.get(kind).see(authority, sorted(ids))
        for kind, ids in sorted(by_kind.items())
        if kind in registry.subjects
    }
    shown = [
        {"use": use, "subject": seen[use.subject_kind][use.subject_id]}
        for use in uses
        if use.subject_id in seen.get(use.subject_kind, {})
    ]
    return shown, seen.get(subject[0], {}).get(subject[1]) if subject else None
