"""Articles as one kind of document under review."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from governance.access.types import Capability, Role
from governance.knowledge.describing import describe_changes
from governance.knowledge.models import Article, ArticleVersion
from governance.knowledge.parsing import find_errors, parse_article
from governance.knowledge.rules import risk_of
from governance.knowledge.services import publish_article, retire_article
from governance.knowledge.types import Audience
from governance.reviews.registry import Beginning, DocumentKind
from governance.reviews.rules import default_quorum
from governance.reviews.types import RiskLevel
from governance.reviews.version_rows import VersionRows
from orchestra.core.actors import Actor

Json = Any
Document = Mapping[str, Json]

#: How long a new article is good for, unless its author says otherwise.
REVIEW_DAYS: Final = 180
REVIEWERS: Final = frozenset(
    {Role.COMPLIANCE_OFFICER, Role.POLICY_OWNER, Role.SUPERVISOR, Role.QA_LEAD}
)


def _risk(document: Document) -> RiskLevel:
    return risk_of(parse_article(document=document).audience)


def _publish(actor: Actor, now: datetime, document: Document) -> int:
    return publish_article(actor=actor, now=now, document=document).number


def _retire(actor: Actor, now: datetime, key: str) -> int:
    return retire_article(actor=actor, now=now, key=key).number


def _blank(begun: Beginning) -> Document:
    return {
        "key": begun.key,
        "title": begun.title,
        "owner": begun.author,
        "review_by": (begun.day + timedelta(days=REVIEW_DAYS)).isoformat(),
        "audience": [str(Audience.HUMAN)],
        "topics": [],
        "language": "en",
        "sources": [],
        "body": "",
    }


ARTICLE_KIND: Final = DocumentKind(
    title=_("knowledge article"),
    drafting=Capability.KNOWLEDGE_EDIT,
    quorum=default_quorum(REVIEWERS),
    validate=find_errors,
    describe=describe_changes,
    rows=VersionRows(
        documents=Article.objects.all,
        versions=ArticleVersion.objects.all,
        link="article",
        stream_kind="article",
    ),
    risk=_risk,
    publish=_publish,
    retire=_retire,
    blank=_blank,
    page="article",
)
