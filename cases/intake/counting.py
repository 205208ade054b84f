"""What a word or a pair of neighbouring words weighs for each intent, by counting; pure."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from cases.intake.words import Word, clauses_of

#: Smoothing of counts, cap and floor of one word's weight.
_SMOOTHING = 1.0
_HIGHEST, _LOWEST = 3.0, -0.7
#: Examples a word must stand in to be trusted half: the name of a thing tells little of a need.
_DOUBT = 3

Scores = dict[str, float]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many examples of each intent hold each feature, and how many examples there are."""

    features: Mapping[str, Counter[str]]
    examples: Mapping[str, int]
    known: dict[str, Scores] = field(default_factory=dict, compare=False, repr=False)

    def weights(self, feature: str, without: tuple[str, frozenset[str]] | None) -> Scores:
        """Return what a feature weighs for each intent, see ``_weights``."""
        if without is not None:
            return self._weights(feature, without)
        if feature not in self.features:
            return {}
        found = self.known.get(feature)
        if found is None:
            found = self.known[feature] = self._weights(feature, None)
        return found

    def _weights(self, feature: str, without: tuple[str, frozenset[str]] | None) -> Scores:
        """Return what a feature weighs for each intent.

        Args:
            feature: A stem, or two with a space between.
            without: Intent and features of an example to leave out, for calibration.
        """
        held = self.features.get(feature)
        if held is None:
            return {}
        less = without[0] if without and feature in without[1] else None
        total = sum(held.values()) - (less is not None)
        if total <= 0:
            return {}
        everything = sum(self.examples.values()) - (without is not None)
        usual = total / everything
        trust = total / (total + _DOUBT)
        return {
            intent: trust
            * _weight(
                count=held[intent] - (intent == less),
                examples=number - bool(without and without[0] == intent),
                usual=usual,
            )
            for intent, number in self.examples.items()
        }


def _weight(*, count: int, examples: int, usual: float) -> float:
    share = (count + _SMOOTHING * usual) / (examples + _SMOOTHING)
    return max(_LOWEST, min(_HIGHEST, math.log(share / usual)))


def features_of(words: Sequence[Word]) -> frozenset[str]:
    """Return the stems of a clause and the pairs of neighbouring ones."""
    stems = [word.stem for word in words]
    pairs = (f"{first} {second}" for first, second in pairwise(stems))
    return frozenset((*stems, *pairs))


def features_of_text(text: str) -> frozenset[str]:
    """Return the features of all clauses of a text."""
    return frozenset[str]().union(*(features_of(clause.words) for clause in clauses_of(text)))
