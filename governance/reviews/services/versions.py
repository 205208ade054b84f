"""Put a version of a document into force or take it out; the same for every kind of document.

The rooms that own a kind check the text and who may, and write the entry; all of it happens in
their transaction, with the document's row locked.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import Max, Model, QuerySet
from django.utils.translation import gettext as _

from governance.reviews.models import DocumentVersion
from governance.reviews.types import DocumentState
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError
from orchestra.core.history import save_as
from orchestra.core.locking import compare_and_set, lock_one

M = TypeVar("M", bound=Model)
V = TypeVar("V", bound=DocumentVersion)


@dataclass(frozen=True, slots=True)
class Place(Generic[V]):
    """Where the next version of a document goes.

    Attributes:
        present: The version in force; None for none.
        number: Number of the next.
    """

    present: V | None
    number: int

    def same(self, digest: str) -> V | None:
        """Return the version in force where it has this digest already, None otherwise."""
        return self.present if self.present and self.present.digest == digest else None


def lock_document(model: type[M], *, actor: Actor, key: str, title: str) -> M:
    """Return the locked row of a document; made where there is none, renamed where it changed."""
    found = model._default_manager.filter(key=key)  # noqa: SLF001  Django's documented entry for generic code
    if not found.exists():
        save_as(model(key=key, title=title), actor=actor, reason="Made.")
    row: Any = lock_one(found)
    if row.title != title:
        compare_and_set(row, expected={"title": row.title}, changes={"title": title}, actor=actor)
    renamed: M = row
    return renamed


def next_place(versions: QuerySet[V]) -> Place[V]:
    """Return where the next of these versions of one document goes."""
    last = versions.aggregate(last=Max("number"))["last"] or 0
    return Place(versions.filter(state=DocumentState.PUBLISHED).first(), last + 1)


def put_in_force(place: Place[V], version: V, *, actor: Actor, now: datetime) -> V:
    """Save a new version as the one in force, and retire the one before."""
    if place.present is not None:
        retire_version(
            place.present, actor=actor, now=now, reason=f"Replaced by version {place.number}."
        )
    version.number = place.number
    version.state = DocumentState.PUBLISHED
    version.author_id, version.author_label = actor.id, actor.label
    version.created_at = version.published_at = now
    save_as(version, actor=actor, reason=f"Published as version {place.number}.")
    return version


def take_out_of_force(versions: QuerySet[V], *, actor: Actor, now: datetime, code: str) -> V:
    """Retire the one of these versions that is in force, with none in its place.

    Raises:
        ConflictError: None of them is.
    """
    version = versions.filter(state=DocumentState.PUBLISHED).first()
    if version is None:
        raise ConflictError(_("No version of it is in force."), code=code)
    retire_version(version, actor=actor, now=now, reason="Taken out of force.")
    return version


def retire_version(version: DocumentVersion, *, actor: Actor, now: datetime, reason: str) -> None:
    """Retire a version in force.

    Raises:
        ConflictError: It is in force no longer.
    """
    compare_and_set(
        version,
        expected={"state": DocumentState.PUBLISHED},
        changes={"state": DocumentState.RETIRED, "retired_at": now},
        actor=actor,
        reason=reason,
    )
