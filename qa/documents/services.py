"""Put a version of a document into force, or take it out; the same for every kind."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from governance.reviews.rules import document_digest
from governance.reviews.types import DocumentState
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, NotPermittedError
from orchestra.core.history import save_as
from orchestra.core.locking import compare_and_set, lock, lock_one
from qa.documents.types import Shelf

Json = Any


@one_act()
def publish_document(
    *, actor: Actor, now: datetime, shelf: Shelf, document: Mapping[str, Json]
) -> Any:
    """Put a document into force under its key, and retire the version before.

    The document that is in force already is left as it is. Whether it is right, and whether
    the actor may publish, are the caller's questions; an AI agent never may.

    Args:
        actor: Who publishes.
        now: When, UTC.
        shelf: Where documents of its kind are kept.
        document: Checked by the caller; has a ``key`` and a ``title``.

    Returns:
        The version in force.

    Raises:
        NotPermittedError: An AI agent publishes.
    """
    _refuse_agent(actor)
    row = _document(actor, shelf, document["key"], document["title"])
    versions = shelf.version.objects.filter(**{shelf.link: row})
    present = versions.filter(state=DocumentState.PUBLISHED).first()
    digest = document_digest(kind=shelf.kind, document=document)
    if present is not None and present.digest == digest:
        return present
    last = versions.order_by("-number").values_list("number", flat=True).first() or 0
    more = shelf.fields(document, versions)
    if present is not None:
        _retire(actor, now, present, f"Replaced by version {last + 1}.")
    version = shelf.version(
        number=last + 1,
        state=DocumentState.PUBLISHED,
        document=dict(document),
        digest=digest,
        author_id=actor.id,
        author_label=actor.label,
        created_at=now,
        published_at=now,
        **{shelf.link: row},
        **more,
    )
    save_as(version, actor=actor, reason=f"Published as version {version.number}.")
    _append(actor, now, shelf, version, shelf.published)
    return version


@one_act()
def retire_document(*, actor: Actor, now: datetime, shelf: Shelf, key: str) -> Any:
    """Take the version in force under a key out of force, with none in its place.

    Whether the actor may is the caller's question; an AI agent never may.

    Raises:
        NotPermittedError: An AI agent retires it.
        ConflictError: No version is in force.
    """
    _refuse_agent(actor)
    lock(shelf.document.objects.filter(key=key))
    version = (
        shelf.version.objects.filter(
            **{f"{shelf.link}__key": key, "state": DocumentState.PUBLISHED}
        )
        .select_related(shelf.link)
        .first()
    )
    if version is None:
        message = _("No version of it is in force.")
        raise ConflictError(message, code=f"{shelf.kind}.not_in_force")
    _retire(actor, now, version, "Taken out of force.")
    _append(actor, now, shelf, version, shelf.retired)
    return version


def _refuse_agent(actor: Actor) -> None:
    if actor.is_agent:
        raise NotPermittedError(
            _("An AI agent decides nothing about how it is judged."), code="quality.agent"
        )


def _document(actor: Actor, shelf: Shelf, key: str, title: str) -> Any:
    found = shelf.document.objects.filter(key=key)
    if not found.exists():
        save_as(shelf.document(key=key, title=title), actor=actor, reason="Made.")
    row = lock_one(found)
    if row.title != title:
        compare_and_set(row, expected={"title": row.title}, changes={"title": title}, actor=actor)
    return row


def _retire(actor: Actor, now: datetime, version: Any, reason: str) -> None:
    compare_and_set(
        version,
        expected={"state": DocumentState.PUBLISHED},
        changes={"state": DocumentState.RETIRED, "retired_at": now},
        actor=actor,
        reason=reason,
    )


def _append(actor: Actor, now: datetime, shelf: Shelf, version: Any, kind: str) -> None:
    row = getattr(version, shelf.link)
    draft = EntryDraft(
        stream=f"{shelf.kind}:{row.public_id}",
        kind=kind,
        payload={
            shelf.kind: row.key,
            "title": row.title,
            "number": version.number,
            "digest": version.digest,
        },
        subject_kind=f"{shelf.kind}_version",
        subject_id=str(version.public_id),
    )
    append_entry(actor=actor, now=now, draft=draft)
