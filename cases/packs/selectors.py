"""What is in force now, in the shape of a pack's documents."""

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import Count, Q, QuerySet

from cases.intake.models import Intent
from cases.journeys.models import CueSheetVersion
from cases.journeys.selectors import list_published
from cases.packs.types import ItemKind, Known
from cases.tools import registry
from cases.tools.models import Connection, ToolDefinition, ToolVersion
from cases.tools.selectors import connection_document
from governance.access.models import Queue
from governance.access.types import Role
from governance.knowledge.models import ArticleVersion
from governance.policies.catalogue import known_facts
from governance.policies.models import PolicyVersion
from governance.reviews.types import DocumentState

Json = Any
#: Versions of each governed kind, and the path to the key of their document.
VERSIONS: Final[Mapping[ItemKind, tuple[QuerySet[Any], str]]] = {
    ItemKind.TOOL: (ToolVersion.objects.all(), "tool__name"),
    ItemKind.POLICY: (PolicyVersion.objects.all(), "policy__key"),
    ItemKind.CUE_SHEET: (CueSheetVersion.objects.all(), "cue_sheet__key"),
    ItemKind.ARTICLE: (ArticleVersion.objects.all(), "article__key"),
}
Present = Mapping[tuple[ItemKind, str], Mapping[str, Json]]


def known() -> Known:
    """Return what exists outside of a pack that its documents may name."""
    functions = [
        *registry.fact_functions,
        *registry.each_functions,
        *registry.effect_texts,
        *registry.before_after,
        *registry.grounds,
    ]
    return Known(roles=frozenset(Role), functions=frozenset(functions), facts=known_facts())


def present_items() -> Present:
    """Return the documents in force by kind and key."""
    found: dict[tuple[ItemKind, str], Mapping[str, Json]] = {}
    for queue in Queue.objects.all():
        found[ItemKind.QUEUE, queue.key] = queue_document(queue)
    for connection in Connection.objects.order_by("key"):
        found[ItemKind.CONNECTION, connection.key] = connection_document(connection)
    for tool in ToolDefinition.objects.filter(retired_at=None).order_by("pk"):
        found[ItemKind.TOOL, tool.name] = tool.document
    policies = PolicyVersion.objects.filter(state=DocumentState.PUBLISHED).select_related("policy")
    for version in policies.order_by("policy__key"):
        found[ItemKind.POLICY, version.policy.key] = version.document
    for sheet in list_published():
        found[ItemKind.CUE_SHEET, sheet.cue_sheet.key] = sheet.document
    articles = ArticleVersion.objects.filter(state=DocumentState.PUBLISHED)
    for article in articles.select_related("article").order_by("article__key"):
        found[ItemKind.ARTICLE, article.article.key] = article.document
    for intent in Intent.objects.order_by("pk"):
        found[ItemKind.INTENT, intent.key] = intent_document(intent)
    return found


def retired_items() -> frozenset[tuple[ItemKind, str]]:
    """Return kind and key of the governed documents that were in force and no longer are."""
    return frozenset(
        (kind, key)
        for kind, (versions, name) in VERSIONS.items()
        for key in versions.values_list(name, flat=True)
        .order_by(name)
        .annotate(
            in_force=Count("pk", filter=Q(state=DocumentState.PUBLISHED)),
            retired=Count("pk", filter=Q(state=DocumentState.RETIRED)),
        )
        .filter(in_force=0, retired__gt=0)
    )


def queue_document(queue: Queue) -> dict[str, Json]:
    """Return a queue as a pack declares it; what is as by default is left out."""
    document: dict[str, Json] = {
        "key": queue.key,
        "title": queue.title,
        "next_roles": list(queue.next_roles),
        "first_reply_minutes": queue.first_reply_minutes,
    }
    return document | ({"is_default": True} if queue.is_default else {})


def intent_document(intent: Intent) -> dict[str, Json]:
    """Return an intent as a pack declares it."""
    return {
        "key": intent.key,
        "title": intent.title,
        "cue_sheet": intent.cue_sheet,
        "queue": intent.queue,
        "examples": list(intent.examples),
    }
