"""Knowledge articles as documents, and such in force."""

from datetime import UTC, datetime
from typing import Any

from governance.knowledge.models import ArticleVersion
from governance.knowledge.services import publish_article
from orchestra.core.actors import system

Json = Any
NOW = datetime(2026, 11, 20, 14, 32, tzinfo=UTC)
BODY = """Goods come back within thirty days of delivery.

## What to ask for

- the order's number
- why they come back

## What to say

Money goes back the way it came."""


def make_document(key: str = "returns", **changes: Json) -> dict[str, Json]:
    return {
        "key": key,
        "title": "Taking goods back",
        "owner": "Returns team",
        "review_by": "2027-05-31",
        "audience": ["ai", "human"],
        "topics": ["return_items"],
        "sources": [{"title": "Store policy", "reference": "Section 4"}],
        "body": BODY,
        **changes,
    }


def put_in_force(key: str = "returns", *, now: datetime = NOW, **changes: Json) -> ArticleVersion:
    """A version in force that no change request stands behind."""
    return publish_article(actor=system("test"), now=now, document=make_document(key, **changes))
