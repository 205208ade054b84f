"""What an approver is shown of one action, as one JSON value; pure.

The value is stored when the approval is asked for and its digest is carried by every vote, so it
is complete, unmasked, untranslated, and every time in it is absolute. Pages render it; live
context is shown beside it, never in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cases.tools.evidence import CLAIMED, CONFIRMED, UNKNOWN, EvidenceLine, fact_lines
from cases.tools.registry import BeforeAfterRow, EffectText, Flow, Grounds
from cases.tools.rules import Action, sensitive_part
from cases.tools.types import Json, Reads, ToolSpec
from governance.policies.types import Decision, FactSet, FiredRow
from orchestra.core.actors import Actor
from orchestra.core.clock import rfc3339

NOT_DECLARED = "not declared"

_RECHECKED = ("policy", "limits", "eligibility of the voters", "facts", "arguments", "tool")


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One utterance of the conversation up to now."""

    id: str
    speaker: str
    author: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Voting:
    """What the votes have to be: how many, by whom, until when.

    Attributes:
        execute_within_minutes: How long a grant holds.
    """

    votes: int
    roles: tuple[str, ...]
    distinct_roles: bool
    step_up: bool
    deadline_at: datetime
    execute_within_minutes: int


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, in whose name, and why.

    Attributes:
        owner: Name of the person who owns the requesting AI agent; empty for others.
        acts_for: Name of the person it acts for; empty for none.
    """

    actor: Actor
    owner: str = ""
    acts_for: str = ""
    rationale: str = ""
    confidence: float | None = None
    margin: float | None = None


@dataclass(frozen=True, slots=True)
class EditLine:
    """That a person edited what was asked for, and what it was before.

    Attributes:
        instead_of: What the call before would have done, in one sentence.
        arguments: Its arguments.
        parent: Its public id.
    """

    editor: str
    editor_id: str
    at: datetime
    reason: str
    instead_of: str
    arguments: Mapping[str, Json]
    parent: str


@dataclass(frozen=True, slots=True)
class ViewInputs:
    """Everything a view is built from.

    Attributes:
        case_label: Name people use, such as C-12.
        effect: None where the tool does not declare one.
        before_after: None where the tool does not declare it.
        grounds: What the tool says the action rests on, and what is easily overlooked.
        evidence: Lines beyond the facts: cited words, attached evidence, the verification.
        edit: Who edited it and what it was before; None for what nobody edited.
    """

    case_label: str
    channel: str
    queue: str
    action: Action
    spec: ToolSpec
    decision: Decision
    facts: FactSet
    reads: Reads
    asking: Asking
    voting: Voting
    now: datetime
    effect: EffectText | None = None
    before_after: tuple[BeforeAfterRow, ...] | None = None
    grounds: Grounds = field(default_factory=Grounds)
    evidence: tuple[EvidenceLine, ...] = ()
    messages: tuple[MessageLine, ...] = ()
    customer_paragraph: str = ""
    off_plan: bool = False
    step_title: str = ""
    cue_sheet_title: str = ""
    amounts: Mapping[str, Json] = field(default_factory=dict)
    edit: EditLine | None = None


def build_view(inputs: ViewInputs) -> dict[str, Json]:
    """Return the view of one action as JSON."""
    return {
        **({"edit": _edit(inputs.edit, inputs.spec)} if inputs.edit else {}),
        "action_digest": inputs.action.digest,
        "before_after": _before_after(inputs),
        "call": {
            "arguments": dict(inputs.action.arguments),
            "effect": str(inputs.spec.effect),
            "id": inputs.action.call,
            "risk": inputs.action.risk,
            **sensitive_part(inputs.spec),
            "title": inputs.spec.title,
            "tool": inputs.action.tool,
        },
        "case": {
            "channel": inputs.channel,
            "id": inputs.action.case,
            "label": inputs.case_label,
            "queue": inputs.queue,
        },
        "conversation": [_message(line) for line in inputs.messages],
        "customer_paragraph": {"text": inputs.customer_paragraph, "trust": CLAIMED},
        "effect": _effect(inputs),
        "evidence": [_line(line) for line in _evidence(inputs)],
        "look_twice": [{"text": each.text, "title": each.title} for each in inputs.grounds.doubts],
        "money": {
            "amount_minor": inputs.amounts.get("amount_minor"),
            "currency": inputs.amounts.get("currency", ""),
            "direction": str(inputs.effect.money if inputs.effect else Flow.UNSAID),
        },
        "requested_at": rfc3339(inputs.now),
        "requester": _requester(inputs.asking),
        "rows": _rows(inputs.decision),
        "scope": _scope(inputs),
    }


def _edit(edit: EditLine, spec: ToolSpec) -> dict[str, Json]:
    return {
        "arguments": dict(edit.arguments),
        **sensitive_part(spec),
        "at": rfc3339(edit.at),
        "by": {"id": edit.editor_id, "label": edit.editor},
        "instead_of": edit.instead_of,
        "parent": edit.parent,
        "reason": edit.reason,
    }


def _effect(inputs: ViewInputs) -> dict[str, Json]:
    effect = inputs.effect
    if effect is None:
        return {
            "closes_off": "",
            "declared": False,
            "detail": "",
            "sentence": f"{inputs.spec.title} ({NOT_DECLARED})",
            "title": inputs.spec.title,
        }
    return {
        "closes_off": effect.closes_off,
        "declared": True,
        "detail": effect.detail,
        "sentence": effect.sentence,
        "title": effect.title,
    }


def _before_after(inputs: ViewInputs) -> dict[str, Json]:
    if inputs.before_after is None:
        return {"declared": False, "note": NOT_DECLARED, "rows": []}
    return {
        "declared": True,
        "note": "",
        "rows": [
            {"after": row.after, "label": row.label, "now": row.now} for row in inputs.before_after
        ],
    }


def _rows(decision: Decision) -> dict[str, Json]:
    return {
        "engine": decision.engine,
        "fired": [_fired(row) for row in decision.fired],
        "outcome": str(decision.outcome),
        "policies": {
            key: {"digest": digest, "version": version}
            for key, (version, digest) in decision.policies.items()
        },
        "reasons": list(decision.reasons),
        "silent": list(decision.silent),
        "total": len(decision.fired) + len(decision.silent),
    }


def _fired(row: FiredRow) -> dict[str, Json]:
    return {
        "outcome": str(row.outcome),
        "policy": row.policy,
        "reason": row.reason,
        "rule": row.rule,
        "saw": dict(row.saw),
        "title": row.title,
        "unknown": list(row.unknown),
        "version": row.version,
    }


def _evidence(inputs: ViewInputs) -> list[EvidenceLine]:
    """Return all lines, what nobody knows last, so that absence stands together."""
    facts = fact_lines(
        spec=inputs.spec, facts=inputs.facts, reads=inputs.reads, grounds=inputs.grounds
    )
    lines = [*facts, *inputs.evidence]
    return sorted(lines, key=lambda line: (CONFIRMED, CLAIMED, UNKNOWN).index(line.trust))


def _line(line: EvidenceLine) -> dict[str, Json]:
    return {
        "at": rfc3339(line.at) if line.at else None,
        "source": line.source,
        "text": line.text,
        "trust": line.trust,
    }


def _message(line: MessageLine) -> dict[str, Json]:
    return {
        "at": rfc3339(line.at),
        "author": line.author,
        "id": line.id,
        "speaker": line.speaker,
        "text": line.text,
    }


def _requester(asking: Asking) -> dict[str, Json]:
    return {
        "acts_for": asking.acts_for,
        "confidence": asking.confidence,
        "id": asking.actor.id,
        "kind": str(asking.actor.kind),
        "label": asking.actor.label,
        "margin": asking.margin,
        "owner": asking.owner,
        "rationale": asking.rationale,
    }


def _scope(inputs: ViewInputs) -> dict[str, Json]:
    voting, action = inputs.voting, inputs.action
    undo = inputs.spec.reversed_by
    return {
        "authorises": "this one action, once",
        "cue_sheet": {
            "key": action.cue_sheet,
            "title": inputs.cue_sheet_title or action.cue_sheet,
            "version": action.cue_sheet_version,
        },
        "decide_by": rfc3339(voting.deadline_at),
        "distinct_roles": voting.distinct_roles,
        "execute_within_minutes": voting.execute_within_minutes,
        "off_plan": inputs.off_plan,
        "rechecked": list(_RECHECKED),
        "roles": list(voting.roles),
        "step": {"id": action.step, "title": inputs.step_title},
        "step_up": voting.step_up,
        "to_undo": undo or "no reversing tool is declared",
        "votes": voting.votes,
    }
