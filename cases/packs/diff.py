"""What loading a pack would change; pure."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from cases.packs.types import Change, ChangeKind, Item, ItemKind

Json = Any


def diff_items(
    *,
    wanted: tuple[Item, ...],
    present: Mapping[tuple[ItemKind, str], Mapping[str, Json]],
    retired: Collection[tuple[ItemKind, str]] = (),
) -> tuple[Change, ...]:
    """Return one change for every item of a pack, in its order.

    What is present but not in the pack stays as it is: several packs can live side by side.

    Args:
        wanted: What the pack declares.
        present: What is in force now, by kind and key.
        retired: Kind and key of what was taken out of force; it comes back by review alone.
    """
    return tuple(
        _change(
            item,
            present.get((item.kind, item.key)),
            is_retired=(item.kind, item.key) in retired,
        )
        for item in wanted
    )


def _change(item: Item, now: Mapping[str, Json] | None, *, is_retired: bool) -> Change:
    if now is None:
        what = ChangeKind.REVIEW if is_retired else ChangeKind.ADD
        return Change(item.kind, item.key, what)
    fields = tuple(different(now=now, wanted=item.document))
    if not fields:
        return Change(item.kind, item.key, ChangeKind.SAME)
    what = ChangeKind.REVIEW if item.kind.is_governed else ChangeKind.CHANGE
    return Change(item.kind, item.key, what, fields)


def different(*, now: Json, wanted: Json, path: str = "") -> Iterator[str]:
    """Yield the paths at which two JSON values differ, the narrowest that say it.

    Args:
        now: The value in force.
        wanted: The value declared.
        path: Where both stand, for the paths.
    """
    if isinstance(now, Mapping) and isinstance(wanted, Mapping):
        for key in [*wanted, *(key for key in now if key not in wanted)]:
            at = f"{path}.{key}" if path else str(key)
            if key in now and key in wanted:
                yield from different(now=now[key], wanted=wanted[key], path=at)
            else:
                yield at
    elif isinstance(now, list) and isinstance(wanted, list) and len(now) == len(wanted):
        for index, (one, other) in enumerate(zip(now, wanted, strict=True)):
            yield from different(now=one, wanted=other, path=f"{path}[{index}]")
    elif now != wanted or type(now) is not type(wanted):
        yield path
