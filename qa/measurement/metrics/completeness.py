"""Whether a closed case can be told from its records alone; pure.

``AC_fact = records present and valid / records required`` and ``AC_case = cases with all of them
/ closed cases``. A case of which nothing is required is a fault of its set-up, never 100 %.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from qa.measurement.formulas.shares import Share
from qa.measurement.metrics.common import Figure, as_figure, sift
from qa.measurement.rows import ClosedCase, FactState, RequiredFact
from qa.measurement.types import LeftOut

_COUNTS = frozenset({FactState.PRESENT, FactState.LATE, FactState.TOMBSTONE})
NOTHING_REQUIRED = "nothing_required"


@dataclass(frozen=True, slots=True)
class Completeness:
    """The whole metric.

    Attributes:
        cases: Closed cases with everything that is required.
        facts: Records that are required.
        by_risk: Cases by risk level.
        incomplete: Names of the incomplete cases, in order.
        missing: Kinds of record to how many are missing or not valid.
        late: Records that came after the closing and count.
        retention_over: Records that left the denominator.
        unconfigured: Cases of which nothing is required: a fault of the cue sheet's set-up.
        chain, replay, evidence: Answers of their own, of the cases for which they were tried.
    """

    cases: Figure
    facts: Figure
    by_risk: Mapping[str, Figure]
    incomplete: tuple[str, ...]
    missing: Mapping[str, int]
    late: int
    retention_over: int
    unconfigured: tuple[str, ...]
    chain: Share
    replay: Share
    evidence: Share


def state_of(
    *, recorded_at: datetime | None, closed_at: datetime, now: datetime, after_hours: int = 24
) -> FactState:
    """Return how a record stands that is valid where it is there.

    Up to the closing it is present, within the hours after it late, which counts; what comes
    later than that was missing when the case was judged.

    Args:
        recorded_at: None where there is none.
        closed_at: When the case was closed.
        now: Up to when was looked, UTC.
        after_hours: How long after the closing.
    """
    if recorded_at is None or recorded_at > now:
        return FactState.MISSING
    if recorded_at <= closed_at:
        return FactState.PRESENT
    if recorded_at <= closed_at + timedelta(hours=after_hours):
        return FactState.LATE
    return FactState.MISSING


def audit_completeness(
    closed: Iterable[ClosedCase], *, reasons: Iterable[LeftOut] = tuple(LeftOut)
) -> Completeness:
    """Return the metric over the cases closed in a period."""
    kept, left = sift(closed, reasons)
    unconfigured = sorted(one.case for one in kept if not one.facts)
    judged = [one for one in kept if _required(one)]
    if unconfigured:
        left[NOTHING_REQUIRED] += len(unconfigured)
    facts = [fact for one in judged for fact in _required(one)]
    complete = [one for one in judged if _is_complete(one)]
    risks = sorted({one.of.risk for one in judged})
    return Completeness(
        cases=as_figure(Share(len(complete), len(judged)), left),
        facts=as_figure(Share(sum(fact.state in _COUNTS for fact in facts), len(facts)), left),
        by_risk={risk: _of_risk(judged, risk) for risk in risks},
        incomplete=tuple(sorted(one.case for one in judged if not _is_complete(one))),
        missing=Counter(fact.kind for fact in facts if fact.state not in _COUNTS),
        late=sum(fact.state is FactState.LATE for fact in facts),
        retention_over=sum(
            fact.state is FactState.RETENTION_OVER for one in kept for fact in one.facts
        ),
        unconfigured=tuple(unconfigured),
        chain=_yes([one.chain_verifies for one in kept]),
        replay=_yes([one.replay_agrees for one in kept]),
        evidence=_yes([one.evidence_there for one in kept]),
    )


def _required(case: ClosedCase) -> list[RequiredFact]:
    return [fact for fact in case.facts if fact.state is not FactState.RETENTION_OVER]


def _is_complete(case: ClosedCase) -> bool:
    return all(fact.state in _COUNTS for fact in _required(case))


def _of_risk(cases: Sequence[ClosedCase], risk: str) -> Figure:
    own = [one for one in cases if one.of.risk == risk]
    return as_figure(Share(sum(_is_complete(one) for one in own), len(own)), {})


def _yes(answers: Sequence[bool | None]) -> Share:
    tried = [answer for answer in answers if answer is not None]
    return Share(sum(tried), len(tried))
