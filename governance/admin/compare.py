"""Two versions of a governed document side by side, in words."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy

from governance.reviews.registry import documents
from governance.reviews.types import Change, Sign
from orchestra.core.errors import InvalidInputError

_SIGNS = {
    Sign.ADDED: ("is-ok", gettext_lazy("added")),
    Sign.REMOVED: ("is-danger", gettext_lazy("removed")),
    Sign.CHANGED: ("is-info", gettext_lazy("changed")),
    Sign.MOVED: ("", gettext_lazy("moved")),
}


def describe_compared(
    *, kind: str, key: str, numbers: Sequence[int], shown: int, asked: str = ""
) -> dict[str, Any] | None:
    """Return what a version changed against another; None where there is no other.

    Args:
        kind: Registered kind of document.
        key: Its key.
        numbers: Numbers of its versions.
        shown: Number of the version the page shows.
        asked: Number of the other version; without one, the version before, or after the first.
    """
    others = [number for number in sorted(numbers) if number != shown]
    if not others:
        return None
    other = _other(others, shown, asked)
    earlier, later = sorted((other, shown))
    return {
        "shown": shown,
        "other": other,
        "earlier": earlier,
        "later": later,
        "others": others,
        **_differences(kind, key, earlier, later),
    }


def _other(others: Sequence[int], shown: int, asked: str) -> int:
    if asked.isdecimal() and int(asked) in others:
        return int(asked)
    before = [number for number in others if number < shown]
    return before[-1] if before else others[0]


def _differences(kind: str, key: str, earlier: int, later: int) -> dict[str, Any]:
    found = documents.get(kind)
    before, after = found.version(key, earlier), found.version(key, later)
    try:
        changes = found.describe(before, after) if after is not None else ()
    except InvalidInputError:
        # A text that an earlier release accepted may be none today.
        return {"items": [], "is_unreadable": True}
    return {"items": [_item(change) for change in changes], "is_unreadable": False}


def _item(change: Change) -> dict[str, Any]:
    style, word = _SIGNS[change.sign]
    return {
        "style": style,
        "word": word,
        "place": change.place,
        "before": change.before,
        "after": change.after,
    }
