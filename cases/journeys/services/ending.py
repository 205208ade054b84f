"""Resolve, close and reopen a case, as far as its journeys let it."""

from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from cases.handoff.drafting import after_contact, share_kept
from cases.journeys.closing import Gap, Written, gaps_of
from cases.journeys.engine import is_complete
from cases.journeys.models import Journey
from cases.journeys.runner import Running, load
from cases.journeys.selectors import facts_of, list_journeys, state_of
from cases.journeys.types import JourneyState, StepState
from cases.memory import services as memory
from cases.memory.models import Case
from cases.memory.selectors import last_said_at, list_evidence, lock_case
from cases.memory.told import last_told_at
from cases.memory.types import Disposition, VerificationLevel
from cases.tools.models import ToolCall
from cases.tools.selectors import spec_of_call
from cases.tools.types import CallState, Effect
from governance.ledger.services import one_act
from governance.reviews.types import RiskLevel
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError


def resolve(
    *,
    actor: Actor,
    now: datetime,
    case: Case,
    outcome: str,
    confirmed: bool,
    disposition: Disposition | None = None,
    draft: str = "",
) -> Case:
    """Say how a case ended, and whether the customer confirmed it or it is assumed.

    For a person the time since the last word is recorded as after-contact work, and how much
    of the drafted summary they kept.

    Args:
        actor: Who says so.
        now: When.
        case: The case.
        outcome: How it ended, in 1 to 300 characters.
        confirmed: Whether the customer confirmed it.
        disposition: What became of the matter, in a word that is counted; None where nobody said.
        draft: The summary that was drafted for the person; empty where there was none.
    """
    return memory.resolve_case(
        actor=actor,
        now=now,
        case=case,
        outcome=outcome,
        confirmed=confirmed,
        disposition=disposition,
        work=_work(case, now, outcome, draft) if actor.is_human else None,
    )


def _work(case: Case, now: datetime, outcome: str, draft: str) -> dict[str, object]:
    spent = after_contact(last_said_at=last_said_at(case=case), now=now)
    work: dict[str, object] = {"draft_offered": bool(draft)}
    kept = share_kept(draft=draft, sent=outcome)
    if kept is not None:
        work |= {"draft_share": kept, "draft_accepted": draft.split() == outcome.split()}
    if spent is not None:
        work |= {"after_contact_seconds": spent[0], "after_contact_capped": spent[1]}
    return work


@one_act()
def close(*, actor: Actor, now: datetime, case: Case) -> Case:
    """Close a resolved case whose journeys are verifiably complete and signed off.

    A journey that was handed off is the person's who took it, and who closes the case with
    it; an AI agent does not.

    Raises:
        ConflictError: A journey's completion does not hold, a person's sign-off is missing, or
            what a change of high risk needs as evidence is; the message says where to add it.
        NotPermittedError: The actor may not close cases here.
    """
    row = lock_case(case.public_id)
    for journey in list_journeys(case=row):
        _check_closable(actor, load(case=row, journey_pk=journey.pk), journey)
    gaps = find_gaps(case=row)
    if gaps:
        raise ConflictError(
            _("Before it can be closed: %(what)s") % {"what": " ".join(gap.says for gap in gaps)},
            code="conflict.evidence_missing",
            data={"missing": [{"code": gap.code, "place": gap.place} for gap in gaps]},
        )
    return memory.close_case(actor=actor, now=now, case=row)


def find_gaps(*, case: Case) -> list[Gap]:
    """Return the evidence that changes of high risk ask for and the case lacks: four queries.

    What a person added to the case as evidence counts for every call that names nothing.
    """
    calls = ToolCall.objects.filter(
        case=case, state=CallState.SUCCEEDED, tool__effect=Effect.WRITE, refused=False
    ).select_related("tool__connection")
    written = [
        Written(
            title=call.tool.title,
            risk=RiskLevel(call.tool.risk) if call.tool.risk else None,
            cites=len(call.evidence),
            at=call.settled_at or call.created_at,
            has_check=spec_of_call(call).confirm is not None,
            confirmed=call.confirmed,
        )
        for call in calls
    ]
    if not any(one.is_strict for one in written):
        return []
    attached = list_evidence(case=case).count()
    return gaps_of(
        written=[replace(one, cites=one.cites + attached) for one in written],
        verification=VerificationLevel(case.verification),
        told_at=last_told_at(case=case),
    )


def _check_closable(actor: Actor, running: Running, journey: Journey) -> None:
    title = journey.version.cue_sheet.title
    if journey.state == JourneyState.CANCELLED:
        return
    if journey.state == JourneyState.HANDED_OFF:
        if actor.is_agent:
            raise ConflictError(
                _("%(title)s was handed to a person, who closes the case.") % {"title": title},
                code="conflict.handed_off",
            )
        return
    facts = facts_of(case=running.case, spec=running.spec, steps=running.steps)
    state = state_of(journey=journey, steps=running.steps, facts=facts)
    if not is_complete(state, running.spec):
        raise ConflictError(
            _("%(title)s is not complete: %(says)s")
            % {"title": title, "says": running.spec.completion},
            code="conflict.not_complete",
            data={"journey": str(journey.public_id)},
        )
    unsigned = [
        step
        for step in running.steps
        if step.does == "sign_off" and step.state not in {StepState.DONE, StepState.SKIPPED}
    ]
    if unsigned:
        raise ConflictError(
            _("%(step)s waits for %(owner)s.")
            % {"step": unsigned[0].title, "owner": unsigned[0].owner},
            code="conflict.sign_off_missing",
            data={"step": str(unsigned[0].public_id)},
        )


def reopen(*, actor: Actor, now: datetime, case: Case, reason: str) -> Case:
    """Open a resolved or closed case again."""
    return memory.reopen_case(actor=actor, now=now, case=case, reason=reason)
