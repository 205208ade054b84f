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
        return _read(self.name, self._model, text)


class LearntClassifier:
    """Guesses the intent with the weights of a published version.

    Args:
        name: Key and number of the version, such as ``intake.v3``.
        model: The reading that the version names.
        digest: Digest of its weights.
    """

    def __init__(self, *, name: str, model: Model, digest: str) -> None:
        self.name = name
        self._model = model
        self._digest = digest

    def classify(self, text: str) -> Classification:
        """Return intent, identifiers, priority and risk flags of a text."""
        return _read(self.name, self._model, text, self._digest)


def _read(name: str, model: Model, text: str, calibrator: str = "") -> Classification:
    # Whatever guesses the intent, the flags are found by rules and can only be added to.
    flags = find_flags(text)
    return Classification(
        classifier=name,
        guess=model.guess(text),
        entities=extract_entities(text),
        priority=find_priority(text, flags),
        flags=flags,
        calibrator=calibrator,
    )


@lru_cache(maxsize=8)
def _learnt(intents: tuple[IntentSpec, ...]) -> Model:
    return learn(intents)
