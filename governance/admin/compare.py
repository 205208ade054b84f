"""Two texts of a governed document side by side: in marked words, as values, row by row."""

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.reviews.describing import list_unchanged, say_numbers
from governance.reviews.facts import Fact, list_facts
from governance.reviews.registry import DocumentKind, documents
from governance.reviews.types import Change, Sign
from governance.reviews.wording import Part, mark_words
from orchestra.core.errors import InvalidInputError

Json = Any
_SIGNS = {
    Sign.ADDED: ("is-ok", gettext_lazy("added")),
    Sign.REMOVED: ("is-danger", gettext_lazy("removed")),
    Sign.CHANGED: ("is-info", gettext_lazy("changed")),
    Sign.MOVED: ("", gettext_lazy("moved")),
}
#: More than one of the places that the kinds name.
_MANY = {
    "Row": gettext_lazy("Rows"),
    "Step": gettext_lazy("Steps"),
    "Limit": gettext_lazy("Limits"),
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
        **_differences(documents.get(kind), key, earlier, later),
    }


def _other(others: Sequence[int], shown: int, asked: str) -> int:
    if asked.isdecimal() and int(asked) in others:
        return int(asked)
    before = [number for number in others if number < shown]
    return before[-1] if before else others[0]


def _differences(kind: DocumentKind, key: str, earlier: int, later: int) -> dict[str, Any]:
    after = kind.rows.version(key, later)
    if after is None:
        return {"items": [], "facts": [], "same": []}
    return compare(kind, kind.rows.version(key, earlier), after, number=earlier)


def compare(
    kind: DocumentKind,
    before: Mapping[str, Json] | None,
    after: Mapping[str, Json],
    *,
    number: int = 0,
    comments: Sequence[Any] = (),
) -> dict[str, Any]:
    """Return how two texts of a kind differ: in words, as values, and where they do not.

    Args:
        kind: Kind of the document.
        before: The earlier text; None for none.
        after: The later one.
        number: Version of the earlier text; 0 where it has none.
        comments: What was said, to be counted beside the rows.
    """
    counts = Counter(comment.place for comment in comments if comment.place)
    facts = [_fact(one) for one in list_facts(before, after)]
    try:
        found = kind.describe(before, after)
        every = kind.describe(None, after) if before is not None else ()
    except InvalidInputError:
        # What cannot be read cannot be said in words; the findings say what to correct.
        return {"items": [], "facts": facts, "same": [], "is_unreadable": True}
    return {
        "items": [describe_change(one, counts, number) for one in found],
        "facts": facts,
        "same": _same(list_unchanged(every, found)),
    }


def describe_change(
    change: Change, counts: Mapping[str, int] = MappingProxyType({}), number: int = 0
) -> dict[str, Any]:
    """Return one difference as a page shows it.

    Args:
        change: The difference.
        counts: How many comments each place has.
        number: Version of the earlier text; 0 where it has none.
    """
    style, word = _SIGNS[change.sign]
    place = change.place
    if change.sign is Sign.REMOVED and number:
        # Another row has this place in the new text.
        place = _("%(place)s of version %(number)d") % {"place": place, "number": number}
    before, after = _marked(change)
    reason_before, reason = mark_words(change.reason_before, change.reason)
    return {
        "style": style,
        "word": word,
        "place": place,
        "before": before,
        "after": after,
        "was_moved": change.before if change.sign is Sign.MOVED else "",
        # A reason that stayed is told once, and one that changed as both.
        "reason_before": reason_before if change.reason_before != change.reason else (),
        "reason": reason,
        "comments": counts.get(place, 0),
    }


def _marked(change: Change) -> tuple[Sequence[Part], Sequence[Part]]:
    if change.sign is Sign.MOVED or change.before == change.after:
        # The sentence stays; where it stands, or its reason, does not.
        return (), (Part(change.after, is_changed=False),)
    return mark_words(change.before, change.after)


def _same(places: Mapping[str, Sequence[int]]) -> list[str]:
    said = []
    for stem, numbers in places.items():
        is_one = len(numbers) == 1
        words = (
            _("%(places)s is the same, word for word.")
            if is_one
            else _("%(places)s are the same, word for word.")
        )
        name = stem if is_one else str(_MANY.get(stem, stem))
        said.append(words % {"places": f"{name} {say_numbers(numbers)}"})
    return said


def _fact(one: Fact) -> dict[str, Any]:
    style, word = _SIGNS[one.sign]
    return {
        "style": style,
        "word": word,
        "path": one.path,
        "before": one.before,
        "after": one.after,
        "is_added": one.sign is Sign.ADDED,
        "is_removed": one.sign is Sign.REMOVED,
    }
