"""What differs between two texts of a policy, row by row, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from governance.policies import sentences as say
from governance.policies.parsing import parse_policy
from governance.policies.types import PolicyTable
from governance.reviews.describing import Row, describe_heads, describe_rows
from governance.reviews.types import Change
from orchestra.core import words

Json = Any


def describe_changes(
    before: Mapping[str, Json] | None, after: Mapping[str, Json]
) -> tuple[Change, ...]:
    """Return every difference: title, scope, thresholds, limits, rows and what is demanded.

    Args:
        before: The text in force; None for none.
        after: The text that would be.

    Raises:
        InvalidInputError: A text states no decision table.
    """
    new = _table(after)
    old = _table(before) if before is not None else None
    limits = _said(say.describe_limits(old)) if old else []
    rows = _said(say.describe_rules(old)) if old else []
    promises = _demanded(old) if old else []
    return (
        *describe_heads(_head(old) if old else {}, _head(new)),
        *describe_rows(limits, _said(say.describe_limits(new)), _("Limit %(number)d")),
        *describe_rows(rows, _said(say.describe_rules(new)), _("Row %(number)d")),
        *describe_rows(promises, _demanded(new), _("Promise %(number)d")),
    )


def _table(document: Mapping[str, Json]) -> PolicyTable:
    return parse_policy(document=document, version=0, digest="")


def _head(table: PolicyTable) -> dict[str, str]:
    return {
        _("Title"): table.title,
        _("Tools"): say.describe_scope(table.scope.tools),
        _("Cue sheets"): say.describe_scope(table.scope.cue_sheets),
        _("Queues"): say.describe_scope(table.scope.queues),
        _("Amounts that need no vote"): _(" or ").join(say.describe_thresholds(table)),
    }


def _said(rows: Sequence[say.Row]) -> list[Row]:
    return [Row(row.id, _sentence(row), row.reason) for row in rows]


def _demanded(table: PolicyTable) -> list[Row]:
    return [
        Row(
            row.id,
            _("%(title)s: %(sentence)s At least this, in every version.")
            % {"title": row.title, "sentence": _sentence(row)},
            row.reason,
        )
        for row in say.describe_invariants(table)
    ]


def _sentence(row: say.Row) -> str:
    conditions = _(" and ").join(
        f"{phrase.fact} {phrase.operator} {phrase.value}" for phrase in row.phrases
    )
    verdict = f"{words.plain(row.outcome)} ({row.duties})" if row.duties else row.outcome
    return _("When %(conditions)s: %(verdict)s.") % {
        "conditions": conditions or _("a tool in scope is called"),
        "verdict": verdict,
    }
