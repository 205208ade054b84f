"""Scores a text against example utterances: weighted words per clause; pure and deterministic.

Each word and pair of neighbouring words weighs, per intent, the logarithm of how much more
often it stands in that intent's examples than in all. A clause gives each intent a share; the
text adds the clauses up, earlier and unconditional wishes counting more. The resulting share
is calibrated on the examples themselves, each scored by a model that has not seen it.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cases.intake.background import BACKGROUND
from cases.intake.types import IntentGuess, IntentSpec
from cases.intake.words import Clause, Word, clauses_of

#: Smoothing of counts, cap and floor of one word's weight, worth of a pair against a word.
_SMOOTHING = 1.0
_HIGHEST, _LOWEST = 3.0, -0.7
_PAIR = 0.5
#: A clause's softmax: its temperature, and the score of "says nothing about any need".
_TEMPERATURE, _NOTHING = 0.8, 1.0
#: What a clause counts against the one before it, under an ``if``, and without a wish.
_LATER, _CONDITIONAL, _NO_WISH, _UNWANTED = 0.75, 0.3, 0.5, 0.3
#: What is left of a wish for an answer where the text also wishes for an act.
_YIELDING, _ACT_IS_CLEAR = 0.25, 0.3
#: Share of a clause from which it states a need plainly, and how much of the strongest need's
#: evidence a need stated earlier must have to come before it.
PLAIN, NEAR = 0.7, 0.7
#: Below either, the intent is unknown.
LEAST_EVIDENCE, LEAST_CONFIDENCE = 0.8, 0.4
_WORDS_SHOWN = 6
_FEWEST_TO_CALIBRATE = 20
_ROUNDS = 30
_WISH = re.compile(
    r"\b(?:want|wants|wanna|wish|like|need|needs|please|(?:can|could|would|will) you"
    r"|(?:can|could|may) i|how do i|considering|hop(?:e|ing)|looking to|trying to"
    r"|asks? (?:it )?to|decided?)\b",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"^(?:and |also )*(?:what|where|when|which|how|why|is|are|do|does|did|has|have)\b",
    re.IGNORECASE,
)

#: The intent of what speaks of no need.
_NONE = IntentSpec(key="", title="", cue_sheet="", queue="", examples=BACKGROUND)

Scores = dict[str, float]


@dataclass(frozen=True, slots=True)
class _Counts:
    """How many examples of each intent hold each feature, and how many examples there are."""

    features: Mapping[str, Counter[str]]
    examples: Mapping[str, int]

    def weights(self, feature: str, without: tuple[str, frozenset[str]] | None) -> Scores:
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
        trust = total / (total + 2)
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


@dataclass(frozen=True, slots=True)
class Model:
    """What was learnt from the examples of the intents.

    Attributes:
        slope: With ``offset`` turns the logarithmic odds of a share into calibrated ones.
    """

    intents: Mapping[str, IntentSpec]
    counts: _Counts
    asking: frozenset[str]
    slope: float = 1.0
    offset: float = 0.0

    def guess(self, text: str) -> IntentGuess:
        """Return the need a text speaks of, how sure that is, and the words it leaned on."""
        clauses = clauses_of(text)
        scores = self.score(clauses)
        ranked = self._ranked(scores)
        if not ranked:
            return IntentGuess(intent="", confidence=0.0, margin=0.0)
        stated = self._stated(clauses)
        (intent, share) = ranked.pop(self._first_stated(ranked, stated))
        (runner_up, second) = (*ranked, ("", 0.0))[0]
        confidence = self._calibrated(share)
        known = self._clearest(clauses) >= LEAST_EVIDENCE and confidence >= LEAST_CONFIDENCE
        return IntentGuess(
            intent=intent if known else "",
            confidence=round(confidence, 4),
            margin=round(max(0.0, confidence - self._calibrated(second)), 4),
            leaned_on=self._words_for(intent, clauses) if known else (),
            runner_up=runner_up,
            further=tuple(key for key in stated if self._sheet(key) != self._sheet(intent))
            if known
            else (),
        )

    def score(
        self, clauses: Sequence[Clause], without: tuple[str, frozenset[str]] | None = None
    ) -> Scores:
        """Return the evidence for each intent in the clauses of a text."""
        total: defaultdict[str, float] = defaultdict(float)
        clear_act, later = 0.0, 1.0
        wishes = [bool(_WISH.search(clause.text)) for clause in clauses]
        for clause, wish in zip(clauses, wishes, strict=True):
            shares = self._shares(clause.words, without)
            if not shares:
                continue
            worth = later * (_CONDITIONAL if clause.conditional else 1.0)
            worth *= _NO_WISH if any(wishes) and not wish else 1.0
            worth *= _UNWANTED if clause.unwanted else 1.0
            best = max(shares, key=shares.__getitem__)
            for intent, share in shares.items():
                total[intent] += worth * share
            if best and best not in self.asking:
                later *= _LATER
                clear_act += 0.0 if clause.conditional else worth
        if clear_act >= _ACT_IS_CLEAR:
            for intent in self.asking:
                total[intent] *= _YIELDING
        return {intent: evidence for intent, evidence in total.items() if intent}

    def _stated(self, clauses: Sequence[Clause]) -> tuple[str, ...]:
        """Return the needs that clauses state plainly, one a cue sheet, in their order.

        What stands under an ``if``, is refused, or only tells a story states no need.
        """
        found: dict[str, str] = {}
        wishes = [
            bool(_WISH.search(clause.text) or _QUESTION.search(clause.text)) for clause in clauses
        ]
        for clause, wish in zip(clauses, wishes, strict=True):
            if clause.conditional or clause.unwanted or (any(wishes) and not wish):
                continue
            shares = self._shares(clause.words, None)
            best = max(shares, key=shares.__getitem__, default="")
            if best and shares[best] >= PLAIN:
                found.setdefault(self._sheet(best), best)
        return tuple(found.values())

    def _first_stated(self, ranked: Sequence[tuple[str, float]], stated: Sequence[str]) -> int:
        """Return the place of the need to begin with: the strongest, or an act stated before it.

        An earlier act comes first only with evidence near the strongest need's own, and only
        where that one is stated as plainly, so that their order is known.
        """
        strongest, most = ranked[0]
        sheets = [self._sheet(intent) for intent in stated]
        if self._sheet(strongest) not in sheets:
            return 0
        places = {self._sheet(intent): place for place, (intent, _) in enumerate(ranked)}
        for intent, sheet in zip(stated, sheets, strict=True):
            place = places[sheet]
            if place == 0 or (intent not in self.asking and ranked[place][1] >= NEAR * most):
                return place
        return 0

    def _sheet(self, intent: str) -> str:
        return self.intents[intent].cue_sheet or intent

    def _clearest(self, clauses: Sequence[Clause]) -> float:
        """Return the largest share that one need has of one clause, "none" competing."""
        needs = (
            sum(share for intent, share in self._shares(clause.words, None).items() if intent)
            for clause in clauses
        )
        return max(needs, default=0.0)

    def _shares(self, words: Sequence[Word], without: tuple[str, frozenset[str]] | None) -> Scores:
        total: defaultdict[str, float] = defaultdict(float)
        for feature in features_of(words):
            worth = _PAIR if " " in feature else 1.0
            for intent, weight in self.counts.weights(feature, without).items():
                total[intent] += worth * weight
        if not total or max(total.values()) <= _NOTHING / 2:
            return {}
        best = max(total.values())
        powers = {key: math.exp((score - best) / _TEMPERATURE) for key, score in total.items()}
        whole = sum(powers.values()) + math.exp((_NOTHING - best) / _TEMPERATURE)
        return {key: power / whole for key, power in powers.items()}

    def _ranked(self, scores: Scores) -> list[tuple[str, float]]:
        """Return the best intent of each cue sheet with that sheet's share, best sheet first.

        Intents that lead to one cue sheet are one route: they support each other.
        """
        whole = sum(scores.values())
        sheets: defaultdict[str, float] = defaultdict(float)
        best: dict[str, str] = {}
        for intent in sorted(scores):
            sheet = self._sheet(intent)
            sheets[sheet] += scores[intent]
            if sheet not in best or scores[intent] > scores[best[sheet]]:
                best[sheet] = intent
        order = sorted(sheets, key=lambda sheet: (-sheets[sheet], sheet))
        return [(best[sheet], sheets[sheet] / whole) for sheet in order] if whole > 0 else []

    def _calibrated(self, share: float) -> float:
        return _logistic(self.slope * _odds(share) + self.offset) if share > 0 else 0.0

    def _words_for(self, intent: str, clauses: Iterable[Clause]) -> tuple[str, ...]:
        found: dict[str, float] = {}
        for clause in clauses:
            for word in clause.words:
                weight = self.counts.weights(word.stem, None).get(intent, 0.0)
                if weight > 0:
                    found.setdefault(word.text.lower(), weight)
        return tuple(sorted(found, key=lambda text: (-found[text], text))[:_WORDS_SHOWN])


def features_of(words: Sequence[Word]) -> frozenset[str]:
    """Return the stems of a clause and the pairs of neighbouring ones."""
    stems = [word.stem for word in words]
    pairs = (f"{first} {second}" for first, second in pairwise(stems))
    return frozenset((*stems, *pairs))


def learn(intents: Iterable[IntentSpec]) -> Model:
    """Return a model learnt from the examples of the intents; the same input, the same model."""
    specs = {spec.key: spec for spec in sorted((*intents, _NONE), key=lambda spec: spec.key)}
    features: dict[str, Counter[str]] = {}
    for key, spec in specs.items():
        for example in spec.examples:
            for feature in _features_of_text(example):
                features.setdefault(feature, Counter())[key] += 1
    counts = _Counts(
        features=features,
        examples={key: max(1, len(spec.examples)) for key, spec in specs.items()},
    )
    asking = frozenset(key for key, spec in specs.items() if key and _asks(spec))
    return _calibrate(Model(intents=specs, counts=counts, asking=asking))


def _asks(spec: IntentSpec) -> bool:
    questions = sum(example.rstrip().endswith("?") for example in spec.examples)
    return 2 * questions > len(spec.examples)


def _features_of_text(text: str) -> frozenset[str]:
    return frozenset[str]().union(*(features_of(clause.words) for clause in clauses_of(text)))


def _calibrate(model: Model) -> Model:
    """Fit Platt's two parameters to the examples, each scored as if it had not been seen."""
    seen = []
    for key, spec in model.intents.items():
        for example in spec.examples:
            without = (key, _features_of_text(example))
            ranked = model._ranked(model.score(clauses_of(example), without))  # noqa: SLF001  same module
            if key and ranked:
                sheet = model.intents[ranked[0][0]].cue_sheet or ranked[0][0]
                seen.append((_odds(ranked[0][1]), sheet == (spec.cue_sheet or key)))
    if len(seen) < _FEWEST_TO_CALIBRATE:
        return model
    slope, offset = _fit(seen)
    return Model(model.intents, model.counts, model.asking, slope, offset)


