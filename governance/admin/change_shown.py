"""What a change differs in, as its page shows it: in marked words, as values, row by row."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.reviews import selectors
from governance.reviews.describing import list_unchanged, say_numbers
from governance.reviews.facts import Fact, list_facts
from governance.reviews.models import ChangeRequest
from governance.reviews.registry import DocumentKind
from governance.reviews.types import Change, ChangePurpose, Sign
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


def describe_difference(change: ChangeRequest, *, comments: Sequence[Any] = ()) -> dict[str, Any]:
    """Return how the text of a change differs from the version it was opened on.

    Args:
        change: The change.
        comments: What was said about it, to be counted beside the rows.
    """
    if change.purpose == ChangePurpose.RETIREMENT:
        whole = Change(
            Sign.REMOVED, _("All of it"), before=_("Taken out of force, with nothing in its place.")
        )
        return {"items": [_item(whole, {}, 0)], "facts": [], "same": []}
    number = change.base_number
    kind = selectors.kind_of(change)
    before = kind.version(change.document_key, number) if number else None
    return compare(kind, before, change.document, number=number, comments=comments)


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
        "items": [_item(one, counts, number) for one in found],
        "facts": facts,
        "same": _same(list_unchanged(every, found)),
    }


def _item(change: Change, counts: Mapping[str, int], number: int) -> dict[str, Any]:
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


def describe_comments(
    change: ChangeRequest, comments: Iterable[Any], texts: Sequence[Any], *, me: str
) -> list[dict[str, Any]]:
    """Return the comments on a change, each with the text it was made on and who may settle it.

    Args:
        change: The change.
        comments: In the order they were made.
        texts: The texts of the change, newest first.
        me: Public id of who looks.
    """
    numbers = number_texts(texts)
    shown = []
    for number, comment in enumerate(comments, 1):
        commenter = str(comment.author.public_id)
        is_open = comment.resolved_at is None
        shown.append(
            {
                "number": number,
                "label": comment.author.label,
                "is_author": commenter == change.author_id,
                "at": comment.at,
                "place": comment.place,
                "text": comment.text,
                "text_number": numbers.get(comment.digest),
                "is_earlier": comment.digest != change.digest,
                "is_open": is_open,
                "resolved_at": comment.resolved_at,
                "resolved_by": comment.resolved_by.label if comment.resolved_by else "",
                "may_resolve": is_open and me in {commenter, change.author_id},
            }
        )
    return shown


def number_texts(texts: Sequence[Any]) -> dict[str, int]:
    """Return the number of each text of a change, counted from its first, by digest.

    Args:
        texts: Newest first.
    """
    return {text.digest: number for number, text in enumerate(reversed(texts), 1)}
