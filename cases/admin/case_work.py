"""What a person may do on a case as it stands: propose, hand on, wrap up."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse

from cases.journeys.models import StepRun
from cases.journeys.types import StepState
from cases.memory import rules as memory_rules
from cases.memory.models import Case
from cases.memory.types import CaseAct, CaseStatus
from cases.tools.models import ToolDefinition
from governance.access.types import Capability
from governance.admin.visit import Visit

_OVER = frozenset({StepState.DONE, StepState.SKIPPED, StepState.CANCELLED})


def names_wanted(case: Case, steps: Iterable[StepRun], visit: Visit) -> list[str]:
    """Return the tools that the unfinished steps of a case name, where a person may use them."""
    return _names(_open_steps(steps)) if _may_propose(case, visit) else []


def describe_work(
    *,
    case: Case,
    steps: Iterable[StepRun],
    known: Mapping[str, ToolDefinition],
    visit: Visit,
) -> dict[str, Any]:
    """Return the acts that are open to a person here; an empty value offers nothing.

    Args:
        case: The case.
        steps: Its steps over all journeys.
        known: The tools of ``names_wanted`` by name; unknown ones are absent.
        visit: Who looks.
    """

    def may(capability: Capability, act: CaseAct) -> bool:
        return _may(case, visit, capability, act)

    proposes = _may_propose(case, visit)
    return {
        "tools": _tools(case, steps, known) if proposes else [],
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


def _may(case: Case, visit: Visit, capability: Capability, act: CaseAct) -> bool:
    in_time = memory_rules.is_possible(act=act, status=CaseStatus(case.status))
    return in_time and visit.may(capability, case.queue_id)


def _may_propose(case: Case, visit: Visit) -> bool:
    return _may(case, visit, Capability.TOOL_PROPOSE, CaseAct.VERIFY)


def _open_steps(steps: Iterable[StepRun]) -> list[StepRun]:
    return [step for step in steps if step.state not in _OVER]


def _names(steps: Iterable[StepRun]) -> list[str]:
    return list(dict.fromkeys(name for step in steps for name in step.tools))


def _tools(
    case: Case, steps: Iterable[StepRun], rows: Mapping[str, ToolDefinition]
) -> list[dict[str, str]]:
    """Return the tools that the unfinished steps name, in their order, once each."""
    open_steps = _open_steps(steps)
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
        for name in _names(open_steps)
        if name in rows and rows[name].enabled
    ]


def _link(name: str, case: Case) -> str:
    return reverse(f"admin:{name}", args=[case.public_id])
