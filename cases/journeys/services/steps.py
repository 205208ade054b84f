"""Finish a step that is no tool call."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from cases.journeys.models import StepRun
from cases.journeys.runner import Running, load_running, move_step
from cases.journeys.selectors import get_step, list_waiting_steps, may_fulfil, spec_of, step_spec
from cases.journeys.services.conducting import conduct
from cases.journeys.skilled import lacked_by
from cases.journeys.types import DoesKind, JourneyState, StepState
from cases.memory.models import Case
from cases.memory.rules import citation_errors, is_uuid
from cases.memory.selectors import cited_ids, lock_case
from cases.tools.gather import cite, customer_confirmed
from governance.access.selectors import authority_of, require
from governance.access.types import Authority, Capability
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.canonical import check_text
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError, NotPermittedError

#: The check that asks for the customer's recorded yes.
CUSTOMER_CONFIRMED = "customer_confirmed"
_LONGEST_NOTE = 500


@one_act()
def complete_step(
    *,
    actor: Actor,
    now: datetime,
    case: Case,
    step: str,
    evidence: Sequence[str] = (),
    note: str = "",
) -> StepRun:
    """Finish a message, check, sign-off or classification that is ready.

    Args:
        actor: Who did it: the step's owner, or a person in place of the AI.
        now: When.
        case: The case.
        step: Its id, or its key.
        evidence: Public ids of messages and evidence of the case that show it.
        note: What was done, in at most 500 characters.

    Raises:
        NotFoundError: The case has no such step.
        NotPermittedError: It is not the actor's to do.
        ConflictError: It is not ready.
        InvalidInputError: It is done by a tool call, or the evidence is not of this case.
    """
    row = lock_case(case.public_id)
    authority = authority_of(actor)
    require(authority=authority, capability=Capability.CASE_WORK, queue_id=row.queue_id)
    found = get_step(case=row, step=step)
    _check_step(authority, found)
    _check_input(row, evidence, note)
    done = _finish(actor, now, row, found, evidence, note, load_running(case=row))
    done.journey = found.journey
    return done


def fulfil_checks(
    *,
    authority: Authority,
    now: datetime,
    case: Case,
    tool: str,
    evidence: Sequence[str],
) -> list[StepRun]:
    """Finish the confirmation that a proposal's cited evidence shows, in one transaction.

    An agent that lists the details, gets the yes and cites both has done the check; it need
    not say so a second time. Evidence that is no id is left to the proposal to refuse.

    Args:
        authority: What the proposer holds.
        now: When.
        case: The case.
        tool: Name of the proposed tool.
        evidence: What the proposal cites.

    Returns:
        The case's ready and pending steps as they stand afterwards.
    """
    waiting = list_waiting_steps(case=case)
    ids = [one for one in evidence if is_uuid(one)]
    if not ids or not _checks_before(waiting, tool):
        return waiting
    if not customer_confirmed(cite(case=case, evidence=ids)):
        return waiting
    with one_act():
        row = lock_case(case.public_id)
        journeys = load_running(case=row)
        steps = [step for one in journeys for step in one.steps]
        checks = [
            one for one in _checks_before(steps, tool) if may_fulfil(authority=authority, step=one)
        ]
        lacking = lacked_by(authority=authority, steps=checks)
        checks = [one for one in checks if one.pk not in lacking]
        if checks:
            _finish(authority.actor, now, row, checks[0], ids, "", journeys)
    return [
        one
        for one in steps
        if one.state in {StepState.READY, StepState.PENDING}
        and one.journey.state == JourneyState.RUNNING
    ]


def _checks_before(waiting: Sequence[StepRun], tool: str) -> list[StepRun]:
    """Return the ready confirmations that stand before a pending step of a tool."""
    found = []
    for step in waiting:
        if step.state != StepState.READY or step.does != DoesKind.CHECK:
            continue
        spec = spec_of(step.journey.version)
        pending = {
            row.key
            for row in waiting
            if row.journey_id == step.journey_id
            and row.state == StepState.PENDING
            and tool in row.tools
        }
        stands_before = any(step.key in one.after for one in spec.steps if one.key in pending)
        if stands_before and step_spec(step=step, spec=spec).target == CUSTOMER_CONFIRMED:
            found.append(step)
    return found


def _finish(
    actor: Actor,
    now: datetime,
    case: Case,
    step: StepRun,
    evidence: Sequence[str],
    note: str,
    journeys: list[Running],
) -> StepRun:
    """Mark a ready step of a locked case as done, and go on."""
    running = next(one for one in journeys if one.journey.pk == step.journey_id)
    own = running.step(step.key)
    move_step(
        running=running,
        step=own,
        to=StepState.DONE,
        now=now,
        actor=actor,
        reason=note,
        payload={"evidence": list(evidence)},
    )
    conduct(case=case, now=now, journeys=journeys)
    return own


def require_skilled(authority: Authority, step: StepRun) -> None:
    """Refuse a person who lacks a skill that a step asks for; a supervisor stands in.

    Raises:
        NotPermittedError: ``data`` names the skills by key.
    """
    lacks = lacked_by(authority=authority, steps=[step]).get(step.pk, [])
    if lacks:
        raise NotPermittedError(
            _("This step asks for %(skills)s, which you are not noted for.")
            % {"skills": ", ".join(skill.title for skill in lacks)},
            code="not_permitted.skill",
            data={"skills": [skill.key for skill in lacks]},
        )


def _check_step(authority: Authority, step: StepRun) -> None:
    if not may_fulfil(authority=authority, step=step):
        raise NotPermittedError(
            _("This step belongs to %(owner)s.") % {"owner": step.owner},
            code="not_permitted.step_owner",
            data={"owner": step.owner},
        )
    require_skilled(authority, step)
    if step.does == DoesKind.TOOL:
        message = _("This step is done by a tool call; propose one of %(tools)s.") % {
            "tools": ", ".join(step.tools)
        }
        raise InvalidInputError(
            message, code="step.needs_tool", errors=[FieldError("step", "tool", message)]
        )
    if step.state != StepState.READY or step.journey.state != JourneyState.RUNNING:
        raise ConflictError(
            _("This step is %(state)s, not ready.") % {"state": step.state},
            code="conflict.step_not_ready",
            data={"state": step.state},
        )


def _check_input(case: Case, evidence: Sequence[str], note: str) -> None:
    check_text(note, "note")
    errors = []
    if len(note) > _LONGEST_NOTE:
        errors.append(FieldError("note", "too_long", f"has over {_LONGEST_NOTE} characters"))
    errors += citation_errors(cited=evidence, known=cited_ids(case=case, cited=evidence))
    if errors:
        raise InvalidInputError(_("The step cannot be finished so."), errors=errors)
