"""Scores a text against example utterances: weighted words per clause; pure and deterministic.

Each word and pair of neighbouring words weighs, per intent, the logarithm of how much more
often it stands in that intent's examples than in all. A clause gives each intent a share; the
text adds the clauses up, earlier, unconditional and clearer ones counting more, so that the
story around a wish does not drown it. Needs stated beside the first are no doubt about it; what
shall be done should it be impossible is. The resulting share is calibrated on the examples
themselves, each scored by a model that has not seen it.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from cases.intake.background import BACKGROUND
from cases.intake.calibration import fit_calibration, logistic, odds
from cases.intake.counting import Counts, Scores, features_of, features_of_text
from cases.intake.linear import Linear
from cases.intake.types import IntentGuess, IntentSpec
from cases.intake.words import Clause, Word, clauses_of

#: Worth of a pair of words against a word.
_PAIR = 0.5
#: A clause's softmax: its temperature, and the score of "says nothing about any need".
_TEMPERATURE, _NOTHING = 0.8, 1.0
#: What a clause counts against the one before it, under an ``if``, and without a wish.
_LATER, _CONDITIONAL, _NO_WISH, _UNWANTED = 0.75, 0.3, 0.3, 0.3
#: What is left of a wish for an answer where the text also wishes for an act.
_YIELDING, _ACT_IS_CLEAR = 0.25, 0.3
#: Share of a clause from which it states a need plainly, more than all else together, and how
#: much of the strongest need's evidence a need stated earlier must have to come before it.
PLAIN, NEAR = 0.5, 0.5
#: Share that other acts have of a condition from which it names another way.
OTHER_WAY = 0.5
#: Below either, the intent is unknown.
LEAST_EVIDENCE, LEAST_CONFIDENCE = 0.8, 0.4
_WORDS_SHOWN = 6
_FEWEST_TO_CALIBRATE = 20
#: Characters in which a need is looked for; flags are looked for in all of them.
MOST_CHARACTERS = 20_000
#: Own texts without a need that make ours superfluous.
_ENOUGH_OWN = 50
_WISH = re.compile(
    r"\b(?:want|wants|wanna|wish|like|need|needs|please|(?:can|could|would|will) you"
    r"|(?:can|could|may) i|how do i|considering|hop(?:e|ing)|looking to|trying to"
    r"|asks? (?:it )?to|decided?)\b"
    r"|^(?:and |also |first |so )*(?:cancel|return|exchange|modify|change|switch|swap|replace"
    r"|refund|update|send|ship|stop)\b",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"^(?:and |also )*(?:what|where|when|which|how|why|is|are|do|does|did|has|have)\b",
    re.IGNORECASE,
)

#: The intent of what speaks of no need.
_NONE = IntentSpec(key="", title="", cue_sheet="", queue="", examples=BACKGROUND)


@dataclass(frozen=True, slots=True)
class Lead:
    """The need to begin with, and what speaks against it.

    Attributes:
        share: Its share of what speaks for it or for a need that is not stated beside it.
        second: The largest share that speaks against it.
        runner_up: The second best need, stated or not; empty for none.
        further: Other needs that the text plainly states, in their order.
    """

    intent: str
    share: float
    second: float
    runner_up: str
    further: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """What was learnt from the examples of the intents.

    Attributes:
        slope: With ``offset`` turns the logarithmic odds of a share into calibrated ones.
        linear: Learnt weights that read a text of one clause too; None for counts alone.
        is_whole: Whether the weights read every text alone and as one clause.
        learnt_slope: As ``slope``, for what the weights have a say in; with ``learnt_offset``.
        least_share: Share of a clause that one need must have at least; below, it is unknown.
    """

    intents: Mapping[str, IntentSpec]
    counts: Counts
    asking: frozenset[str]
    slope: float = 1.0
    offset: float = 0.0
    linear: Linear | None = None
    is_whole: bool = False
    learnt_slope: float = 1.0
    learnt_offset: float = 0.0
    least_share: float = 0.0

    def guess(self, text: str) -> IntentGuess:
        """Return the need a text speaks of, how sure that is, and the words it leaned on."""
        clauses = self.clauses(text)
        shares = self.shares(clauses)
        lead = self.lead(clauses, shares)
        if lead is None:
            return IntentGuess(intent="", confidence=0.0, margin=0.0)
        count = len(clauses)
        confidence = self.calibrated(lead.share, count)
        known = self.knows(count, lead.share, clearest(shares), self.strongest(shares))
        return IntentGuess(
            intent=lead.intent if known else "",
            confidence=round(confidence, 4),
            margin=round(max(0.0, confidence - self.calibrated(lead.second, count)), 4),
            leaned_on=self._words_for(lead.intent, clauses) if known else (),
            runner_up=lead.runner_up,
            further=lead.further if known else (),
            raw=round(lead.share, 4),
        )

    def lead(self, clauses: Sequence[Clause], shares: Sequence[Scores]) -> Lead | None:
        """Return the need to begin with; None where nothing speaks of any.

        A need that is stated beside it is another need and no doubt about this one. An act that
        the customer names for the case that this one is impossible is as likely as this one.
        """
        ranked = self.rank(clauses, shares)
        if not ranked:
            return None
        stated = self._stated(clauses, shares)
        intent, share = ranked.pop(self._first_stated(ranked, stated))
        sheet = self.sheet(intent)
        further = tuple(key for key in stated if self.sheet(key) != sheet)
        beside = {self.sheet(key) for key in further} if len(further) < len(stated) else set()
        against = [part for key, part in ranked if self.sheet(key) not in beside]
        whole = share + sum(against)
        second = max(against, default=0.0)
        if self._has_other_way(clauses, shares, sheet):
            second = max(second, share)
        runner_up = ranked[0][0] if ranked else ""
        return Lead(intent, share / whole, second / whole, runner_up, further)

    def _has_other_way(
        self, clauses: Sequence[Clause], all_shares: Sequence[Scores], sheet: str
    ) -> bool:
        """Tell whether what stands under an ``if``, or either side of an ``or``, is another act."""
        before: Scores = {}
        for clause, shares in zip(clauses, all_shares, strict=True):
            sides = [shares, before] if clause.alternative else [shares] * clause.conditional
            if any(self._others(side, sheet) >= OTHER_WAY for side in sides):
                return True
            before = shares
        return False

    def _others(self, shares: Scores, sheet: str) -> float:
        """Return the share of acts that lead to another cue sheet."""
        return sum(
            share
            for intent, share in shares.items()
            if intent and intent not in self.asking and self.sheet(intent) != sheet
        )

    def clauses(self, text: str) -> list[Clause]:
        """Return what is read of a text, part by part."""
        found = clauses_of(text[:MOST_CHARACTERS])
        if not self.is_whole or len(found) < 2:  # noqa: PLR2004  one part is the whole
            return found
        words = tuple(word for clause in found for word in clause.words)
        return [
            Clause(text=text, words=words, conditional=False, alternative=False, unwanted=False)
        ]

    def knows(self, count: int, share: float, clear: float, strongest: float) -> bool:
        """Tell whether a need is known.

        Args:
            count: How many clauses the text has.
            share: Share of the need in the text.
            clear: Largest share that all needs have of one clause.
            strongest: Largest share that one need has of one clause.
        """
        return (
            clear >= LEAST_EVIDENCE
            and self.calibrated(share, count) >= LEAST_CONFIDENCE
            and (strongest >= self.least_share or not self.weighs(count))
        )

    def weighs(self, count: int) -> bool:
        """Tell whether the learnt weights have a say in a text of so many clauses."""
        return self.linear is not None and count == 1

    def shares(
        self, clauses: Sequence[Clause], without: tuple[str, frozenset[str]] | None = None
    ) -> list[Scores]:
        """Return each intent's share of each clause; none where a clause says nothing.

        Learnt weights know whole messages, so they have a say where the text is one clause.

        Args:
            clauses: The clauses of a text.
            without: Intent and features of an example to leave out, for calibration.
        """
        if self.linear is not None and self.is_whole:
            return [self.linear.shares(clause.text) for clause in clauses]
        found = [self._shares(clause.words, without) for clause in clauses]
        if self.linear is None or without is not None or len(clauses) != 1 or not found[0]:
            return found
        learnt = self.linear.shares(clauses[0].text)
        return [{key: (found[0].get(key, 0.0) + share) / 2 for key, share in learnt.items()}]

    def rank(self, clauses: Sequence[Clause], shares: Sequence[Scores]) -> list[tuple[str, float]]:
        """Return the best intent of each cue sheet with that sheet's share, best sheet first."""
        return self._ranked(self.score(clauses, shares))

    def score(self, clauses: Sequence[Clause], all_shares: Sequence[Scores]) -> Scores:
        """Return the evidence for each intent in the clauses of a text."""
        total: defaultdict[str, float] = defaultdict(float)
        clear_act, later = 0.0, 1.0
        wishes = [bool(_WISH.search(clause.text)) for clause in clauses]
        for clause, wish, shares in zip(clauses, wishes, all_shares, strict=True):
            if not shares:
                continue
            worth = later * (_CONDITIONAL if clause.conditional else 1.0)
            worth *= _NO_WISH if any(wishes) and not wish else 1.0
            worth *= _UNWANTED if clause.unwanted else 1.0
            best = max(shares, key=shares.__getitem__)
            clear = worth * self.strongest([shares])
            for intent, share in shares.items():
                total[intent] += clear * share
            if best and best not in self.asking:
                later *= _LATER
                clear_act += 0.0 if clause.conditional else worth
        if clear_act >= _ACT_IS_CLEAR:
            for intent in self.asking:
                total[intent] *= _YIELDING
        return {intent: evidence for intent, evidence in total.items() if intent}

    def _stated(self, clauses: Sequence[Clause], all_shares: Sequence[Scores]) -> tuple[str, ...]:
        """Return the needs that clauses state plainly, one a cue sheet, in their order.

        What stands under an ``if``, is refused, or only tells a story states no need.
        """
        found: dict[str, str] = {}
        wishes = [
            bool(_WISH.search(clause.text) or _QUESTION.search(clause.text)) for clause in clauses
        ]
        for clause, wish, shares in zip(clauses, wishes, all_shares, strict=True):
            if clause.conditional or clause.unwanted or (any(wishes) and not wish):
                continue
            best = max(shares, key=shares.__getitem__, default="")
            if best and shares[best] >= PLAIN:
                found.setdefault(self.sheet(best), best)
        return tuple(found.values())

    def _first_stated(self, ranked: Sequence[tuple[str, float]], stated: Sequence[str]) -> int:
        """Return the place of the need to begin with: the strongest, or an act stated before it.

        An earlier act comes first only with evidence near the strongest need's own, and only
        where that one is stated as plainly, so that their order is known.
        """
        strongest, most = ranked[0]
        sheets = [self.sheet(intent) for intent in stated]
        if self.sheet(strongest) not in sheets:
            return 0
        places = {self.sheet(intent): place for place, (intent, _) in enumerate(ranked)}
        for intent, sheet in zip(stated, sheets, strict=True):
            place = places[sheet]
            if place == 0 or (intent not in self.asking and ranked[place][1] >= NEAR * most):
                return place
        return 0

    def sheet(self, intent: str) -> str:
        """Return the cue sheet that an intent leads to; itself where to none."""
        return self.intents[intent].cue_sheet or intent

    def strongest(self, shares: Iterable[Scores]) -> float:
        """Return the largest share that one cue sheet has of one clause."""
        best = 0.0
        for clause in shares:
            sheets: defaultdict[str, float] = defaultdict(float)
            for intent, share in clause.items():
                if intent:
                    sheets[self.sheet(intent)] += share
            best = max(best, *sheets.values()) if sheets else best
        return best

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
            sheet = self.sheet(intent)
            sheets[sheet] += scores[intent]
            if sheet not in best or scores[intent] > scores[best[sheet]]:
                best[sheet] = intent
        order = sorted(sheets, key=lambda sheet: (-sheets[sheet], sheet))
        return [(best[sheet], sheets[sheet] / whole) for sheet in order] if whole > 0 else []

    def calibrated(self, share: float, count: int) -> float:
        """Return the probability that a share of a text of so many clauses is the right need."""
        if share <= 0:
            return 0.0
        if self.weighs(count):
            return logistic(self.learnt_slope * odds(share) + self.learnt_offset)
        return logistic(self.slope * odds(share) + self.offset)

    def _words_for(self, intent: str, clauses: Sequence[Clause]) -> tuple[str, ...]:
        found: dict[str, float] = {}
        for clause in clauses:
            for word in clause.words:
                weight = self.counts.weights(word.stem, None).get(intent, 0.0)
                if weight > 0:
                    found.setdefault(word.text.lower(), weight)
        if self.linear is not None and self.is_whole:
            worth = self.linear.worth_of_words(clauses[0].text, intent)
            found = {word: weight for word, weight in worth.items() if weight > 0}
        return tuple(sorted(found, key=lambda text: (-found[text], text))[:_WORDS_SHOWN])


