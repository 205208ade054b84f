"""Run a case again on its record."""

from cases.journeys.engine import plan
from cases.journeys.rerun import rerun
from cases.journeys.rerun_world import Rerun, Rules
from cases.memory.models import Case
from cases.memory.selectors import read_entries
from cases.playback.selectors import facts_by_decision, plans_of, tools_of


def rerun_case(*, case: Case, rules: Rules = plan) -> Rerun:
    """Run a case again on what was recorded: four queries, nothing executed, nothing written.

    Args:
        case: The case.
        rules: The engine's rules; those that run now.
    """
    entries = read_entries(case=case)
    return rerun(
        entries,
        plans=plans_of(entries),
        tools=tools_of(entries),
        decided=facts_by_decision(entries),
        rules=rules,
    )
