"""What a journey needs before its first real case, and before another one follows it; pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from cases.readiness.types import (
    Check,
    CheckCode,
    JourneySeen,
    Part,
    Readiness,
    ToolSeen,
    ToolTrouble,
)

#: An intent with fewer examples is told apart from the others by luck.
LEAST_EXAMPLES: Final = 5
#: Cases of one journey whose completion has to be shown before the next journey opens.
FIRST_CASES: Final = 5
#: A drill older than this says nothing of the workers of today.
DRILL_HOLDS: Final = timedelta(days=90)
_NEEDS_LIMIT: Final = "medium"
_NEEDS_VERIFICATION: Final = frozenset({"medium", "high", "critical"})
_NEEDS_APPROVER: Final = frozenset({"high", "critical"})


def judge(*, seen: JourneySeen, now: datetime) -> Readiness:
    """Return every check of a journey, in the order of the path.

    Args:
        seen: The cue sheet and what it needs, as they stand.
        now: The moment of the look, UTC.
    """
    return Readiness(checks=tuple(_checks(seen, now)), verified_cases=seen.verified_cases)


def current_part(readiness: Readiness) -> Part | None:
    """Return the first step of the path with something missing; None where none has."""
    failing = (one.part for one in readiness.checks if not one.passed)
    return next(failing, None)


def may_expand(readiness: Readiness) -> bool:
    """Tell whether another journey may follow: nothing is missing, and the first cases held."""
    return readiness.missing == 0 and readiness.verified_cases >= FIRST_CASES


def _checks(seen: JourneySeen, now: datetime) -> Iterator[Check]:
    yield Check(CheckCode.IN_FORCE, seen.number is not None)
    taught = [title for title, examples in seen.intents.items() if examples >= LEAST_EXAMPLES]
    few = [title for title, examples in seen.intents.items() if examples < LEAST_EXAMPLES]
    yield Check(CheckCode.RECOGNISED, bool(taught) and not few, tuple(few or taught))
    yield from _completion(seen)
    for tool in seen.tools:
        trouble = _trouble(tool)
        yield Check(CheckCode.TOOL, trouble is None, (tool.name,), trouble or "")
    unsafe = _names(one for one in seen.tools if one.is_write and not one.repeats_safely)
    yield Check(CheckCode.REPEATS, not unsafe, unsafe)
    yield from _guardrails(seen, now)


def _completion(seen: JourneySeen) -> Iterator[Check]:
    shown = {one.name for one in seen.tools if one.shows}
    proving = tuple(name for name in seen.proving if name in shown)
    yield Check(CheckCode.PROVED, bool(seen.says) and bool(proving), proving or seen.proving)
    yield Check(CheckCode.WINDOW, seen.window_hours > 0)


def _trouble(tool: ToolSeen) -> ToolTrouble | None:
    return next(
        (
            trouble
            for holds, trouble in (
                (not tool.exists, ToolTrouble.MISSING),
                (tool.retired, ToolTrouble.RETIRED),
                (not tool.enabled, ToolTrouble.SWITCHED_OFF),
                (tool.stopped, ToolTrouble.STOPPED),
                (not tool.risk, ToolTrouble.NO_RISK),
                # What writes is not tried before the first case; its first success is a case.
                (not tool.is_write and tool.answered_at is None, ToolTrouble.NEVER_ANSWERED),
            )
            if holds
        ),
        None,
    )


def _guardrails(seen: JourneySeen, now: datetime) -> Iterator[Check]:
    lawless = _names(one for one in seen.tools if not one.policies)
    yield Check(CheckCode.POLICY, bool(seen.tools) and not lawless, lawless)
    writes = [one for one in seen.tools if one.is_write]
    boundless = _names(one for one in writes if one.risk == _NEEDS_LIMIT and not one.has_limit)
    yield Check(CheckCode.LIMITS, not boundless, boundless)
    careful = _names(one for one in writes if one.risk in _NEEDS_VERIFICATION)
    verifying = _names(one for one in seen.tools if one.verifies)
    yield Check(CheckCode.VERIFIED_FIRST, not careful or bool(verifying), verifying or careful)
    risky = any(one.risk in _NEEDS_APPROVER for one in writes)
    voters = tuple(sorted(seen.voters - seen.owning))
    yield Check(CheckCode.APPROVER, not risky or bool(voters), voters or tuple(sorted(seen.voters)))
    yield Check(CheckCode.HANDOFF, bool(seen.queue) and seen.workers > 0, (seen.queue,))
    drilled = seen.drilled_at is not None and now - seen.drilled_at <= DRILL_HOLDS
    yield Check(CheckCode.STOP, drilled)
    yield Check(CheckCode.AGENT, not seen.uses_ai or bool(seen.agents), seen.agents)


def _names(tools: Iterator[ToolSeen]) -> tuple[str, ...]:
    return tuple(one.name for one in tools)
