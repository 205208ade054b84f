"""What differs between two texts of a sampling plan, sentence by sentence."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from governance.reviews.describing import describe_rows
from governance.reviews.types import Change
from qa.documents.describing import describe_sentences
from qa.sampling.parsing import parse_plan
from qa.sampling.sentences import filter_words, plan_words
from qa.sampling.types import PlanSpec

Json = Any


def describe_changes(
    before: Mapping[str, Json] | None, after: Mapping[str, Json]
) -> tuple[Change, ...]:
    """Return every difference between two sampling plans: each sentence, and each filter.

    Args:
        before: The text in force; None for none.
        after: The text that would be.

    Raises:
        InvalidInputError: A text states no plan.
    """
    new = parse_plan(document=after)
    old = parse_plan(document=before) if before is not None else None
    return (
        *describe_sentences(plan_words(old) if old else {}, plan_words(new)),
        *describe_rows(_filters(old) if old else [], _filters(new), _("Filter %(number)d")),
    )


def _filters(plan: PlanSpec) -> list[tuple[str, str]]:
    return [(one.by, filter_words(one)) for one in plan.frame]
