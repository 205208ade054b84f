"""Knowledge articles: search, and one version to read and to cite."""

from datetime import date
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.access.types import Capability
from governance.api.pages import OLDEST_FIRST, PAGE_PARAMETERS, answer_page, page_of
from governance.api.permissions import authority_of
from governance.knowledge import selectors
from governance.knowledge.loading import read_article
from governance.knowledge.models import ArticleVersion
from governance.knowledge.rules import freshness_of, in_order
from governance.knowledge.services import open_article
from governance.knowledge.types import ArticleHit, Freshness
from orchestra.core import clock
from orchestra.core.text_query import MAX_TEXT

#: What stands before the place in a cursor of ranked hits, so that no other cursor is one.
_RANKED: Final = "r"


class SegmentOut(serializers.Serializer[object]):
    """A stretch of text; marked where the search matched."""

    text = serializers.CharField()
    marked = serializers.BooleanField()


class SourceOut(serializers.Serializer[object]):
    """What an article rests on: an address or a reference."""

    title = serializers.CharField()
    url = serializers.CharField(allow_blank=True)
    reference = serializers.CharField(allow_blank=True)


class ArticleHitOut(serializers.Serializer[object]):
    """An article in force, as a search or the list shows it."""

    id = serializers.UUIDField(help_text="Of this version; a proposal cites it as evidence.")
    key = serializers.CharField()
    version = serializers.IntegerField()
    digest = serializers.CharField()
    title = serializers.CharField()
    title_parts = SegmentOut(many=True)
    excerpt = SegmentOut(many=True)
    owner = serializers.CharField()
    review_by = serializers.DateField()
    is_stale = serializers.BooleanField(help_text="Past its review date; AI agents get none.")
    audience = serializers.ListField(child=serializers.CharField())
    topics = serializers.ListField(child=serializers.CharField())
    language = serializers.CharField()
    rank = serializers.FloatField(help_text="Higher fits better, within one answer.")


class ArticleOut(serializers.Serializer[object]):
    """One version of an article."""

    id = serializers.UUIDField(help_text="Of this version; a proposal cites it as evidence.")
    key = serializers.CharField()
    version = serializers.IntegerField()
    digest = serializers.CharField()
    state = serializers.CharField()
    title = serializers.CharField()
    body = serializers.CharField(help_text="Markdown.")
    owner = serializers.CharField()
    review_by = serializers.DateField()
    is_stale = serializers.BooleanField()
    audience = serializers.ListField(child=serializers.CharField())
    topics = serializers.ListField(child=serializers.CharField())
    language = serializers.CharField()
    sources = SourceOut(many=True)
    published_at = serializers.DateTimeField()


class ArticlesView(APIView):
    """The articles in force."""

    capability = Capability.KNOWLEDGE_READ
    act = "knowledge.read"

    @extend_schema(
        operation_id="knowledge_search",
        parameters=[
            OpenApiParameter(
                "q",
                str,
                description='Words; "words that stand together"; -words to leave out.',
            ),
            *PAGE_PARAMETERS,
        ],
        responses=page_of(ArticleHitOut),
    )
    def get(self, request: Request) -> Response:
        """Search the articles in force, the best first; without words, all, oldest first.

        An AI agent gets what is written for AI and is not past its review date. Where no
        article holds all the words, those that hold some are returned. Looking is no use of
        an article: read one by its key.
        """
        text = request.query_params.get("q", "").strip()
        now = clock.now()
        authority = authority_of(request)
        if not text:
            rows = selectors.list_articles(authority=authority, now=now)
            return answer_page(
                self,
                request,
                rows.order_by("pk"),
                ArticleHitOut,
                ordering=OLDEST_FIRST,
                shown=lambda page: [hit_detail(selectors.as_hit(row, now=now)) for row in page],
            )
        if len(text) > MAX_TEXT:
            raise ValidationError({"q": [f"Write at most {MAX_TEXT} characters."]})
        size = self.settings.DEFAULT_PAGINATION_CLASS().get_page_size(request)
        offset = _offset(request)
        found = selectors.search_articles(
            authority=authority, now=now, text=text, limit=size, offset=offset
        )
        return Response(
            {
                "next": _link(request, offset + size) if found.has_more else None,
                "previous": _link(request, max(0, offset - size)) if offset else None,
                "results": ArticleHitOut([hit_detail(hit) for hit in found.hits], many=True).data,
            }
        )


