"""The port that makes sense of a text, and the deterministic classifier behind it."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol

from cases.intake.rules import extract_entities, find_flags, find_priority
from cases.intake.scoring import Model, learn
from cases.intake.types import Classification, IntentSpec


class Classifier(Protocol):
    """Makes sense of one text; a model may stand behind it as well as rules.

    Whatever stands behind it can only add risk flags: taking one away is a person's act.
    """

    @property
    def name(self) -> str:
        """Name and version, kept with every classification."""
        ...

    def classify(self, text: str) -> Classification:
        """Return intent, identifiers, priority and risk flags of a text."""
        ...


class ExampleClassifier:
    """Guesses the intent from example utterances; the same text, the same answer.

    Args:
        intents: The intents with their examples; without any, every intent is unknown.
    """

    name = "examples.v1"

    def __init__(self, intents: Iterable[IntentSpec]) -> None:
        self._model = _learnt(tuple(intents))

    def classify(self, text: str) -> Classification:
        """Return intent, identifiers, priority and risk flags of a text."""
        flags = find_flags(text)
        return Classification(
            classifier=self.name,
            guess=self._model.guess(text),
            entities=extract_entities(text),
            priority=find_priority(text, flags),
            flags=flags,
        )


@lru_cache(maxsize=8)
def _learnt(intents: tuple[IntentSpec, ...]) -> Model:
    return learn(intents)
