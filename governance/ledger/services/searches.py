"""Keep a search of the ledger under a name, rename it, delete it; each act is an entry."""

from datetime import datetime
from decimal import Decimal
from typing import Final, NoReturn
from uuid import UUID

from django.utils.translation import gettext as _

from governance.ledger.entries import SEARCH_DELETED, SEARCH_RENAMED, SEARCH_SAVED
from governance.ledger.models import SavedSearch
from governance.ledger.saved import get_search
from governance.ledger.selection import EntrySelection
from governance.ledger.services.appending import append_entry, one_act
from governance.ledger.types import EntryDraft, Json
from orchestra.core.actors import Actor
from orchestra.core.canonical import check_text
from orchestra.core.errors import FieldError, InvalidInputError, NotPermittedError
from orchestra.core.locking import lock_one

LONGEST_NAME: Final = 60
#: More than this many is no shortcut any more.
MOST: Final = 50
#: No currency has a smaller unit; beyond, SQLite does not keep every digit.
_SMALLEST: Final = Decimal("0.0001")
_LARGEST: Final = Decimal(10) ** 11


@one_act()
def save_search(
    *,
    actor: Actor,
    now: datetime,
    name: str,
    selection: EntrySelection,
    least: Decimal | None = None,
) -> SavedSearch:
    """Keep a selection under a name; the name must not be taken.

    Args:
        actor: The person whose search it is; the face has asked that they may read the ledger.
        now: When, UTC.
        name: What they call it, 1 to 60 letters.
        selection: Which entries; it or an amount must narrow.
        least: The least amount, in major units of any currency; None for any.

    Raises:
        InvalidInputError: The name is empty, too long or taken, nothing is narrowed, the
            amount is none that can be kept, or there are too many already.
        NotPermittedError: The actor is no person.
    """
    owner = _owner(actor)
    title = _name(name)
    if least is not None:
        _check_amount(least)
    elif not selection.is_narrowed:
        _refuse("selection", "empty", _("Choose a filter first, then save it."))
    rows = SavedSearch.objects.filter(owner_id=owner)
    if rows.count() >= MOST:
        _refuse("name", "too_many", _("Delete one of your searches first."))
    # Written already by whoever was first; their search stays as it is.
    created, is_new = rows.get_or_create(
        owner_id=owner,
        name=title,
        defaults={"selection": selection.to_json(), "least": least, "created_at": now},
    )
    if not is_new:
        _refuse("name", "taken", _("You have a search of that name already."))
    _record(actor, now, SEARCH_SAVED, created, **_told(created))
    return created


@one_act()
def rename_search(*, actor: Actor, now: datetime, search_id: UUID, name: str) -> SavedSearch:
    """Give one of a person's searches another name.

    Raises:
        InvalidInputError: The name is empty, too long or taken.
        NotFoundError: The person has no such search.
        NotPermittedError: The actor is no person.
    """
    search = _lock(actor, search_id)
    title, before = _name(name), search.name
    others = SavedSearch.objects.filter(owner_id=search.owner_id, name=title)
    if others.exclude(pk=search.pk).exists():
        _refuse("name", "taken", _("You have a search of that name already."))
    if title != before:
        search.name = title
        search.save(update_fields=["name"])
        _record(actor, now, SEARCH_RENAMED, search, before=before)
    return search


@one_act()
def delete_search(*, actor: Actor, now: datetime, search_id: UUID) -> None:
    """Forget one of a person's searches; the ledger keeps what it was.

    Raises:
        NotFoundError: The person has no such search.
        NotPermittedError: The actor is no person.
    """
    search = _lock(actor, search_id)
    _record(actor, now, SEARCH_DELETED, search, **_told(search))
    search.delete()


def _lock(actor: Actor, search_id: UUID) -> SavedSearch:
    found = get_search(owner_pk=_owner(actor), search_id=search_id)
    return lock_one(SavedSearch.objects.filter(pk=found.pk))


def _owner(actor: Actor) -> int:
    if not actor.is_human or actor.pk is None:
        raise NotPermittedError(_("Only people keep searches of the ledger."))
    return actor.pk


def _name(name: str) -> str:
    title = " ".join(name.split())
    if not title or len(title) > LONGEST_NAME:
        _refuse("name", "length", _("Give it a name of up to 60 letters."))
    check_text(title, "name")
    return title


def _check_amount(least: Decimal) -> None:
    if not least.is_finite() or abs(least) >= _LARGEST or least % _SMALLEST:
        _refuse("least", "amount", _("Give an amount with up to 11 digits and 4 decimals."))


def _told(search: SavedSearch) -> dict[str, Json]:
    told: dict[str, Json] = {"selection": search.selection}
    return told if search.least is None else {**told, "least": f"{search.least:f}"}


def _record(actor: Actor, now: datetime, kind: str, search: SavedSearch, **told: Json) -> None:
    draft = EntryDraft(
        stream=f"user:{actor.id}",
        kind=kind,
        payload={"name": search.name, **told},
        subject_kind="saved_search",
        subject_id=str(search.public_id),
    )
    append_entry(actor=actor, now=now, draft=draft)


def _refuse(field: str, code: str, message: str) -> NoReturn:
    raise InvalidInputError(
        message, code="ledger.search", errors=[FieldError(field, code, message)]
    )
