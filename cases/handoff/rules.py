"""Builds the seven-part bundle and says what it lacks; pure.

Shapes of the parts:

- intent: ``{title, customer_words}``
- entities: list of ``{kind, value, source, confirmed, call_id, at}``
- completed_steps: ``{summary, nothing_changed, steps: [{title, tool, changed, confirmation,
  call_id, by, at}]}``
- policy_checks: ``{summary, checks: [{action, outcome, reasons, rules, became, decision_id,
  call_id, at}]}``
- risk_and_verification: ``{risk_flags: [{flag, words}], verification, method, summary}``
- next_step: ``{key, title, why, suggested_by}``
- customer_paragraph: ``{text, by}``

A part that cannot be filled is null and named in ``missing``. That nothing was changed, that no
check was made and that no flag was raised are findings: they fill their part and are said.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from cases.handoff.types import (
    Bundle,
    BundleInputs,
    BundlePart,
    CompletedStep,
    HandoffState,
    Json,
    NamedEntity,
    Pass,
    PolicyCheck,
    Reason,
    Transfer,
)
from governance.access.types import Role
from orchestra.core.actors import ActorKind
from orchestra.core.canonical import digest
from orchestra.core.clock import rfc3339

DIGEST_DOMAIN = "orchestra.bundle.v1"
#: Longest paragraph to the customer, in characters.
MAX_PARAGRAPH = 2_000

_PLANNED = frozenset({Reason.STEP_NEEDS_PERSON, Reason.NO_STEP_LEFT})

_FROM = {
    "refuse": frozenset({HandoffState.OFFERED}),
    "judge": frozenset({HandoffState.ACCEPTED, HandoffState.COMPLETED}),
    "accept": frozenset({HandoffState.OFFERED}),
    "return": frozenset({HandoffState.OFFERED, HandoffState.ACCEPTED}),
    "complete": frozenset({HandoffState.ACCEPTED}),
}


def build_bundle(inputs: BundleInputs) -> Bundle:
    """Return the bundle of what is known, with the parts that could not be filled named."""
    parts: dict[BundlePart, Json] = {
        BundlePart.INTENT: _intent(inputs),
        BundlePart.ENTITIES: [_entity(entity) for entity in inputs.entities] or None,
        BundlePart.COMPLETED_STEPS: _completed(inputs.steps),
        BundlePart.POLICY_CHECKS: _checks(inputs.checks),
        BundlePart.RISK_AND_VERIFICATION: _risk(inputs),
        BundlePart.NEXT_STEP: _next_step(inputs),
        BundlePart.CUSTOMER_PARAGRAPH: _paragraph(inputs),
    }
    missing = tuple(part for part in BundlePart if parts[part] is None)
    return Bundle(parts=parts, missing=missing)


def completeness(bundle: Bundle) -> dict[BundlePart, bool]:
    """Return for each of the seven parts whether it is filled."""
    return {part: part not in bundle.missing for part in BundlePart}


def as_json(bundle: Bundle) -> dict[str, Json]:
    """Return the bundle as it is stored and digested: every part by its name, absent ones null."""
    return {str(part): bundle.parts[part] for part in BundlePart}


def bundle_digest(stored: dict[str, Json]) -> str:
    """Return the digest that says which bundle travelled.

    Args:
        stored: The value of ``as_json``.
    """
    return digest(DIGEST_DOMAIN, stored)


def is_possible(*, act: str, state: HandoffState) -> bool:
    """Whether an act on a handoff is possible as it stands.

    Args:
        act: ``accept``, ``refuse``, ``judge``, ``return`` or ``complete``.
        state: Where the handoff stands.
    """
    return state in _FROM[act]


def answers_role(*, asked: str, roles: Iterable[Role]) -> bool:
    """Whether a person with these roles is who a handoff asked for.

    Nobody in particular, or a human agent, is anyone who may take cases of the queue; a
    supervisor stands in for a specialist; every other role is asked for by itself.

    Args:
        asked: Role asked for; empty for anyone.
        roles: Roles the person holds.
    """
    if asked in {"", Role.HUMAN_AGENT}:
        return True
    held = {str(role) for role in roles}
    return asked in held or (asked == Role.SPECIALIST and Role.SUPERVISOR in held)


def reason_of(code: str) -> Reason:
    """Return the listed reason of a code; what a tool's document says otherwise is ``other``."""
    return Reason(code) if code in set(Reason) else Reason.OTHER


