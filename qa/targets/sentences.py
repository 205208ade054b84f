"""Targets and alerts in words, the same on pages, in differences and in messages."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from governance.reviews.types import Change
from orchestra.core import words
from orchestra.templatetags.parts import role as role_name
from qa.documents.describing import describe_sentences
from qa.measurement import sentences as say
from qa.measurement.types import Measure
from qa.targets.parsing import parse_target
from qa.targets.types import AlertState, Effect, Ending, Sign, TargetSpec

Json = Any

SIGNS = {
    Sign.TWO_OF_THREE: _lazy("two of the last three weeks lie clearly on the wrong side"),
    Sign.FOUR_OF_FIVE: _lazy("four of the last five weeks lie on the wrong side"),
    Sign.EIGHT_IN_A_ROW: _lazy("eight weeks in a row lie on the wrong side"),
    Sign.CUMULATIVE: _lazy("weeks together add up to more than chance explains"),
}
STATES = {
    AlertState.OPEN: _lazy("open"),
    AlertState.ACKNOWLEDGED: _lazy("acknowledged"),
    AlertState.CLOSED: _lazy("closed"),
}
ENDINGS = {
    Ending.KEPT_AGAIN: _lazy("the target is kept again"),
    Ending.BY_PERSON: _lazy("closed by a person"),
    Ending.TARGET_GONE: _lazy("the target is not in force any more"),
}
EFFECTS = {
    Effect.VALUE: _lazy("its own value changed"),
    Effect.MIX: _lazy("there is more or less of it"),
}


def goal_words(spec: TargetSpec, measure: Measure | None = None) -> str:
    """Return a target in one line, such as ``median at most 2 h``."""
    unit = say.MEASURES[measure] if measure else ""
    least = _("at most") if spec.at_most else _("at least")
    parts = [f"{least} {spec.value:g} {unit}".strip()]
    if spec.statistic:
        parts.insert(0, str(say.STATISTICS[spec.statistic]))
    return " ".join(parts)


def scope_words(spec: TargetSpec) -> str:
    """Return for which journeys a target is."""
    return words.plain(spec.journey) if spec.journey else _("all journeys")


def target_words(spec: TargetSpec) -> dict[str, str]:
    """Return a target as sentences, by what each is about; in the order of a page."""
    return {
        _("Title"): spec.title,
        _("What it is for"): spec.why,
        _("Metric"): spec.metric,
        _("Journey"): scope_words(spec),
        _("Target"): goal_words(spec),
        _("Owner"): role_name(spec.owner),
    }


def describe_changes(
    before: Mapping[str, Json] | None, after: Mapping[str, Json]
) -> tuple[Change, ...]:
    """Return every difference between two targets.

    Args:
        before: The text in force; None for none.
        after: The text that would be.

    Raises:
        InvalidInputError: A text states no target.
    """
    old = target_words(parse_target(document=before)) if before is not None else {}
    return tuple(describe_sentences(old, target_words(parse_target(document=after))))
