"""What is in force as the files of a pack, always in the same form; pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from cases.packs.front_matter import write_article
from cases.packs.parsing import ENDINGS, FOLDERS, LISTS
from cases.packs.types import Item, ItemKind
from governance.knowledge.parsing import FIELDS
from orchestra.core.yaml_text import write_yaml

Json = Any

#: Fields that come first, in this order; the others follow by name.
_FIRST: Mapping[ItemKind, Sequence[str]] = {
    ItemKind.QUEUE: ("key", "title", "next_roles", "first_reply_minutes", "is_default"),
    ItemKind.CONNECTION: ("key", "title", "kind", "base_url", "settings"),
    ItemKind.TOOL: ("name", "title", "description", "connection", "operation", "effect", "risk"),
    ItemKind.POLICY: ("key", "title", "scope", "thresholds", "rules", "limits"),
    ItemKind.CUE_SHEET: ("key", "title", "intents", "pattern", "queue", "completion"),
    ItemKind.INTENT: ("key", "title", "cue_sheet", "queue", "examples"),
    ItemKind.ARTICLE: FIELDS,
}


def export_files(*, head: Mapping[str, Json], items: Sequence[Item]) -> dict[str, str]:
    """Return the files of a pack by their path inside it.

    The form depends on the values alone: what was exported and loaded is exported again byte
    for byte. Comments and anchors of files written by hand are not kept.

    Args:
        head: What stands in ``pack.yaml``.
        items: What the pack declares.
    """
    files = {"pack.yaml": write_yaml(dict(head))}
    for name, (kind, naming) in LISTS.items():
        listed = sorted((item for item in items if item.kind is kind), key=lambda item: item.key)
        if listed:
            files[name] = write_yaml([_ordered(item, naming) for item in listed])
    for folder, kind in FOLDERS.items():
        for item in items:
            if item.kind is kind:
                ending = ENDINGS.get(folder, "yaml")
                write = write_article if ending == "md" else write_yaml
                files[f"{folder}/{item.key}.{ending}"] = write(_ordered(item, "key"))
    return dict(sorted(files.items()))


def _ordered(item: Item, naming: str) -> dict[str, Json]:
    first = [naming, *(key for key in _FIRST[item.kind] if key != naming)]
    last = sorted(key for key in item.document if key not in first)
    keys = [key for key in (*first, *last) if key in item.document]
    return {key: _sorted(item.document[key]) for key in keys}


def _sorted(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_sorted(one) for one in value]
    return value
