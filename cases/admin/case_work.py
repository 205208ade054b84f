"""What a person may do on a case as it stands: propose, hand on, wrap up."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from cases.journeys.models import StepRun
from cases.journeys.types import StepState
from cases.memory import rules as memory_rules
from cases.memory.models import Case
from cases.memory.types import CaseAct, CaseStatus
from cases.tools import selectors as tools
from governance.access.types import Capability
from governance.admin.visit import Visit

_OVER = frozenset({StepState.DONE, StepState.SKIPPED, StepState.CANCELLED})


def describe_work(*, case: Case, steps: Iterable[StepRun], visit: Visit) -> dict[str, Any]:
    """Return the acts that are open to a person here; an empty value offers nothing.

    Args:
        case: The case.
        steps: Its steps over all journeys.
        visit: Who looks.
    """
    status = CaseStatus(case.status)

    def may(capability: Capability, act: CaseAct) -> bool:
        in_time = memory_rules.is_possible(act=act, status=status)
        return in_time and visit.may(capability, case.queue_id)

    proposes = may(Capability.TOOL_PROPOSE, CaseAct.VERIFY)
    return {
        "tools": _tools(case, steps) if proposes else [],
        "propose_link": _link("propose", case) if proposes else "",
        "hand_on_link": _link("hand_on", case)
        if may(Capability.HANDOFF_OFFER, CaseAct.HOLD)
        else "",
        "talks": may(Capability.CASE_WORK, CaseAct.TALK),
        "resolve_link": _link("case_resolve", case)
        if may(Capability.CASE_WORK, CaseAct.RESOLVE)
        else "",
        "close_link": _link("case_close", case)
        if may(Capability.CASE_CLOSE, CaseAct.CLOSE)
        else "",
        "reopen_link": _link("case_reopen", case)
        if may(Capability.CASE_WORK, CaseAct.REOPEN)
        else "",
    }


def _tools(case: Case, steps: Iterable[StepRun]) -> list[dict[str, str]]:
    """Return the tools that the unfinished steps name, in their order, once each."""
    open_steps = [step for step in steps if step.state not in _OVER]
    names = list(dict.fromkeys(name for step in open_steps for name in step.tools))
    rows = tools.tools_by_name(names)
    titles: dict[str, str] = {}
    for step in open_steps:
        for name in step.tools:
            titles.setdefault(name, step.title)
    return [
        {
            "title": rows[name].title,
            "step": titles[name],
            "risk": rows[name].risk,
            "link": reverse("admin:propose_tool", args=[case.public_id, name]) + "?again=1",
        }
        for name in names
        if name in rows and rows[name].enabled
    ]


def _link(name: str, case: Case) -> str:
    return reverse(f"admin:{name}", args=[case.public_id])