def _fit(seen: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    """Return slope and offset of the logistic curve by Newton's method.

    Targets are smoothed as in Platt (1999), so that a perfect record is not certainty.

    Args:
        seen: Logarithmic odds and whether the guess was right.
    """
    right = sum(hit for _, hit in seen)
    yes, no = (right + 1) / (right + 2), 1 / (len(seen) - right + 2)
    slope, offset = 1.0, 0.0
    for _ in range(_ROUNDS):
        g_slope = g_offset = h_ss = h_so = h_oo = 1e-9
        for odds, hit in seen:
            chance = _logistic(slope * odds + offset)
            miss, spread = (yes if hit else no) - chance, chance * (1 - chance)
            g_slope, g_offset = g_slope + miss * odds, g_offset + miss
            h_ss, h_so, h_oo = (
                h_ss + spread * odds * odds,
                h_so + spread * odds,
                h_oo + spread,
            )
        determinant = h_ss * h_oo - h_so * h_so or 1e-9
        slope += (h_oo * g_slope - h_so * g_offset) / determinant
        offset += (h_ss * g_offset - h_so * g_slope) / determinant
    return max(0.1, slope), offset


def _odds(share: float) -> float:
    kept = min(0.995, max(0.005, share))
    return math.log(kept / (1 - kept))


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))
