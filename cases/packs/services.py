"""Load a pack: one transaction, the same again changes nothing."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from cases.packs import entries
from cases.packs.diff import diff_items
from cases.packs.exporting import export_files
from cases.packs.parsing import read_pack
from cases.packs.selectors import known, present_items, retired_items
from cases.packs.types import Change, ChangeKind, Item, ItemKind, LoadReport, Pack
from cases.packs.writing import write_item
from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.entries import SYSTEM_STREAM
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from governance.reviews.rules import PUBLISHING
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError
from orchestra.core.locking import take_turn

Json = Any
BUILTIN = Path(__file__).with_name("builtin")


def check_pack(*, folder: Path, overrides: Mapping[str, str] | None = None) -> Pack:
    """Read a pack and return it; see ``parsing.read_pack`` for what is refused."""
    return read_pack(folder=folder, known=known(), overrides=overrides)


def diff_pack(*, folder: Path, overrides: Mapping[str, str] | None = None) -> tuple[Change, ...]:
    """Return what loading a pack would change."""
    pack = check_pack(folder=folder, overrides=overrides)
    return diff_items(wanted=_normal(pack), present=present_items(), retired=retired_items())


def load_builtin(
    *, actor: Actor, now: datetime, name: str, overrides: Mapping[str, str] | None = None
) -> LoadReport:
    """Load a pack that ships with the product and publish what is new in it."""
    return load_pack(
        actor=actor, now=now, folder=BUILTIN / name, overrides=overrides, publish_first=True
    )


def load_pack(
    *,
    actor: Actor,
    now: datetime,
    folder: Path,
    overrides: Mapping[str, str] | None = None,
    publish_first: bool = False,
) -> LoadReport:
    """Load a pack in one transaction.

    What is not governed is written. What is governed and in force already is never replaced
    here: the new text becomes a change request, or is left out where its kind has none yet.

    Args:
        actor: Who loads it.
        now: When.
        folder: The pack's folder.
        overrides: ``connection.field`` to the value that takes the place of the file's.
        publish_first: Whether governed items of which nothing is in force yet go into force.

    Raises:
        InvalidInputError: The pack has errors; all of them are named with file and line.
        NotPermittedError: The actor may not load packs, or not propose what is governed in it.
        ConflictError: It holds new governed items and they may not be published.
    """
    require(authority=authority_of(actor), capability=Capability.PACK_LOAD)
    pack = check_pack(folder=folder, overrides=overrides)
    with one_act():
        take_turn(PUBLISHING)
        items = _normal(pack)
        changes = diff_items(wanted=items, present=present_items(), retired=retired_items())
        _check_publishing(changes, publish_first=publish_first)
        for item, change in zip(items, changes, strict=True):
            if change.change is not ChangeKind.SAME:
                write_item(actor=actor, now=now, item=item, change=change)
        if any(change.change is not ChangeKind.SAME for change in changes):
            _record(actor, now, pack, changes)
    return LoadReport(pack.name, pack.version, changes, publish_first)


def _check_publishing(changes: tuple[Change, ...], *, publish_first: bool) -> None:
    new = [one for one in changes if one.kind.is_governed and one.change is ChangeKind.ADD]
    if new and not publish_first:
        names = ", ".join(f"{one.kind} {one.key}" for one in new[:5])
        raise ConflictError(
            f"Nothing is in force yet of {len(new)} governed item(s), such as {names}. "
            "Load with --publish-first to put them into force.",
            code="pack.needs_publish_first",
        )


def _normal(pack: Pack) -> tuple[Item, ...]:
    """Return the items with the defaults that the rows have, so that only differences differ."""
    return tuple(_with_defaults(item) for item in pack.items)


def _with_defaults(item: Item) -> Item:
    document = dict(item.document)
    if item.kind is ItemKind.QUEUE:
        document = {"title": item.key, "next_roles": [], "first_reply_minutes": 15, **document}
        if not document.get("is_default"):
            document.pop("is_default", None)
    elif item.kind is ItemKind.CONNECTION:
        document = {"title": item.key, **document}
        for name in ("base_url", "settings"):
            if not document.get(name):
                document.pop(name, None)
    elif item.kind is ItemKind.INTENT:
        document = {"title": item.key, "cue_sheet": "", "queue": "", "examples": [], **document}
    return Item(item.kind, item.key, document)


def _record(actor: Actor, now: datetime, pack: Pack, changes: tuple[Change, ...]) -> None:
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=SYSTEM_STREAM,
            kind=entries.PACK_LOADED,
            payload={
                "pack": pack.name,
                "title": pack.title,
                "version": pack.version,
                "changes": [
                    {"kind": str(one.kind), "key": one.key, "change": str(one.change)}
                    for one in changes
                    if one.change is not ChangeKind.SAME
                ],
            },
            subject_kind="pack",
            subject_id=pack.name,
        ),
    )


def export_pack(*, name: str) -> dict[str, str]:
    """Return the files of a pack that holds everything in force, by path.

    Args:
        name: The pack's name.
    """
    items = tuple(Item(kind, key, document) for (kind, key), document in present_items().items())
    head = {"name": name, "title": name.replace("_", " ").capitalize(), "version": 1}
    return export_files(head=head, items=items)
