"""What differs between two texts of a scorecard, and whether scores go on, in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from governance.reviews.describing import describe_heads, describe_rows
from governance.reviews.types import Change, Sign
from qa.scorecards.parsing import parse_scorecard
from qa.scorecards.rules import keeps_scores
from qa.scorecards.sentences import question_words, scoring_words, subject_words
from qa.scorecards.types import ScorecardSpec

Json = Any


def describe_changes(
    before: Mapping[str, Json] | None, after: Mapping[str, Json]
) -> tuple[Change, ...]:
    """Return every difference between two scorecards, and first what it means for scores.

    Args:
        before: The text in force; None for none.
        after: The text that would be.

    Raises:
        InvalidInputError: A text states no scorecard.
    """
    new = parse_scorecard(document=after)
    old = parse_scorecard(document=before) if before is not None else None
    found = tuple(_differences(old, new))
    if old is None or old == new:
        return found
    return (_edition(old, new), *found)


def _edition(old: ScorecardSpec, new: ScorecardSpec) -> Change:
    if keeps_scores(old, new):
        after = _("The edition stays: only words around the questions change, so scores go on.")
        return Change(Sign.CHANGED, _("Scores"), after=after)
    after = _(
        "A new edition: what is asked, or what it earns, changes. New scores are not compared "
        "with earlier ones. Reviews that have begun keep the version they began with."
    )
    return Change(Sign.CHANGED, _("Scores"), after=after)


def _differences(old: ScorecardSpec | None, new: ScorecardSpec) -> Iterator[Change]:
    yield from describe_heads(_head(old) if old else {}, _head(new))
    yield from describe_rows(_sections(old) if old else [], _sections(new), _("Section %(number)d"))
    yield from describe_rows(
        _questions(old) if old else [], _questions(new), _("Question %(number)d")
    )
    yield from describe_rows(
        _guidance(old) if old else [], _guidance(new), _("Guidance %(number)d")
    )


def _head(spec: ScorecardSpec) -> dict[str, str]:
    return {
        _("Title"): spec.title,
        _("What for"): spec.purpose,
        _("Judges"): subject_words(spec),
        **scoring_words(spec.scoring),
    }


def _sections(spec: ScorecardSpec) -> list[tuple[str, str]]:
    return [
        (one.key, _("%(title)s, weight %(count)d") % {"title": one.title, "count": one.weight})
        for one in spec.sections
    ]


def _questions(spec: ScorecardSpec) -> list[tuple[str, str]]:
    # The section is in the key, since moving a question elsewhere can change what it earns.
    return [
        (f"{section.key}/{one.key}", question_words(one, spec))
        for section in spec.sections
        for one in section.questions
    ]


def _guidance(spec: ScorecardSpec) -> list[tuple[str, str]]:
    return [(one.key, f"{one.text}: {one.guidance}") for one in spec.questions if one.guidance]
