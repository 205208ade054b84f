"""What differs between two texts of a policy, row by row, in words."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from django.utils.translation import gettext as _

from governance.policies import sentences as say
from governance.policies.parsing import parse_policy
from governance.policies.types import PolicyTable
from governance.reviews.types import Change, Sign
from orchestra.core import words

Json = Any


def describe_changes(
    before: Mapping[str, Json] | None, after: Mapping[str, Json]
) -> tuple[Change, ...]:
    """Return every difference between two policies: title, scope, thresholds, limits, rows.

    Args:
        before: The text in force; None for none.
        after: The text that would be.

    Raises:
        InvalidInputError: A text states no decision table.
    """
    new = _table(after)
    old = _table(before) if before is not None else None
    return (
        *_heads(old, new),
        *_rows(
            say.describe_limits(old) if old else [],
            say.describe_limits(new),
            _("Limit %(number)d"),
        ),
        *_rows(
            say.describe_rules(old) if old else [], say.describe_rules(new), _("Row %(number)d")
        ),
    )


def _table(document: Mapping[str, Json]) -> PolicyTable:
    return parse_policy(document=document, version=0, digest="")


def _heads(old: PolicyTable | None, new: PolicyTable) -> Iterator[Change]:
    before = _head(old) if old else {}
    for place, after in _head(new).items():
        was = before.get(place, "")
        if was != after:
            yield Change(_sign(was, after), place, before=was, after=after)


def _head(table: PolicyTable) -> dict[str, str]:
    return {
        _("Title"): table.title,
        _("Tools"): say.describe_scope(table.scope.tools),
        _("Cue sheets"): say.describe_scope(table.scope.cue_sheets),
        _("Queues"): say.describe_scope(table.scope.queues),
        _("Amounts that need no vote"): _(" or ").join(say.describe_thresholds(table)),
    }


def _sign(before: str, after: str) -> Sign:
    if not before:
        return Sign.ADDED
    return Sign.CHANGED if after else Sign.REMOVED


def _rows(old: Sequence[say.Row], new: Sequence[say.Row], place: str) -> Iterator[Change]:
    before = {row.id: (number, _sentence(row)) for number, row in enumerate(old, 1)}
    after = {row.id: (number, _sentence(row)) for number, row in enumerate(new, 1)}
    moved = _moved([row.id for row in old], [row.id for row in new])
    for key, (number, text) in after.items():
        where = place % {"number": number}
        if key not in before:
            yield Change(Sign.ADDED, where, after=text)
        elif before[key][1] != text:
            yield Change(Sign.CHANGED, where, before=before[key][1], after=text)
        elif key in moved:
            was = _("from place %(number)d") % {"number": before[key][0]}
            yield Change(Sign.MOVED, where, before=was, after=text)
    for key, (number, text) in before.items():
        if key not in after:
            yield Change(Sign.REMOVED, place % {"number": number}, before=text)


def _moved(old: Sequence[str], new: Sequence[str]) -> set[str]:
    """Return what stands in both but not in the same order; as little as explains it."""
    both = set(old) & set(new)
    first = [key for key in old if key in both]
    second = [key for key in new if key in both]
    blocks = SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks()
    kept = {key for block in blocks for key in first[block.a : block.a + block.size]}
    return both - kept


def _sentence(row: say.Row) -> str:
    conditions = _(" and ").join(
        f"{phrase.fact} {phrase.operator} {phrase.value}" for phrase in row.phrases
    )
    verdict = f"{words.plain(row.outcome)} ({row.duties})" if row.duties else row.outcome
    return _("When %(conditions)s: %(verdict)s. %(reason)s") % {
        "conditions": conditions or _("a tool in scope is called"),
        "verdict": verdict,
        "reason": row.reason,
    }
