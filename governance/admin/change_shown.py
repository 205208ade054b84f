"""What a change differs in from the version it was opened on, and what was said about it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from governance.admin.compare import compare, describe_change
from governance.reviews import selectors
from governance.reviews.models import ChangeRequest
from governance.reviews.types import Change, ChangePurpose, Sign


def describe_difference(
    change: ChangeRequest,
    *,
    present: tuple[int, Mapping[str, Any] | None],
    comments: Sequence[Any] = (),
) -> dict[str, Any]:
    """Return how the text of a change differs from the version it was opened on.

    Args:
        change: The change.
        present: Number and document of the version in force, which mostly is that one.
        comments: What was said about it, to be counted beside the rows.
    """
    if change.purpose == ChangePurpose.RETIREMENT:
        whole = Change(
            Sign.REMOVED, _("All of it"), before=_("Taken out of force, with nothing in its place.")
        )
        return {"items": [describe_change(whole)], "facts": [], "same": []}
    number = change.base_number
    kind = selectors.kind_of(change)
    in_force, before = present
    if number != in_force:
        before = kind.rows.version(change.document_key, number) if number else None
    return compare(kind, before, change.document, number=number, comments=comments)


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
