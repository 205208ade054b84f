"""A pack's folder to its value, every error at once with file and line."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cases.packs.checks import check_items
from cases.packs.front_matter import read_article
from cases.packs.types import Item, ItemKind, Known, Pack
from orchestra.core.errors import FieldError, InvalidInputError
from orchestra.core.yaml_text import Located, read_located

Json = Any

#: Files that hold a list of items, and the field that names one.
LISTS: Mapping[str, tuple[ItemKind, str]] = {
    "queues.yaml": (ItemKind.QUEUE, "key"),
    "connections.yaml": (ItemKind.CONNECTION, "key"),
    "tools.yaml": (ItemKind.TOOL, "name"),
    "intents.yaml": (ItemKind.INTENT, "key"),
}
#: Folders that hold one item a file.
FOLDERS: Mapping[str, ItemKind] = {
    "policies": ItemKind.POLICY,
    "cue_sheets": ItemKind.CUE_SHEET,
    "articles": ItemKind.ARTICLE,
}
#: Folders whose files are not YAML throughout.
ENDINGS: Mapping[str, str] = {"articles": "md"}
_CONNECTION_FIELDS = frozenset({"base_url", "kind", "title"})
_HEAD = frozenset({"name", "title", "version", "description"})


def read_pack(*, folder: Path, known: Known, overrides: Mapping[str, str] | None = None) -> Pack:
    """Read and check a pack.

    Args:
        folder: The pack's folder; ``pack.yaml`` lies in it.
        known: What exists outside of the pack that it may name.
        overrides: ``connection.field`` to a value that takes the place of the file's, such as
            ``store.base_url``; an address makes the connection an http one.

    Raises:
        InvalidInputError: ``errors`` has every finding; its field is ``file:line: path``.
    """
    files = _read_files(folder)
    findings = [finding for file in files.values() for finding in file.findings]
    if "pack.yaml" not in files:
        findings.append(FieldError("pack.yaml", "missing", "there is no pack.yaml in the folder"))
    places: list[tuple[Item, Located, str]] = []
    for name, file in files.items():
        if not file.findings and name != "pack.yaml":
            places.extend(_items(file, findings))
    places.sort(key=lambda place: list(ItemKind).index(place[0].kind))
    places = [(_overridden(item, overrides or {}), file, at) for item, file, at in places]
    findings.extend(_unknown_overrides(places, overrides or {}))
    head = files.get("pack.yaml", Located("pack.yaml"))
    pack = _pack(head, tuple(item for item, _, _ in places), findings)
    if not findings:
        findings.extend(_checked(pack, places, known))
    if findings:
        raise InvalidInputError(
            f"The pack has {len(findings)} error(s).", code="pack.invalid", errors=findings
        )
    return pack


def _read_files(folder: Path) -> dict[str, Located]:
    names = ["pack.yaml", *LISTS]
    found = [folder / name for name in names if (folder / name).is_file()]
    for sub in FOLDERS:
        found.extend(sorted((folder / sub).glob(f"*.{ENDINGS.get(sub, 'yaml')}")))
    return {
        name: _read_file(path, name)
        for path in found
        for name in [path.relative_to(folder).as_posix()]
    }


def _read_file(path: Path, name: str) -> Located:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        said = f"the file cannot be read as UTF-8 text: {type(error).__name__}"
        return Located(name, findings=[FieldError(f"{name}:1", "unreadable", said)])
    read = read_article if path.suffix == ".md" else read_located
    return read(name=name, text=text)


def _items(file: Located, findings: list[FieldError]) -> Iterator[tuple[Item, Located, str]]:
    if file.name in LISTS:
        kind, naming = LISTS[file.name]
        listed = file.value if file.value is not None else []
        if not isinstance(listed, list):
            findings.append(file.finding("", "list", "the file must hold a list"))
            return
        entries: Sequence[tuple[str, Json]] = [(f"[{i}]", one) for i, one in enumerate(listed)]
    else:
        kind, naming = FOLDERS[file.name.split("/", maxsplit=1)[0]], "key"
        entries = [("", file.value)]
    for at, document in entries:
        key = document.get(naming) if isinstance(document, Mapping) else None
        if not isinstance(document, Mapping) or not isinstance(key, str) or not key:
            findings.append(file.finding(at, naming, f"write fields, among them {naming}"))
        else:
            yield Item(kind, key, document), file, at


def _overridden(item: Item, overrides: Mapping[str, str]) -> Item:
    if item.kind is not ItemKind.CONNECTION:
        return item
    document = dict(item.document)
    for name, value in overrides.items():
        connection, _, field = name.partition(".")
        if connection != item.key:
            continue
        if field in _CONNECTION_FIELDS:
            document[field] = value
        else:
            document["settings"] = {**document.get("settings", {}), field: value}
        if field == "base_url":
            document["kind"] = "http"
    if document.get("kind") == "http" and item.document.get("kind") != "http":
        # What a simulated system is made of means nothing to an address.
        document["settings"] = {}
    return Item(item.kind, item.key, document)


def _unknown_overrides(
    places: Sequence[tuple[Item, Located, str]], overrides: Mapping[str, str]
) -> Iterator[FieldError]:
    connections = {item.key for item, _, _ in places if item.kind is ItemKind.CONNECTION}
    for name in overrides:
        connection, _, field = name.partition(".")
        if connection not in connections or not field:
            message = "name a connection and a field or setting of it, as in store.base_url"
            yield FieldError(f"--set {name}", "unknown", message)


def _pack(head: Located, items: tuple[Item, ...], findings: list[FieldError]) -> Pack:
    value = head.value if isinstance(head.value, Mapping) else {}
    findings.extend(
        head.finding(key, "unknown_field", "is no part of pack.yaml")
        for key in value
        if key not in _HEAD
    )
    name, version = value.get("name"), value.get("version")
    if not isinstance(name, str) or not name:
        findings.append(head.finding("name", "missing", "a pack needs a name"))
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        findings.append(head.finding("version", "missing", "a pack needs a version from 1"))
    return Pack(
        name=str(name),
        title=str(value.get("title") or name),
        version=version if isinstance(version, int) else 0,
        description=str(value.get("description") or ""),
        items=items,
    )


def _checked(
    pack: Pack, places: Sequence[tuple[Item, Located, str]], known: Known
) -> Iterator[FieldError]:
    where = {(item.kind, item.key): (file, at) for item, file, at in places}
    seen: set[tuple[ItemKind, str]] = set()
    for item, file, at in places:
        if (item.kind, item.key) in seen:
            yield file.finding(at, "duplicate", f"the {item.kind} {item.key!r} stands twice")
        seen.add((item.kind, item.key))
    for (kind, key), finding in check_items(pack=pack, known=known):
        file, at = where[kind, key]
        path = f"{at}.{finding.field}" if at and finding.field else at or finding.field
        yield file.finding(path, finding.code, finding.message)