def clearest(shares: Iterable[Scores]) -> float:
    """Return the largest share that all needs have of one clause, "none" competing."""
    needs = (sum(share for intent, share in one.items() if intent) for one in shares)
    return max(needs, default=0.0)


def learn(intents: Iterable[IntentSpec]) -> Model:
    """Return a model learnt from the examples of the intents; the same input, the same model."""
    return calibrate_counts(count_examples(with_none(intents)))


def with_none(intents: Iterable[IntentSpec], none: Sequence[str] = ()) -> dict[str, IntentSpec]:
    """Return intents by key, with "none of these" among them under the empty one.

    Args:
        intents: The intents.
        none: The centre's own texts that speak of none of them. Enough of them replace ours,
            which may well be the needs of another trade.
    """
    background = BACKGROUND if len(none) < _ENOUGH_OWN else ()
    nothing = replace(_NONE, examples=(*background, *none))
    return {spec.key: spec for spec in sorted((*intents, nothing), key=lambda spec: spec.key)}


def count_examples(specs: Mapping[str, IntentSpec]) -> Model:
    """Return a model that counts the words of the examples and is not calibrated yet."""
    features: dict[str, Counter[str]] = {}
    for key, spec in specs.items():
        for example in spec.examples:
            for feature in features_of_text(example):
                features.setdefault(feature, Counter())[key] += 1
    counts = Counts(
        features=features,
        examples={key: max(1, len(spec.examples)) for key, spec in specs.items()},
    )
    asking = frozenset(key for key, spec in specs.items() if key and _asks(spec))
    return Model(intents=specs, counts=counts, asking=asking)


def _asks(spec: IntentSpec) -> bool:
    questions = sum(example.rstrip().endswith("?") for example in spec.examples)
    return 2 * questions > len(spec.examples)


def calibrate_counts(model: Model) -> Model:
    """Fit Platt's two parameters to the examples, each scored as if it had not been seen."""
    seen = []
    for key, spec in model.intents.items():
        for example in spec.examples:
            without = (key, features_of_text(example))
            clauses = clauses_of(example)
            lead = model.lead(clauses, model.shares(clauses, without))
            if key and lead is not None:
                right = model.sheet(lead.intent) == (spec.cue_sheet or key)
                seen.append((odds(lead.share), right))
    if len(seen) < _FEWEST_TO_CALIBRATE:
        return model
    slope, offset = fit_calibration(seen)
    return replace(model, slope=slope, offset=offset)