def transfer_of(*, reason: Reason, sender: ActorKind, is_same_queue: bool) -> Transfer:
    """Return what kind of transfer a handoff is, once somebody takes it.

    Source: the transfer types of the transfer rate. What a cue sheet planned is no escalation;
    everything else that goes from AI to people is one.

    Args:
        reason: Why.
        sender: Who handed over; a journey conducts for the AI.
        is_same_queue: Whether the case stays in its queue.
    """
    if reason in _PLANNED:
        return Transfer.PLANNED_STEP
    if sender is not ActorKind.HUMAN:
        return Transfer.ESCALATION
    return Transfer.SAME_TEAM if is_same_queue else Transfer.CROSS_TEAM


def count_passes(passes: Iterable[Pass], *, one: str, other: str) -> int:
    """Return how often a case went between two owners, in either direction."""
    pair = {one, other}
    return sum({each.giver, each.taker} == pair for each in passes)


def next_role(*, asked: str, roles: Sequence[str]) -> str:
    """Return the role that is asked once one did not answer in time; empty after the last.

    Args:
        asked: Role asked now; empty for anyone.
        roles: The queue's ordered list of who comes next.
    """
    if asked not in roles:
        return roles[0] if roles else ""
    after = list(roles).index(asked) + 1
    return roles[after] if after < len(roles) else ""


def _intent(inputs: BundleInputs) -> Json:
    title, words = inputs.intent.strip(), inputs.customer_words.strip()
    return {"title": title, "customer_words": words} if title else None


def _entity(entity: NamedEntity) -> Json:
    return {
        "kind": entity.kind,
        "value": entity.value,
        "source": entity.source,
        "confirmed": entity.confirmed,
        "call_id": entity.call_id,
        "at": _time(entity.at),
    }


def _completed(steps: tuple[CompletedStep, ...]) -> Json:
    changes = [step for step in steps if step.changed]
    return {
        "summary": _completed_summary(steps, changes),
        "nothing_changed": not changes,
        "steps": [
            {
                "title": step.title,
                "tool": step.tool,
                "changed": step.changed,
                "confirmation": step.confirmation,
                "call_id": step.call_id,
                "by": step.by,
                "at": _time(step.at),
            }
            for step in steps
        ],
    }


def _completed_summary(steps: tuple[CompletedStep, ...], changes: list[CompletedStep]) -> str:
    if not steps:
        return "Nothing was done yet, and nothing was changed."
    if not changes:
        return f"{_count(len(steps), 'step')} done; nothing was changed in any system."
    open_ends = sum(not step.confirmation for step in changes)
    told = f"{_count(len(steps), 'step')} done, of which {len(changes)} changed something."
    if open_ends:
        return f"{told} {_count(open_ends, 'change')} not confirmed by a tool."
    return told


def _checks(checks: tuple[PolicyCheck, ...]) -> Json:
    refused = sum(check.outcome == "deny" for check in checks)
    summary = (
        f"{_count(len(checks), 'check')} made, {refused} refused."
        if checks
        else "No policy check was made: nothing was proposed."
    )
    return {
        "summary": summary,
        "checks": [
            {
                "action": check.action,
                "outcome": check.outcome,
                "reasons": list(check.reasons),
                "rules": list(check.rules),
                "became": check.became,
                "decision_id": check.decision_id,
                "call_id": check.call_id,
                "at": _time(check.at),
            }
            for check in checks
        ],
    }


def _risk(inputs: BundleInputs) -> Json:
    if not inputs.verification:
        return None
    known = inputs.verification in {"basic", "strong"}
    status = (
        f"Customer verified, {inputs.verification}"
        + (f": {inputs.verification_method}." if inputs.verification_method else ".")
        if known
        else {
            "claimed": "Customer not verified: an AI agent says so, nothing confirms it.",
            "none": "Customer not verified.",
        }.get(inputs.verification, f"Customer verification: {inputs.verification}.")
    )
    flags = ", ".join(flag.replace("_", " ") for flag in inputs.risk_flags)
    return {
        "risk_flags": [
            {"flag": flag, "words": list(inputs.flag_words.get(flag, ()))}
            for flag in inputs.risk_flags
        ],
        "verification": inputs.verification,
        "method": inputs.verification_method,
        "summary": f"{status} " + (f"Risk flags: {flags}." if flags else "No risk flag."),
    }


def _next_step(inputs: BundleInputs) -> Json:
    step = inputs.next_step
    if step is None or not step.title.strip() or not step.why.strip():
        return None
    return {
        "key": step.key,
        "title": step.title.strip(),
        "why": step.why.strip(),
        "suggested_by": step.suggested_by,
    }


def _paragraph(inputs: BundleInputs) -> Json:
    text = " ".join(inputs.customer_paragraph.split())
    return {"text": text, "by": inputs.paragraph_by} if text else None


def _time(at: datetime | None) -> str:
    return rfc3339(at) if at else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