class ArticleView(APIView):
    """One article."""

    capability = Capability.KNOWLEDGE_READ
    act = "knowledge.read"

    @extend_schema(
        operation_id="knowledge_read",
        parameters=[
            OpenApiParameter(
                "case", UUID, description="The case it is read for; that use is recorded."
            ),
            OpenApiParameter(
                "version", int, description="For people: an earlier version, by its number."
            ),
        ],
        responses=ArticleOut,
    )
    def get(self, request: Request, key: str) -> Response:
        """Return the version in force; read for a case, that is recorded with the version."""
        now = clock.now()
        case = _case(request)
        asked: dict[str, Any] = {
            "authority": authority_of(request),
            "now": now,
            "key": key,
            "number": _number(request),
        }
        version = (
            open_article(**asked, subject=("case", case))
            if case
            else selectors.get_version(**asked)
        )
        return Response(ArticleOut(article_detail(version, now.date())).data)


def _case(request: Request) -> str:
    text = request.query_params.get("case", "")
    try:
        return str(UUID(text)) if text else ""
    except ValueError:
        raise ValidationError({"case": ["Give the id of a case."]}) from None


def _number(request: Request) -> int | None:
    text = request.query_params.get("version")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 0 < int(text[:10]) <= 2**31 - 1):
        raise ValidationError({"version": ["Give the number of a version."]})
    return int(text)


def _offset(request: Request) -> int:
    """Return how many of the best hits a cursor leaves out; ranked hits have no key to go by."""
    text = request.query_params.get("cursor", f"{_RANKED}0")
    digits = text.removeprefix(_RANKED)
    if not (
        text.startswith(_RANKED)
        and digits.isascii()
        and digits.isdigit()
        and int(digits[:6]) <= selectors.LAST_OFFSET
    ):
        raise ValidationError({"cursor": ["This is no cursor of this list; begin without one."]})
    return int(digits[:6])


def _link(request: Request, offset: int) -> str:
    given = {key: value for key, value in request.query_params.items() if key != "cursor"}
    cursor = {"cursor": f"{_RANKED}{offset}"} if offset else {}
    return request.build_absolute_uri(f"{request.path}?{urlencode({**given, **cursor})}")


def hit_detail(hit: ArticleHit) -> dict[str, Any]:
    """Return an article found as ``ArticleHitOut`` shows it."""
    return {
        "id": hit.version_id,
        "key": hit.key,
        "version": hit.number,
        "digest": hit.digest,
        "title": hit.plain_title,
        "title_parts": hit.title,
        "excerpt": hit.excerpt,
        "owner": hit.owner,
        "review_by": hit.review_by,
        "is_stale": hit.freshness is Freshness.STALE,
        "audience": in_order(hit.audience),
        "topics": hit.topics,
        "language": hit.language,
        "rank": hit.rank,
    }


def article_detail(version: ArticleVersion, today: date) -> dict[str, Any]:
    """Return a version of an article as ``ArticleOut`` shows it."""
    text = read_article(version)
    freshness = freshness_of(review_by=text.review_by, today=today)
    return {
        "id": version.public_id,
        "key": text.key,
        "version": version.number,
        "digest": version.digest,
        "state": version.state,
        "title": text.title,
        "body": text.body,
        "owner": text.owner,
        "review_by": text.review_by,
        "is_stale": freshness is Freshness.STALE,
        "audience": in_order(text.audience),
        "topics": text.topics,
        "language": text.language,
        "sources": text.sources,
        "published_at": version.published_at,
    }
