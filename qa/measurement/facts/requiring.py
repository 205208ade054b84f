"""Which records a case needs, as its cue sheet and what really happened ask for; pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cases.handoff import entries as handoff
from cases.intake import entries as intake
from cases.journeys import entries as journeys
from cases.memory import entries as memory
from cases.tools import entries as tools
from governance.approvals import entries as approvals
from governance.policies.entries import DECISION_REAFFIRMED, DECISION_RECORDED
from qa.measurement.facts.types import Told
from qa.measurement.metrics.completeness import state_of
from qa.measurement.rows import FactState, RequiredFact

_READ: Final = frozenset({intake.CASE_CLASSIFIED, intake.INTAKE_CONFIRMED, intake.INTAKE_CORRECTED})
_DECIDED: Final = frozenset({DECISION_RECORDED, DECISION_REAFFIRMED})


@dataclass(slots=True)
class _Seen:
    """Entries by what they are about."""

    by_subject: dict[tuple[str, str], Told] = field(default_factory=dict)
    first: dict[str, Told] = field(default_factory=dict)
    votes: dict[str, list[Told]] = field(default_factory=dict)


def required_facts(
    *, case: str, told: Sequence[Told], closed_at: datetime, after_hours: int = 24
) -> tuple[RequiredFact, ...]:
    """Return what is required of a closed case, and how each record stands.

    Always: how the intake read it, the resolution with its reason, and a word to the customer.
    Of what happened: for each step who did it under which plan; for each call that went through
    the request's digest, the decision with its rules, and the answer; for each approval a vote
    of somebody else than who asked; for each handoff a bundle with no part missing. An erased
    record counts as a tombstone.

    Args:
        case: Whose.
        told: All entries of its stream, in order.
        closed_at: When it was closed.
        after_hours: How long after the closing a record still counts.
    """
    seen = _sort(told)
    now = told[-1].at if told else closed_at
    late = _Judge(case, closed_at, now, after_hours)
    facts = [
        late.fact("intake", "intake", _any(seen, _READ), wants=("intent",)),
        late.fact("resolution", "resolution", seen.first.get(memory.CASE_RESOLVED), ("outcome",)),
        late.fact("notice", "notice", _notice(told)),
    ]
    for one in told:
        facts.extend(_of_entry(late, seen, one))
    return tuple(sorted({fact.key: fact for fact in facts}.values(), key=lambda fact: fact.key))


@dataclass(frozen=True, slots=True)
class _Judge:
    case: str
    closed_at: datetime
    now: datetime
    after_hours: int

    def fact(
        self, key: str, kind: str, one: Told | None, wants: tuple[str, ...] = (), *, ok: bool = True
    ) -> RequiredFact:
        """Return how one record stands; ``wants`` are parts that it must hold."""
        state = state_of(
            recorded_at=one.at if one else None,
            closed_at=self.closed_at,
            now=self.now,
            after_hours=self.after_hours,
        )
        if one is not None and state is not FactState.MISSING:
            if one.erased:
                state = FactState.TOMBSTONE
            elif not ok or any(not one.payload.get(want) for want in wants):
                state = FactState.INVALID
        return RequiredFact(self.case, key, kind, state)


def _of_entry(late: _Judge, seen: _Seen, one: Told) -> list[RequiredFact]:
    if one.kind == journeys.STEP_DONE:
        wants = ("owner", "cue_sheet", "version")
        return [late.fact(f"step/{one.subject}", "step", one, wants)]
    if one.kind == tools.SUCCEEDED:
        return _of_call(late, seen, one)
    if one.kind == approvals.REQUESTED:
        return [_of_approval(late, seen, one)]
    if one.kind == handoff.HANDOFF_OFFERED:
        ok = not one.payload.get("missing")
        return [late.fact(f"bundle/{one.subject}", "bundle", one, ("bundle_digest",), ok=ok)]
    return []


def _of_call(late: _Judge, seen: _Seen, one: Told) -> list[RequiredFact]:
    key = one.subject
    decided = next(
        (found for kind in _DECIDED if (found := seen.by_subject.get((kind, key)))), None
    )
    asked = seen.by_subject.get((tools.PROPOSED, key))
    return [
        late.fact(f"request/{key}", "request", asked, ("arguments_sha256",)),
        late.fact(f"decision/{key}", "decision", decided, ("outcome", "digest")),
        late.fact(f"answer/{key}", "answer", one, ok="result" in one.payload),
    ]


def _of_approval(late: _Judge, seen: _Seen, one: Told) -> RequiredFact:
    asked_by = str((one.payload.get("requester") or {}).get("id", one.by))
    votes = seen.votes.get(one.subject, [])
    other = next((vote for vote in votes if vote.by != asked_by), None)
    ended = [
        found
        for kind in (approvals.EXPIRED, approvals.VOIDED)
        if (found := seen.by_subject.get((kind, one.subject)))
    ]
    return late.fact(f"approval/{one.subject}", "approval", other or next(iter(ended), None))


def _sort(told: Sequence[Told]) -> _Seen:
    seen = _Seen()
    for one in told:
        seen.by_subject[one.kind, one.subject] = one
        seen.first.setdefault(one.kind, one)
        if one.kind == approvals.VOTED:
            seen.votes.setdefault(one.subject, []).append(one)
    return seen


def _any(seen: _Seen, kinds: frozenset[str]) -> Told | None:
    found = [seen.first[kind] for kind in kinds if kind in seen.first]
    return min(found, key=lambda one: one.index, default=None)


def _notice(told: Sequence[Told]) -> Told | None:
    """Return the last word to the customer; an erased one still says who recorded it."""
    said = (
        one
        for one in reversed(told)
        if one.kind == memory.MESSAGE_ADDED
        and (one.erased or one.payload.get("speaker") in ("ai", "human"))
    )
    return next(said, None)
