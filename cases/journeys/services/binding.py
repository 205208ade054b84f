"""Propose a step whose arguments are bound to facts, as the system."""

from datetime import datetime

from cases.journeys.models import StepRun
from cases.journeys.runner import CONDUCTOR
from cases.journeys.selectors import facts_of, spec_of, step_spec, unproposed
from cases.journeys.services.proposing import context_of
from cases.journeys.types import JourneyState
from cases.tools import services as tools
from cases.tools.models import ToolCall
from cases.tools.selectors import get_tool
from governance.access.selectors import authority_of


def propose_bound_step(*, step_pk: int, now: datetime) -> ToolCall | None:
    """Propose a running step that the engine filled in; harmless for any other.

    It meets the same decision as everybody's proposal. Must not be called inside a
    transaction.

    Args:
        step_pk: Internal key of the step, as tasks name it.
        now: When.

    Returns:
        The call, or None where there is nothing to propose any more.
    """
    step = (
        StepRun.objects.select_related(
            "journey__case__queue", "journey__case__customer", "journey__version__cue_sheet"
        )
        .filter(unproposed(), pk=step_pk, journey__state=JourneyState.RUNNING)
        .first()
    )
    if step is None:
        return None
    case = step.journey.case
    spec = spec_of(step.journey.version)
    cue = step_spec(step=step, spec=spec)
    steps = list(StepRun.objects.filter(journey=step.journey))
    facts = facts_of(case=case, spec=spec, steps=steps)
    return tools.propose(
        authority=authority_of(CONDUCTOR),
        now=now,
        proposal=tools.Proposal(
            case=case,
            tool=get_tool(name=cue.target),
            arguments={name: facts.get(fact) for name, fact in cue.bind.items()},
            rationale=step.title,
            step=context_of(step),
        ),
    )
