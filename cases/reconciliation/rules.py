"""Which entries an effect needs, and what must stand before an entry. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from cases.reconciliation.types import Asked, Effect, Finding, Gap, Seen
from cases.tools.types import CallState

#: Kind of entry to the kinds of which one, about the same subject, must stand before it.
CAUSES: Final[Mapping[str, frozenset[str]]] = {
    kind: frozenset({cause})
    for cause, kinds in {
        "decision.recorded": ("tool_call.proposed",),
        "tool_call.proposed": ("execution.claimed",),
        "execution.claimed": (
            "tool_call.succeeded",
            "tool_call.refused",
            "tool_call.unknown",
            "tool_call.confirmed",
            "tool_call.attempt_failed",
        ),
        "approval.requested": ("approval.voted", "approval.rejected", "approval.voided"),
        "approval.voted": ("approval.granted",),
        "approval.granted": ("approval.used",),
        "handoff.offered": ("handoff.accepted",),
        "handoff.accepted": ("handoff.returned", "handoff.completed"),
        "journey.started": ("journey.completed", "journey.handed_off"),
        "case.opened": ("case.resolved", "case.closed", "case.reopened", "case.moved"),
    }.items()
    for kind in kinds
}

#: States to which a call comes with an entry of their name.
_TOLD: Final = frozenset(CallState) - {
    CallState.PROPOSED,
    CallState.AWAITING_VERIFICATION,
    CallState.AWAITING_APPROVAL,
    CallState.READY,
    CallState.EXECUTING,
}


def needs_of_call(
    *, state: str, refused: bool, attempts: int, decisions: int, confirmed: bool | None
) -> dict[str, int]:
    """Return which entries a tool call must have.

    Args:
        state: Where it stands.
        refused: Whether it failed because the system of record refused it.
        attempts: How often it was claimed for execution.
        decisions: How many decisions were recorded of it.
        confirmed: Whether reading back showed the effect; None where nothing was read back.
    """
    needs = {"tool_call.proposed": 1, "execution.claimed": attempts}
    needs["decision.recorded"] = min(decisions, 1)
    if state in _TOLD:
        needs[f"tool_call.{'refused' if refused else state}"] = 1
    if confirmed:
        needs["tool_call.confirmed"] = 1
    return {kind: count for kind, count in needs.items() if count}


def needs_of_approval(*, state: str, votes: int) -> dict[str, int]:
    """Return which entries a request for approval must have."""
    needs = {"approval.requested": 1, "approval.voted": votes}
    if state in {"granted", "used"}:
        needs["approval.granted"] = 1
    if state not in {"pending", "granted"}:
        needs[f"approval.{state}"] = 1
    return {kind: count for kind, count in needs.items() if count}


def check_effect(effect: Effect, seen: Sequence[Seen]) -> list[Finding]:
    """Return where the ledger does not say of an effect what it should."""
    counts = Counter(entry.kind for entry in seen)
    found = [
        _finding(effect, Gap.ENTRY_MISSING, kind)
        for kind, count in sorted(effect.needs.items())
        if counts[kind] < count
    ]
    found += [
        _finding(effect, Gap.ENTRY_TOO_MANY, kind)
        for kind in sorted(effect.exact)
        if counts[kind] > effect.needs.get(kind, 0)
    ]
    return found


def check_causes(*, kind: str, id: str, case_id: str, seen: Iterable[Seen]) -> list[Finding]:  # noqa: A002  as the leaf names it
    """Return which entries about a subject stand without what must stand before them.

    Args:
        kind: Kind of subject.
        id: Its public id.
        case_id: Its case's, or empty.
        seen: All entries about it.
    """
    before: set[str] = set()
    found: dict[str, Finding] = {}
    for entry in sorted(seen, key=lambda each: each.place):
        causes = CAUSES.get(entry.kind)
        if causes is not None and not causes & before:
            found[entry.kind] = Finding(Gap.CAUSE_MISSING, kind, id, entry.kind, case_id)
        before.add(entry.kind)
    return list(found.values())


def check_asked(asked: Asked) -> Finding | None:
    """Return where a system of record says other than the call."""
    if asked.stands and not asked.may_stand:
        gap = Gap.ONLY_IN_SYSTEM
    elif asked.must_stand and not asked.stands:
        gap = Gap.NOT_IN_SYSTEM
    else:
        return None
    return Finding(gap, "tool_call", asked.call_id, asked.state, asked.case_id)


def _finding(effect: Effect, gap: Gap, kind: str) -> Finding:
    return Finding(gap, effect.kind, effect.id, kind, effect.case_id)
