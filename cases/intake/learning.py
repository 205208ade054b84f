"""Learns a reading from examples, calibrates it, and measures it on what it has not seen; pure.

Every example is read once by a model that was learnt without it (cross-validation in folds
given by the digest of the text, so the same examples fall into the same folds). From these
readings come the calibration, the bound below which a need is unknown, and all figures.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from cases.intake.calibration import fit_calibration, odds
from cases.intake.linear import Linear
from cases.intake.scoring import (
    Model,
    calibrate_counts,
    clearest,
    count_examples,
    with_none,
)
from cases.intake.training import learn_weights
from cases.intake.types import IntentSpec
from orchestra.core.canonical import sha256_hex

#: Folds, and the number of examples from which three are enough.
_FOLDS, _FEWER_FOLDS, _MANY = 5, 3, 5_000
#: Share of texts without a need that shall be known as such, and how few tell nothing of it.
OUT_OF_SCOPE_RECALL, _FEWEST_OUT = 0.8, 20
_BINS = 10
_Z = 1.959963984540054
#: Fewest examples of an intent that can be learnt and measured.
FEWEST_EXAMPLES = 3


Fit = Callable[[Mapping[str, IntentSpec]], Model]


@dataclass(frozen=True, slots=True)
class HeldOut:
    """One example as read by a model learnt without it.

    Attributes:
        key: The intent it stands for; empty for none.
        guess: The intent with most evidence, whether known or not; empty for none.
        is_right: Whether the guess leads to the same cue sheet.
        share: Its share, not calibrated.
        strongest: Largest share that one need has of one clause.
        clearest: Largest share that all needs have of one clause.
        clauses: How many clauses the text has.
    """

    key: str
    guess: str
    is_right: bool
    share: float
    strongest: float
    clearest: float
    clauses: int


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of how many were right."""

    right: int
    of: int

    @property
    def share(self) -> float:
        """The share that was right; zero of none."""
        return self.right / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The two-sided 95 % Wilson interval of the share.

        Source: Wilson (1927).
        """
        if not self.of:
            return 0.0, 1.0
        spread = _Z * _Z / self.of
        middle = (self.share + spread / 2) / (1 + spread)
        half = (
            _Z
            / (1 + spread)
            * math.sqrt(self.share * (1 - self.share) / self.of + spread / (4 * self.of))
        )
        return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, slots=True)
class Measured:
    """How good a reading is on examples it has not seen.

    Attributes:
        in_scope: Texts with a need whose need was found.
        out_of_scope: Texts without a need known as such.
        calibration_error: Expected calibration error in ten bins of equal width (Naeini et al.
            2015), from 0 to 1.
        by_intent: The same as ``in_scope`` for each intent.
    """

    in_scope: Tally
    out_of_scope: Tally
    calibration_error: float
    by_intent: Mapping[str, Tally]


@dataclass(frozen=True, slots=True)
class Learnt:
    """A reading learnt from examples, and how good it is on what it has not seen."""

    model: Model
    measured: Measured


def example_digest(key: str, text: str) -> str:
    """Return what tells one example from another without its words."""
    return sha256_hex(f"{key}\n{' '.join(text.lower().split())}".encode())


def learn_reading(intents: Iterable[IntentSpec], none: Sequence[str] = ()) -> Learnt:
    """Return a reading with learnt weights; the same examples, the same reading.

    Args:
        intents: The intents with their examples, at least two that have any.
        none: Further texts that speak of none of them.
    """
    specs = with_none(intents, none)
    fit = _fit_for(specs)
    held = read_held_out(specs, fit)
    model = _calibrated(fit(specs), held)
    return Learnt(model, measure(model, held))


def measure_counted(
    intents: Iterable[IntentSpec], none: Sequence[str] = (), *, seen: frozenset[str] | None = None
) -> Measured:
    """Return how good counted words alone are on examples they have not seen."""
    return _measured_as(_counted, with_none(intents, none), seen)


def measure_learnt(
    intents: Iterable[IntentSpec], none: Sequence[str] = (), *, seen: frozenset[str] | None = None
) -> Measured:
    """Return how good learnt weights are on examples they have not seen.

    Args:
        intents: The intents with all the examples that are read.
        none: Further texts that speak of none of them.
        seen: Digests of the examples that may be learnt from; None for all of them. So what a
            version in force would make of examples can be told, though it has seen most.
    """
    specs = with_none(intents, none)
    return _measured_as(_fit_for(specs), specs, seen)


def _measured_as(
    fit: Fit, specs: Mapping[str, IntentSpec], seen: frozenset[str] | None
) -> Measured:
    held = read_held_out(specs, fit, seen)
    return measure(_calibrated(fit(_only(specs, seen)), held), held)


def _counted(specs: Mapping[str, IntentSpec]) -> Model:
    return calibrate_counts(count_examples(specs))


def _with_weights(specs: Mapping[str, IntentSpec]) -> Model:
    return replace(_counted(specs), linear=_weights(specs))


def _weights_alone(specs: Mapping[str, IntentSpec]) -> Model:
    nothing = {key: replace(spec, examples=()) for key, spec in specs.items()}
    return replace(count_examples(nothing), linear=_weights(specs), is_whole=True)


def _weights(specs: Mapping[str, IntentSpec]) -> Linear:
    texts = [(text, key) for key, spec in specs.items() for text in spec.examples]
    return learn_weights([text for text, _ in texts], [key for _, key in texts])


def _fit_for(specs: Mapping[str, IntentSpec]) -> Fit:
    """Return how to learn from so many examples.

    A few hundred sentences of a store are read best by counted clauses with the weights beside
    them; thousands by the weights alone, which then have seen whole messages of every kind.
    """
    return _weights_alone if _number_of(specs) >= _MANY else _with_weights


def _number_of(specs: Mapping[str, IntentSpec]) -> int:
    return sum(len(spec.examples) for spec in specs.values())


def read_held_out(
    specs: Mapping[str, IntentSpec],
    fit: Fit,
    seen: frozenset[str] | None = None,
) -> list[HeldOut]:
    """Return every example as read by a model learnt from the other folds."""
    folds = _FEWER_FOLDS if _number_of(specs) >= _MANY else _FOLDS
    found: list[HeldOut] = []
    for fold in range(folds):
        rest, held = _parted(specs, fold, folds)
        model = fit(_only(rest, seen))
        found += [_read(model, specs, key, text) for key, text in held]
    return found


def _parted(
    specs: Mapping[str, IntentSpec], fold: int, folds: int
) -> tuple[dict[str, IntentSpec], list[tuple[str, str]]]:
    """Return the intents without the examples of a fold, and those.

    Each intent's examples are dealt out in the order of their digests, so that no fold lacks one.
    """
    rest: dict[str, IntentSpec] = {}
    held: list[tuple[str, str]] = []
    for key, spec in specs.items():
        dealt = sorted(dict.fromkeys(spec.examples), key=lambda text: example_digest(key, text))
        mine = {text for at, text in enumerate(dealt) if at % folds == fold}
        held += [(key, text) for text in dealt if text in mine]
        rest[key] = replace(spec, examples=tuple(text for text in dealt if text not in mine))
    return rest, held


def _only(specs: Mapping[str, IntentSpec], seen: frozenset[str] | None) -> Mapping[str, IntentSpec]:
    if seen is None:
        return specs
    return {
        key: replace(
            spec,
            examples=tuple(text for text in spec.examples if example_digest(key, text) in seen),
        )
        for key, spec in specs.items()
    }


def _read(model: Model, specs: Mapping[str, IntentSpec], key: str, text: str) -> HeldOut:
    clauses = model.clauses(text)
    shares = model.shares(clauses)
    lead = model.lead(clauses, shares)
    guess, share = (lead.intent, lead.share) if lead else ("", 0.0)
    same = bool(key and guess) and model.sheet(guess) == (specs[key].cue_sheet or key)
    return HeldOut(key, guess, same, share, model.strongest(shares), clearest(shares), len(clauses))


def _calibrated(model: Model, held: Sequence[HeldOut]) -> Model:
    """Fit the calibration and the bound below which a need is unknown."""
    told = [
        (odds(one.share), one.is_right) for one in held if one.guess and model.weighs(one.clauses)
    ]
    if told:
        slope, offset = fit_calibration(told)
        model = replace(model, learnt_slope=slope, learnt_offset=offset)
    out = sorted(one.strongest for one in held if not one.key and _is_known(model, one))
    number = sum(not one.key for one in held)
    allowed = math.floor((1 - OUT_OF_SCOPE_RECALL) * number)
    if number < _FEWEST_OUT or len(out) <= allowed:
        return model
    # The largest that may not be taken for a need, and a little more.
    return replace(model, least_share=min(0.999, out[-allowed - 1] + 1e-6))


def _is_known(model: Model, one: HeldOut) -> bool:
    return model.knows(one.clauses, one.share, one.clearest, one.strongest)


def measure(model: Model, held: Sequence[HeldOut]) -> Measured:
    """Return how good the readings of held-out examples are.

    Args:
        model: Tells what is known and how sure it is.
        held: The readings.
    """
    wanted: defaultdict[str, int] = defaultdict(int)
    hits: defaultdict[str, int] = defaultdict(int)
    told = []
    for one in held:
        known = _is_known(model, one)
        wanted[one.key] += 1
        hits[one.key] += (known and one.is_right) if one.key else not known
        if one.guess:
            told.append((model.calibrated(one.share, one.clauses), one.is_right))
    by_intent = {key: Tally(hits[key], wanted[key]) for key in sorted(wanted)}
    out = by_intent.pop("", Tally(0, 0))
    return Measured(
        in_scope=Tally(
            sum(one.right for one in by_intent.values()), sum(one.of for one in by_intent.values())
        ),
        out_of_scope=out,
        calibration_error=round(calibration_error(told), 4),
        by_intent=by_intent,
    )


def calibration_error(told: Sequence[tuple[float, bool]]) -> float:
    """Return how far confidence and truth lie apart, weighted by bin.

    Args:
        told: Confidence from 0 to 1, and whether it was right.
    """
    bins: defaultdict[int, list[tuple[float, bool]]] = defaultdict(list)
    for confidence, right in told:
        bins[min(_BINS - 1, int(confidence * _BINS))].append((confidence, right))
    gaps = (
        abs(sum(confidence for confidence, _ in one) - sum(right for _, right in one))
        for one in bins.values()
    )
    return sum(gaps) / len(told) if told else 0.0
