"""What differs between two texts of a metric definition, sentence by sentence."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from governance.reviews.describing import describe_rows
from governance.reviews.types import Change
from qa.documents.describing import describe_sentences
from qa.measurement.parsing import parse_metric
from qa.measurement.sentences import goal_words, metric_words
from qa.measurement.types import MetricSpec

Json = Any


def describe_changes(
    before: Mapping[str, Json] | None, after: Mapping[str, Json]
) -> tuple[Change, ...]:
    """Return every difference between two definitions: each sentence, and each target.

    Args:
        before: The text in force; None for none.
        after: The text that would be.

    Raises:
        InvalidInputError: A text states no definition.
    """
    new = parse_metric(document=after)
    old = parse_metric(document=before) if before is not None else None
    return (
        *describe_sentences(metric_words(old) if old else {}, metric_words(new)),
        *describe_rows(_goals(old) if old else [], _goals(new), _("Target %(number)d")),
    )


def _goals(spec: MetricSpec) -> list[tuple[str, str]]:
    return [
        (f"{one.statistic}/{one.journey}/{one.risk}", goal_words(one, spec)) for one in spec.goals
    ]
