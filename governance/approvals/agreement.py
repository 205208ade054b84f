"""Whether approvers decide like cases alike; pure.

Like cases share a tool, the rows of policy that fired, and the size of the amount within a factor
of two. Only votes of different people are compared, so nobody's own habit counts as agreement,
and every like case counts once, however many votes it drew. No figure is about a person.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from statistics import fmean
from typing import Any

from governance.approvals.figures import Vote, quantile, slice_by
from governance.approvals.types import VoteChoice

Json = Any

#: Fewer like cases with two approvers say nothing about all others.
FEW_CASES = 10
#: Draws behind an interval, and the seed that makes them repeatable.
_DRAWS, _SEED = 1000, 20_261_128


@dataclass(frozen=True, slots=True)
class Agreement:
    """How alike different approvers decided like cases.

    Attributes:
        cases: Like cases that at least two people decided.
        pairs: Pairs of votes by different people on one of them.
        alike: How many of the pairs agree.
        raw: Mean share of agreeing pairs over the like cases, 0 to 1.
        corrected: The same beyond chance: Gwet's AC1, at most 1; below 0 is worse than chance.
        raw_span: 95 % interval of ``raw``.
        corrected_span: 95 % interval of ``corrected``.
    """

    cases: int
    pairs: int
    alike: int
    raw: float = 0.0
    corrected: float = 0.0
    raw_span: tuple[float, float] = (0.0, 1.0)
    corrected_span: tuple[float, float] = (-1.0, 1.0)

    @property
    def is_enough(self) -> bool:
        """Whether there are like cases enough to say anything."""
        return self.cases >= FEW_CASES


@dataclass(frozen=True, slots=True)
class _Case:
    """One like case: its pairs, those that agree, and the share of approvals in it."""

    pairs: int
    alike: int
    approved: float

    @property
    def alike_share(self) -> float:
        """Share of its pairs that agree, 0 to 1."""
        return self.alike / self.pairs


def likeness(*, view: Mapping[str, Json], amount_minor: int | None, currency: str) -> str:
    """Return what a request has in common with its like, or nothing where it is not told.

    Args:
        view: What the approver is shown.
        amount_minor: Money that moves, in minor units; None where none does.
        currency: Its currency.
    """
    call, rows = view.get("call"), view.get("rows")
    if not (isinstance(call, Mapping) and call.get("tool") and isinstance(rows, Mapping)):
        return ""
    fired = sorted(f"{row.get('policy')}/{row.get('rule')}" for row in rows.get("fired") or ())
    band = f"{currency}{amount_minor.bit_length()}" if amount_minor else "none"
    text = "\n".join((str(call["tool"]), band, *fired))
    return hashlib.sha256(text.encode()).hexdigest()


def compare(votes: Iterable[Vote]) -> Agreement:
    """Return how alike different approvers decided like cases.

    The interval is the percentile bootstrap over like cases, drawn from a fixed seed.

    Source:
        Gwet (2008), Computing inter-rater reliability and its variance in the presence of high
        agreement: AC1 = (pa - pe) / (1 - pe), with pe = 2 p (1 - p) for two answers. Preferred
        to kappa because most requests are approved, where kappa falls though people agree.
    """
    groups = slice_by((vote for vote in votes if vote.likeness), lambda vote: vote.likeness)
    cases = [case for case in map(_case, groups.values()) if case is not None]
    pairs, alike = sum(case.pairs for case in cases), sum(case.alike for case in cases)
    if not cases:
        return Agreement(0, 0, 0)
    alike_of, approved_of = zip(*((case.alike_share, case.approved) for case in cases), strict=True)
    raw, corrected = _figures(alike_of, approved_of)
    draw = Random(_SEED)  # noqa: S311  a repeatable interval, no secret
    places = range(len(cases))
    drawn: list[tuple[float, float]] = []
    for _each in range(_DRAWS):
        chosen = draw.choices(places, k=len(cases))
        drawn.append(
            _figures(
                list(map(alike_of.__getitem__, chosen)), list(map(approved_of.__getitem__, chosen))
            )
        )
    return Agreement(
        cases=len(cases),
        pairs=pairs,
        alike=alike,
        raw=raw,
        corrected=corrected,
        raw_span=_span([one[0] for one in drawn]),
        corrected_span=_span([one[1] for one in drawn]),
    )


def compared(votes: Iterable[Vote]) -> list[Vote]:
    """Return the votes that stand in a pair, like cases together."""
    groups = slice_by((vote for vote in votes if vote.likeness), lambda vote: vote.likeness)
    return [vote for group in groups.values() if _case(group) is not None for vote in group]


def ac1(*, agreed: float, approved: float) -> float:
    """Return Gwet's first-order agreement for two answers.

    Args:
        agreed: Observed share of agreeing pairs, 0 to 1.
        approved: Mean share of one of the two answers, 0 to 1.

    Source:
        Gwet (2008), as in ``compare``.
    """
    chance = 2 * approved * (1 - approved)
    return (agreed - chance) / (1 - chance)


def _case(votes: Sequence[Vote]) -> _Case | None:
    # By counts, not pair by pair: a common kind of case has thousands of votes.
    pairs = alike = 0
    answers: Counter[VoteChoice] = Counter()
    for held in slice_by(votes, lambda vote: vote.by).values():
        own = Counter(vote.choice for vote in held)
        pairs += len(held) * answers.total()
        alike += sum(count * answers[choice] for choice, count in own.items())
        answers += own
    if not pairs:
        return None
    return _Case(pairs, alike, answers[VoteChoice.APPROVE] / answers.total())


def _figures(alike: Sequence[float], approved: Sequence[float]) -> tuple[float, float]:
    agreed = fmean(alike)
    return agreed, ac1(agreed=agreed, approved=fmean(approved))


def _span(drawn: list[float]) -> tuple[float, float]:
    ordered = sorted(drawn)
    return quantile(ordered, 0.025) or 0.0, quantile(ordered, 0.975) or 0.0
