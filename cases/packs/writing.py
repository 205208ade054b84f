"""Writes one item of a pack each; the caller holds the transaction."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cases.intake.models import Intent
from cases.journeys.selectors import DOCUMENT_KIND as CUE_SHEET
from cases.journeys.services import publish_cue_sheet
from cases.packs.types import Change, ChangeKind, Item, ItemKind
from cases.tools.models import Connection
from cases.tools.selectors import DOCUMENT_KIND as TOOL
from cases.tools.services import publish_tool
from governance.access.holding import live
from governance.access.models import Queue, QueueGroupGrant, QueueUserGrant
from governance.knowledge.loading import DOCUMENT_KIND as ARTICLE
from governance.knowledge.services import publish_article
from governance.policies.loading import DOCUMENT_KIND as POLICY
from governance.policies.selectors import has_eligible_voter
from governance.policies.services import publish_version
from governance.reviews import services as reviews
from governance.reviews.registry import documents
from governance.reviews.rules import document_digest
from governance.reviews.selectors import list_changes_of
from orchestra.core.actors import Actor
from orchestra.core.history import save_as

Json = Any

FIRST_REPLY_MINUTES = 15


def write_item(*, actor: Actor, now: datetime, item: Item, change: Change) -> None:
    """Write one item that is new, changed or to be reviewed."""
    WRITERS[item.kind](actor, now, item, change)


def _reason(change: Change) -> str:
    fields = ", ".join(change.fields)
    return f"loaded from a pack: {fields}" if fields else "loaded from a pack"


def _queue(actor: Actor, now: datetime, item: Item, change: Change) -> None:
    del now
    document = item.document
    row = Queue.objects.filter(key=item.key).first() or Queue(key=item.key)
    row.title = document.get("title", item.key)
    row.next_roles = document.get("next_roles", [])
    row.first_reply_minutes = document.get("first_reply_minutes", FIRST_REPLY_MINUTES)
    row.is_default = document.get("is_default", False)
    save_as(row, actor=actor, reason=_reason(change))


def _connection(actor: Actor, now: datetime, item: Item, change: Change) -> None:
    del now
    document = item.document
    row = Connection.objects.filter(key=item.key).first() or Connection(key=item.key)
    row.title = document.get("title", item.key)
    row.kind = document["kind"]
    row.base_url = document.get("base_url", "")
    row.settings = document.get("settings", {})
    save_as(row, actor=actor, reason=_reason(change))


def _tool(actor: Actor, now: datetime, item: Item, change: Change) -> None:
    if change.change is ChangeKind.REVIEW:
        _propose(actor, now, TOOL, item, change)
        return
    # What it names, and what names it, is in the pack, which was checked as a whole.
    publish_tool(actor=actor, now=now, document=item.document, with_surroundings=False)


def _propose(actor: Actor, now: datetime, kind: str, item: Item, change: Change) -> None:
    """Open a change request with the pack's text and submit it; the same text only once.

    A text that has errors here stays a draft, whose page names them.
    """
    digest = document_digest(kind=kind, document=item.document)
    if list_changes_of(kind=kind, key=item.key).filter(digest=digest).exists():
        return
    made = reviews.open_change(
        actor=actor,
        now=now,
        kind=kind,
        document_key=item.key,
        title=_("As the pack has it"),
        summary=_reason(change),
        document=item.document,
    )
    if not documents.get(kind).validate(item.document):
        reviews.submit(actor=actor, now=now, change_id=made.public_id)


def _policy(actor: Actor, now: datetime, item: Item, change: Change) -> None:
    if change.change is ChangeKind.REVIEW:
        _propose(actor, now, POLICY, item, change)
        return
    publish_version(
        actor=actor,
        now=now,
        policy_key=item.key,
        title=str(item.document["title"]),
        document=item.document,
        has_eligible=has_eligible_voter if _somebody_votes() else None,
    )


def _somebody_votes() -> bool:
    """Tell whether any queue is granted: before that, a first load has nobody to ask about."""
    return any(model.objects.filter(live()).exists() for model in (QueueUserGrant, QueueGroupGrant))


def _cue_sheet(actor: Actor, now: datetime, item: Item, change: Change) -> None:
    if change.change is ChangeKind.REVIEW:
        _propose(actor, now, CUE_SHEET, item, change)
        return
    publish_cue_sheet(actor=actor, now=now, document=item.document)


def _article(actor: Actor, now: datetime, item: Item, change: Change) -> None:
    if change.change is ChangeKind.REVIEW:
        _propose(actor, now, ARTICLE, item, change)
        return
    publish_article(actor=actor, now=now, document=item.document)


def _intent(actor: Actor, now: datetime, item: Item, change: Change) -> None:
    del now
    document = item.document
    row = Intent.objects.filter(key=item.key).first() or Intent(key=item.key)
    row.title = document.get("title", item.key)
    row.cue_sheet = document.get("cue_sheet", "")
    row.queue = document.get("queue", "")
    row.examples = document.get("examples", [])
    save_as(row, actor=actor, reason=_reason(change))


Writer = Callable[[Actor, datetime, Item, Change], None]
WRITERS: Mapping[ItemKind, Writer] = {
    ItemKind.QUEUE: _queue,
    ItemKind.CONNECTION: _connection,
    ItemKind.TOOL: _tool,
    ItemKind.POLICY: _policy,
    ItemKind.CUE_SHEET: _cue_sheet,
    ItemKind.INTENT: _intent,
    ItemKind.ARTICLE: _article,
}
