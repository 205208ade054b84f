"""Reads a text with learnt weights: words, pairs and pieces of words; pure.

What is computed here is what the training computed: sublinear counts times inverse document
frequency, each of the two blocks of features brought to length one, one weight per feature and
intent (Joachims 1998), and a softmax over the intents with "none of these" among them.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

#: Characters read of one text; who writes more says the need before.
MOST_CHARACTERS = 4000
#: Of the softmax over decision values; chosen on the retail pack and CLINC150's training part.
TEMPERATURE = 0.25
_WORD = re.compile(r"[^\W_]+(?:['\N{RIGHT SINGLE QUOTATION MARK}][^\W_]+)*")
_NUMBER = re.compile(r"\d[\d\W_]*\d|\d")
_SHORTEST, _LONGEST = 2, 5


def plain_words(text: str) -> list[str]:
    """Return the words of a text in lower case, every number as ``0``.

    Args:
        text: Anything a customer wrote; what lies beyond the limit is not read.
    """
    cut = text[:MOST_CHARACTERS].lower()
    return _WORD.findall(_NUMBER.sub("0", cut))


def word_features(text: str) -> list[str]:
    """Return the words of a text and the pairs of neighbouring ones."""
    words = plain_words(text)
    return [*words, *(f"{first} {second}" for first, second in pairwise(words))]


def piece_features(text: str) -> list[str]:
    """Return the pieces of 2 to 5 characters of every word, its ends marked by a space."""
    return [piece for word in plain_words(text) for piece in pieces_of(word)]


def pieces_of(word: str) -> Iterator[str]:
    """Yield the pieces of one word."""
    padded = f" {word} "
    for size in range(_SHORTEST, _LONGEST + 1):
        for start in range(len(padded) - size + 1):
            yield padded[start : start + size]


@dataclass(frozen=True)
class Linear:
    """Learnt weights, and what they make of a text.

    Attributes:
        intents: Keys in the order of the columns; the empty one is "none of these".
        words: Features of words and pairs, in the order of the rows.
        pieces: Features of pieces; their rows follow those of the words.
        frequency: Inverse document frequency of each row, shape ``(rows,)``.
        weights: Shape ``(rows, intents)``.
        bias: Shape ``(intents,)``.
    """

    intents: tuple[str, ...]
    words: tuple[str, ...]
    pieces: tuple[str, ...]
    frequency: "Floats"
    weights: "Floats"
    bias: "Floats"

    @cached_property
    def _places(self) -> tuple[Mapping[str, int], Mapping[str, int]]:
        count = len(self.words)
        return (
            {feature: at for at, feature in enumerate(self.words)},
            {feature: count + at for at, feature in enumerate(self.pieces)},
        )

    def shares(self, text: str) -> dict[str, float]:
        """Return each intent's share of a text; they add up to one."""
        scores = [float(value) / TEMPERATURE for value in self._scores(text)]
        best = max(scores)
        powers = [math.exp(score - best) for score in scores]
        whole = sum(powers)
        return {key: power / whole for key, power in zip(self.intents, powers, strict=True)}

    def worth_of_words(self, text: str, intent: str) -> dict[str, float]:
        """Return what each word of a text adds to the score of an intent, with its pieces.

        A pair of words counts half for either; what a piece adds is shared by its words.
        """
        column = self.intents.index(intent)
        rows, values = self._features(text)
        worth = dict(zip(rows, values * self.weights[rows, column], strict=True)) if rows else {}
        own, shared = self._places
        words = plain_words(text)
        found = dict.fromkeys(words, 0.0)
        counted = Counter(words)
        pieces = Counter(piece_features(text))
        for word, times in counted.items():
            found[word] += float(worth.get(own.get(word, -1), 0.0))
            for piece, often in Counter(pieces_of(word)).items():
                part = float(worth.get(shared.get(piece, -1), 0.0))
                found[word] += part * often * times / pieces[piece]
        for first, second in set(pairwise(words)):
            half = float(worth.get(own.get(f"{first} {second}", -1), 0.0)) / 2
            found[first] += half
            found[second] += half
        return found

    def _scores(self, text: str) -> "Floats":
        rows, values = self._features(text)
        return self.bias + values @ self.weights[rows] if rows else self.bias

    def _features(self, text: str) -> tuple[list[int], "Floats"]:
        import numpy as np  # noqa: PLC0415  a process that classifies nothing need not load it

        words, pieces = self._places
        rows: list[int] = []
        blocks = []
        for found, places in ((word_features(text), words), (piece_features(text), pieces)):
            block, values = _block(found, places, self.frequency)
            rows += block
            blocks += values
        return rows, np.asarray(blocks, dtype=np.float32)


def _block(
    features: Sequence[str], places: Mapping[str, int], frequency: "Floats"
) -> tuple[list[int], list[float]]:
    counts = Counter(places[feature] for feature in features if feature in places)
    values = [(1 + math.log(count)) * float(frequency[row]) for row, count in counts.items()]
    length = math.sqrt(sum(value * value for value in values))
    return list(counts), [value / length for value in values]
