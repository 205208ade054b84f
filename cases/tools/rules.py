"""The canonical action, its key, what may follow what, retry or stop, what is confirmed; pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cases.tools import paths
from cases.tools.types import CallState, Effect, Json, ToolSpec
from governance.policies.types import Outcome
from orchestra.core import canonical
from orchestra.core.actors import Actor

ACTION_DOMAIN = "orchestra.action.v1"
ARGUMENTS_DOMAIN = "orchestra.arguments.v1"
EFFECT_DOMAIN = b"orchestra.effect.v1"
MAX_BACKOFF_SECONDS = 300.0

_S = CallState

#: What may follow a state. ``proposed`` is what a call is while its decision is made.
TRANSITIONS: Final[Mapping[CallState, frozenset[CallState]]] = {
    _S.PROPOSED: frozenset(
        {
            _S.AWAITING_VERIFICATION,
            _S.AWAITING_APPROVAL,
            _S.READY,
            _S.DENIED,
            _S.HANDED_OFF,
        }
    ),
    _S.AWAITING_VERIFICATION: frozenset(
        {
            _S.AWAITING_APPROVAL,
            _S.READY,
            _S.DENIED,
            _S.HANDED_OFF,
            _S.EXPIRED,
            _S.VOIDED,
            _S.CANCELLED,
        }
    ),
    _S.AWAITING_APPROVAL: frozenset({_S.READY, _S.REJECTED, _S.EXPIRED, _S.VOIDED, _S.CANCELLED}),
    _S.READY: frozenset({_S.EXECUTING, _S.EXPIRED, _S.VOIDED, _S.CANCELLED}),
    _S.EXECUTING: frozenset({_S.SUCCEEDED, _S.FAILED, _S.UNKNOWN, _S.READY}),
    # Again only by a person, and only where the system honours the key.
    _S.UNKNOWN: frozenset({_S.SUCCEEDED, _S.FAILED, _S.READY}),
    _S.SUCCEEDED: frozenset({_S.COMPENSATED}),
    _S.FAILED: frozenset(),
    _S.DENIED: frozenset(),
    _S.REJECTED: frozenset(),
    _S.EXPIRED: frozenset(),
    _S.VOIDED: frozenset(),
    _S.HANDED_OFF: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.COMPENSATED: frozenset(),
}

#: States in which an identical proposal attaches to the call.
OPEN_STATES: Final = frozenset(set(CallState) - {s for s in CallState if s.is_terminal})


#: Where a decision sends a call.
STATE_AFTER: Final[Mapping[Outcome, CallState]] = {
    Outcome.ALLOW: _S.READY,
    Outcome.VERIFY: _S.AWAITING_VERIFICATION,
    Outcome.APPROVE: _S.AWAITING_APPROVAL,
    Outcome.SPECIALIST: _S.HANDED_OFF,
    Outcome.DENY: _S.DENIED,
}


def may_follow(before: CallState, after: CallState) -> bool:
    """Return whether a tool call in one state may go to another."""
    return after in TRANSITIONS[before]


@dataclass(frozen=True, slots=True)
class Action:
    """Everything that makes one action the one that is decided, approved and executed.

    Attributes:
        call: Public id of the tool call. It makes an identical action that is proposed again
            after the first one ended another action with a key of its own, while all attempts
            of one call share one key.
        step: Id of the step it fulfils; empty for none.
        policies: Policy key to (version, digest).
    """

    call: str
    case: str
    tool: str
    tool_digest: str
    risk: str
    arguments: Mapping[str, Json]
    requester: Actor
    policies: Mapping[str, tuple[int, str]]
    step: str = ""
    cue_sheet: str = ""
    cue_sheet_version: int | None = None

    def as_json(self) -> dict[str, Json]:
        """Return the canonical action."""
        return {
            "arguments": dict(self.arguments),
            "call": self.call,
            "case": self.case,
            "cue_sheet": {"key": self.cue_sheet, "version": self.cue_sheet_version},
            "policies": {
                key: {"digest": digest, "version": version}
                for key, (version, digest) in self.policies.items()
            },
            "requester": self.requester.as_envelope(),
            "risk": self.risk,
            "step": self.step,
            "tool": self.tool,
            "tool_digest": self.tool_digest,
        }

    @property
    def digest(self) -> str:
        """Lower-case hex digest of the canonical action."""
        return canonical.digest(ACTION_DOMAIN, self.as_json())

    @property
    def effect_key(self) -> str:
        """The key sent to the system of record, the same on every attempt."""
        return effect_key(case=self.case, step=self.step, action_digest=self.digest)


def sensitive_part(spec: ToolSpec) -> dict[str, Json]:
    """Return what is written beside arguments, so that every reader masks the sensitive ones.

    Source: ``orchestra.core.redaction``, which looks for it.
    """
    return {"sensitive": list(spec.sensitive)} if spec.sensitive else {}


def effect_key(*, case: str, step: str, action_digest: str) -> str:
    """Return SHA-256 over domain, case, step and action digest, joined by LF, in hex."""
    parts = (EFFECT_DOMAIN, case.encode(), step.encode(), action_digest.encode())
    return hashlib.sha256(b"\n".join(parts)).hexdigest()


def arguments_digest(arguments: Json) -> str:
    """Return the digest by which identical arguments are found, however they were written."""
    return canonical.digest(ARGUMENTS_DOMAIN, arguments)


@dataclass(frozen=True, slots=True)
class Trouble:
    """An attempt that brought no answer.

    Attributes:
        attempt: How many attempts count by now, this one among them.
        may_retry: Whether the same request may be sent again without risk.
        effect_unknown: Whether the effect may have happened although no answer came.
        earlier_unknown: Whether that is so of an earlier attempt of the same call.
        held: Whether it was not sent because its connection was over its limit.
    """

    attempt: int
    may_retry: bool
    effect_unknown: bool
    earlier_unknown: bool = False
    held: bool = False


def after_trouble(*, spec: ToolSpec, trouble: Trouble) -> CallState:
    """Return where a call goes after an attempt that brought no answer.

    A read is repeated freely. A write is repeated if nothing can have happened, or if the
    system honours the key. A write of which something may have happened never ends as failed.
    What was held is as it was before the attempt, so it comes again, however often.

    Returns:
        ``ready`` for another attempt, ``unknown`` for a person, or ``failed``.
    """
    if trouble.held:
        return CallState.READY
    writes = spec.effect is Effect.WRITE
    unsure = writes and (trouble.effect_unknown or trouble.earlier_unknown)
    again = trouble.may_retry or trouble.effect_unknown
    safe = not unsure or spec.honours_idempotency_key
    if again and safe and trouble.attempt < spec.max_attempts:
        return CallState.READY
    return CallState.UNKNOWN if unsure else CallState.FAILED


def backoff_seconds(*, attempt: int, base_seconds: float, fraction: float) -> float:
    """Return how long to wait after an attempt: exponential, the second half of it jittered.

    Args:
        attempt: Number of the attempt that failed, from 1.
        base_seconds: Longest wait after the first attempt.
        fraction: A random number from 0 to 1, given so that this stays a function.
    """
    longest = min(MAX_BACKOFF_SECONDS, base_seconds * 2.0 ** min(attempt - 1, 30))
    return longest * (0.5 + 0.5 * fraction)


def shows_effect(*, expect: Mapping[str, Json], answer: Json) -> bool:
    """Return whether a confirming answer has every expected value in its place.

    Args:
        expect: Path into the answer to the value that must stand there; a list value means
            any one of its elements where the answer holds no list.
        answer: What the confirming read answered.
    """
    return all(
        _matches(paths.resolve(path, root=answer, reads={}), value)
        for path, value in expect.items()
    )


def _matches(found: Json, expected: Json) -> bool:
    if isinstance(expected, list) and not isinstance(found, list):
        return found in expected
    return bool(found == expected)
