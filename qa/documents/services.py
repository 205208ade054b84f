"""Put a version of a document into force, or take it out; the same for every kind."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

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
from orchestra.core.errors import InvalidInputError, NotPermittedError
from orchestra.core.locking import lock
from qa.documents.types import Shelf

Json = Any


@one_act()
def publish_document(
    *, actor: Actor, now: datetime, shelf: Shelf, document: Mapping[str, Json]
) -> Any:
    """Put a document into force under its key, and retire the version before.

    The document that is in force already is left as it is. Whether the actor may publish is the
    caller's question; an AI agent never may.

    Args:
        actor: Who publishes.
        now: When, UTC.
        shelf: Where documents of its kind are kept.
        document: Has a ``key`` and a ``title``.

    Returns:
        The version in force.

    Raises:
        InvalidInputError: The document has errors; all of them are named.
        NotPermittedError: An AI agent publishes.
    """
    errors = shelf.find_errors(document)
    if errors:
        raise InvalidInputError(
            f"The {shelf.title} has {len(errors)} errors; correct them and try again.",
            code=f"{shelf.kind}.invalid",
            errors=errors,
        )
    _refuse_agent(actor)
    row = lock_document(shelf.document, actor=actor, key=document["key"], title=document["title"])
    versions = shelf.version.objects.filter(**{shelf.link: row})
    digest = document_digest(kind=shelf.kind, document=document)
    place = next_place(versions)
    if (same := place.same(digest)) is not None:
        return same
    more = shelf.fields(document, versions)
    new = shelf.version(document=dict(document), digest=digest, **{shelf.link: row}, **more)
    version = put_in_force(place, new, actor=actor, now=now)
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
    versions = shelf.version.objects.filter(**{f"{shelf.link}__key": key})
    version = take_out_of_force(
        versions.select_related(shelf.link),
        actor=actor,
        now=now,
        code=f"{shelf.kind}.not_in_force",
    )
    _append(actor, now, shelf, version, shelf.retired)
    return version


def _refuse_agent(actor: Actor) -> None:
    if actor.is_agent:
        raise NotPermittedError(
            _("An AI agent decides nothing about how it is judged."), code="quality.agent"
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
