"""Gathers what a handoff's bundle is made of from journeys, decisions and calls."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cases.handoff.types import BundleInputs, CompletedStep, NamedEntity, NextStep, PolicyCheck
from cases.intake.models import ClassificationRecord
from cases.intake.selectors import find_intent, flag_words_of, latest_classification
from cases.journeys.models import StepRun
from cases.journeys.selectors import list_steps
from cases.journeys.types import JourneyState, StepState
from cases.memory.models import Case
from cases.memory.selectors import find_latest_message, verification_of
from cases.memory.types import Trust
from cases.tools.models import ToolCall
from cases.tools.selectors import list_calls
from cases.tools.types import CallState, Effect
from governance.policies.selectors import record_as_value

Json = Any

_BECAME: Mapping[str, str] = {
    CallState.SUCCEEDED: "was carried out",
    CallState.FAILED: "failed",
    CallState.DENIED: "was denied and did not run",
    CallState.REJECTED: "was rejected by an approver and did not run",
    CallState.EXPIRED: "expired and did not run",
    CallState.VOIDED: "was voided and did not run",
    CallState.CANCELLED: "was taken back and did not run",
    CallState.HANDED_OFF: "went to a person and did not run",
    CallState.AWAITING_APPROVAL: "waits for an approval",
    CallState.AWAITING_VERIFICATION: "waits for the customer to be verified",
    CallState.UNKNOWN: "may or may not have happened",
}
#: Arguments that name things the next person needs.
_ENTITY_ARGUMENTS = ("order_id", "user_id", "email", "payment_method_id")
_NEXT = (StepState.REFUSED, StepState.FAILED, StepState.READY, StepState.PENDING)


@dataclass(frozen=True, slots=True)
class Suggested:
    """What the sender of a handoff says besides the facts.

    Attributes:
        by: Who says it.
    """

    next_step: str = ""
    customer_paragraph: str = ""
    by: str = ""


NOTHING_SUGGESTED = Suggested()


def inputs_of(*, case: Case, suggested: Suggested = NOTHING_SUGGESTED) -> BundleInputs:
    """Return all that is known of a locked case, for its bundle."""
    classification = latest_classification(case=case)
    steps = list(list_steps(case=case))
    calls = list(list_calls(case=case))
    standing = verification_of(case)
    done = (*_calls_done(calls, steps), *_others_done(steps))
    return BundleInputs(
        intent=_intent(classification, steps),
        customer_words=_words(case, classification),
        entities=tuple(_entities(case, classification, calls)),
        steps=tuple(sorted(done, key=lambda step: (step.at is None, step.at))),
        checks=tuple(_check(call) for call in calls),
        risk_flags=tuple(case.risk_flags),
        flag_words=flag_words_of(case=case),
        verification=str(standing.level),
        verification_method=standing.method,
        next_step=_next_step(steps, suggested),
        customer_paragraph=suggested.customer_paragraph or _paragraph(calls),
        paragraph_by=suggested.by if suggested.customer_paragraph else "",
    )


def _intent(classification: ClassificationRecord | None, steps: Sequence[StepRun]) -> str:
    if steps:
        return steps[-1].journey.version.cue_sheet.title
    found = find_intent(classification.intent) if classification else None
    return found.title if found else ""


def _words(case: Case, classification: ClassificationRecord | None) -> str:
    message = classification.message if classification else None
    message = message or find_latest_message(case=case)
    return message.text if message else ""


def _entities(
    case: Case, classification: ClassificationRecord | None, calls: Sequence[ToolCall]
) -> Iterator[NamedEntity]:
    """Yield each identifier once, the confirmed form of it before the claimed one."""
    seen: set[tuple[str, str]] = set()
    if case.customer is not None:
        standing = verification_of(case)
        confirmed = standing.trust in {Trust.TOOL_CONFIRMED, Trust.HUMAN_CONFIRMED}
        seen.add(("user_id", case.customer.ref))
        yield NamedEntity(
            kind="customer",
            value=case.customer.ref,
            source=standing.method or "first contact",
            confirmed=confirmed,
            at=standing.at or case.opened_at,
        )
    for call in calls:
        if call.state != CallState.SUCCEEDED:
            continue
        for kind in _ENTITY_ARGUMENTS:
            value = call.arguments.get(kind)
            if isinstance(value, str) and (kind, value) not in seen:
                seen.add((kind, value))
                yield NamedEntity(
                    kind,
                    value,
                    call.tool.name,
                    confirmed=True,
                    at=call.settled_at,
                    call_id=str(call.public_id),
                )
    for entity in classification.entities if classification else []:
        kind, value = str(entity.get("kind", "")), str(entity.get("value", ""))
        if value and (kind, value) not in seen:
            seen.add((kind, value))
            at = classification.at if classification else None
            yield NamedEntity(kind, value, "customer", confirmed=False, at=at)


def _calls_done(calls: Sequence[ToolCall], steps: Sequence[StepRun]) -> Iterator[CompletedStep]:
    titles = {step.tool_call_id: step.title for step in steps if step.tool_call_id is not None}
    for call in calls:
        if call.state != CallState.SUCCEEDED:
            continue
        yield CompletedStep(
            title=titles.get(call.pk) or call.effect_text or call.tool.title,
            changed=call.tool.effect == Effect.WRITE,
            tool=call.tool.name,
            confirmation=_confirmation(call),
            call_id=str(call.public_id),
            by=call.requester_label,
            at=call.settled_at,
        )


def _confirmation(call: ToolCall) -> str:
    if call.confirmed:
        return f"{call.tool.title} was carried out, and a read afterwards shows it."
    return f"{call.tool.title} answered."


def _others_done(steps: Sequence[StepRun]) -> Iterator[CompletedStep]:
    for step in steps:
        if step.state == StepState.DONE and step.tool_call_id is None:
            yield CompletedStep(title=step.title, changed=False, by=step.owner, at=step.ended_at)


def _check(call: ToolCall) -> PolicyCheck:
    record = record_as_value(call.decision)
    became = _BECAME.get(call.state, "is under way")
    if call.refused:
        became = "was refused by the system of record"
    return PolicyCheck(
        action=call.effect_text or call.tool.title,
        outcome=str(call.decision.outcome),
        reasons=tuple(record.get("reasons", ())),
        rules=tuple(record.get("rules", ())),
        became=f"{became}: {call.state_reason}" if call.state_reason else became,
        decision_id=str(call.decision.public_id),
        at=call.decision.at,
        call_id=str(call.public_id),
    )


def _next_step(steps: Sequence[StepRun], suggested: Suggested) -> NextStep | None:
    if suggested.next_step:
        return NextStep(
            title=suggested.next_step,
            why="Whoever hands the case over suggests it.",
            suggested_by=suggested.by,
        )
    newest = steps[-1].journey_id if steps else None
    ours = [step for step in steps if step.journey_id == newest and not step.optional]
    step = next((one for state in _NEXT for one in ours if one.state == state), None)
    if step is None:
        return None
    title = step.journey.version.cue_sheet.title
    why = f"It is the next open step of “{title}”."
    if step.state in {StepState.REFUSED, StepState.FAILED}:
        why = f"“{title}” stopped here: {step.ended_reason or 'it did not succeed'}"
    elif step.journey.state != JourneyState.RUNNING:
        why = f"It is where “{title}” was left."
    return NextStep(title=step.title, why=why, key=step.key)


def _paragraph(calls: Sequence[ToolCall]) -> str:
    """Return what is true of every handoff, with what was changed so far."""
    changed = [
        call.tool.title.lower()
        for call in calls
        if call.state == CallState.SUCCEEDED and call.tool.effect == Effect.WRITE
    ]
    so_far = f"So far we did this: {'; '.join(changed)}." if changed else "Nothing was changed yet."
    return (
        "A person takes over from here and sees everything you told us, so you need not repeat "
        f"it. {so_far}"
    )
