"""Connects the rooms that must report upward; called once at start-up."""

from datetime import datetime
from importlib import import_module

from cases.handoff import consults, telling
from cases.intake.governed import CLASSIFIER_KIND, TABLE_OF_PRIORITIES
from cases.intake.selectors import DOCUMENT_KIND as CLASSIFIERS
from cases.intake.selectors import TABLE_KIND
from cases.intake.services.classifying import SUGGEST_TASK
from cases.intake.services.learning import TRAIN_TASK
from cases.journeys import seen
from cases.journeys import services as journeys
from cases.journeys import telling as missed
from cases.journeys.governed import CUE_SHEET_GRANTS, CUE_SHEET_KIND
from cases.journeys.models import CueSheet
from cases.journeys.registry import HEARD_TASK, first_publications
from cases.journeys.runner import PROPOSE_TASK
from cases.journeys.selectors import DOCUMENT_KIND as CUE_SHEETS
from cases.journeys.services.reversing import REVERSE_TASK
from cases.journeys.services.verifying import RESUME_TASK
from cases.journeys.tool_uses import TOOL_USERS
from cases.memory import selectors as memory
from cases.memory.disclosure_report import DISCLOSURE
from cases.memory.keeping import CLASSES, CaseRefs
from cases.memory.subjects import CaseSubjects, still_open
from cases.readiness.services import refuse_another
from cases.reconciliation.metrics import collect_completeness
from cases.tools import registry as tools
from cases.tools.adapters.http import HttpAdapter
from cases.tools.adapters.mcp import McpAdapter
from cases.tools.adapters.provider import facts as provider
from cases.tools.adapters.retail import catalogue, comparison, derived, grounds, language
from cases.tools.adapters.simulated import SimulatedAdapter
from cases.tools.asked import count_use, describe_calls, list_edited, list_undone
from cases.tools.at_work import collect_at_work
from cases.tools.governed import TOOL_KIND
from cases.tools.holders import unsettled
from cases.tools.metrics import collect_calls
from cases.tools.models import ToolDefinition
from cases.tools.selectors import DOCUMENT_KIND as TOOLS
from cases.tools.selectors import spec_of
from cases.tools.services import lock_for_approval
from cases.tools.services.entering import EXECUTE_TASK
from cases.tools.services.reaffirming import REAFFIRM_TASK, policy_published
from cases.tools.services.settling import SUBJECT
from cases.tools.services.sweeping import SWEEP_TASK
from cases.tools.types import ConnectionKind
from governance.access.registry import document_grants
from governance.access.use import agent_use
from governance.approvals.registry import (
    DecidedHandler,
    EditSource,
    ReversalSource,
    edits,
    handlers,
    reversals,
)
from governance.evidence.registry import readable_cases, register_standing
from governance.knowledge.registry import subjects as used_by
from governance.ledger.registry import joined_streams, register_kinds
from governance.notifications import registry as notices
from governance.policies.catalogue import register_facts
from governance.policies.registry import published, subjects, tool_facts, tool_names, tool_risks
from governance.privacy.registry import holders, obstacles
from governance.privacy.registry import subjects as personal_data
from governance.retention.registry import cases as case_source
from governance.retention.registry import classes as kept_classes
from governance.reviews.registry import documents
from governance.reviews.types import RiskLevel
from governance.switches import registry as switches
from governance.switches.types import StopScope, Target
from orchestra.core.dispatch import enqueue, task_names
from orchestra.core.metrics import collectors
from orchestra.core.together import Reading, read

#: Rooms that write entries; each has its kinds in ``entries.KINDS``.
ROOMS = (
    "memory",
    "intake",
    "tools",
    "handoff",
    "journeys",
    "packs",
    "reconciliation",
    "channels",
    "readiness",
    "assist",
)
#: Rooms that hold personal data of customers; each has its tables in ``holders.HOLDERS``.
HOLDING = ("memory", "intake", "tools", "handoff", "journeys", "reconciliation", "assist")
#: Tasks that services ring for.
TASKS = (
    EXECUTE_TASK,
    HEARD_TASK,
    PROPOSE_TASK,
    REAFFIRM_TASK,
    RESUME_TASK,
    REVERSE_TASK,
    SUGGEST_TASK,
    SWEEP_TASK,
    TRAIN_TASK,
)
_JOURNEYS = "journeys"

_HTTP = HttpAdapter()
_MCP = McpAdapter()
_SIMULATED = SimulatedAdapter()
_DECIDED = DecidedHandler(lock=lock_for_approval, decided=journeys.approval_decided)
_SUBJECTS = CaseSubjects()
_CASE_REFS = CaseRefs()
_UNDONE = ReversalSource(find=list_undone)
_EDITED = EditSource(find=list_edited)


def connect() -> None:
    """Register what each room needs of the others; a second call changes nothing."""
    for room in ROOMS:
        register_kinds(*import_module(f"cases.{room}.entries").KINDS)
    for name in TASKS:
        task_names.register(name, name)
    _connect_adapters()
    tools.proposed.register(_JOURNEYS, journeys.call_proposed)
    tools.settled.register(_JOURNEYS, journeys.call_settled)
    tools.handed_off.register(_JOURNEYS, journeys.call_handed_off)
    handlers.register(SUBJECT, _DECIDED)
    reversals.register("tools", _UNDONE)
    edits.register("tools", _EDITED)
    _connect_personal_data()
    agent_use.register("tools", count_use)
    _connect_documents()
    tools.users.register(_JOURNEYS, TOOL_USERS)
    tool_names.register("cases", _tool_names)
    tool_facts.register("cases", _tool_facts)
    published.register("tools", policy_published)
    tool_risks.register("cases", _tool_risks)
    subjects.register("cases", describe_calls)
    for kind, subject in seen.SUBJECTS.items():
        used_by.register(kind, subject)
    for kind, rule in {**telling.RULES, **missed.RULES}.items():
        notices.rules.register(kind, rule)
    register_standing(DISCLOSURE)
    readable_cases.register("cases", memory.readable_ids)
    joined_streams.register("cases", memory.reading_streams)
    notices.still_open.register(telling.SUBJECT, telling.is_open)
    notices.still_open.register(consults.SUBJECT, consults.is_open)
    notices.still_open.register(missed.SUBJECT, missed.is_open)
    _connect_metrics()
    _connect_stops()
    _connect_packs()


def _connect_documents() -> None:
    """Register the kinds of documents that go through review here."""
    documents.register(CLASSIFIERS, CLASSIFIER_KIND)
    documents.register(CUE_SHEETS, CUE_SHEET_KIND)
    documents.register(TABLE_KIND, TABLE_OF_PRIORITIES)
    documents.register(TOOLS, TOOL_KIND)
    document_grants.register(CUE_SHEETS, CUE_SHEET_GRANTS)
    first_publications.register("readiness", refuse_another)


def _connect_adapters() -> None:
    """Register the ways in which a system of record is called."""
    tools.adapters.register(ConnectionKind.HTTP, _HTTP)
    tools.adapters.register(ConnectionKind.MCP, _MCP)
    tools.adapters.register(ConnectionKind.SIMULATED, _SIMULATED)


def _connect_metrics() -> None:
    """Register what a scrape is told of cases."""
    collectors.register("reconciliation", collect_completeness)
    collectors.register("tool_calls", collect_calls)
    collectors.register("connections", collect_at_work)


def _connect_stops() -> None:
    """Register what can be stopped here, and who goes on once a stop is lifted."""
    switches.targets.register(StopScope.TOOL, _TOOLS_TO_STOP)
    switches.targets.register(StopScope.CUE_SHEET, _SHEETS_TO_STOP)
    switches.lifted.register("tools", _go_on)


def _connect_personal_data() -> None:
    """Register whose data it can be, who holds it, and what has to end before it is erased."""
    personal_data.register("cases", _SUBJECTS)
    obstacles.register("cases", still_open)
    obstacles.register("tools", unsettled)
    for room in HOLDING:
        for holder in import_module(f"cases.{room}.holders").HOLDERS:
            holders.register(holder.code, holder)
    case_source.register("cases", _CASE_REFS)
    for kept in CLASSES:
        kept_classes.register(kept.code, kept)


def _connect_packs() -> None:
    """Register what the documents of the packs that ship name."""
    _connect_retail()
    _connect_provider()


def _connect_retail() -> None:
    """Register the functions and facts that the retail pack's documents name."""
    for name, fact in derived.FACTS.items():
        tools.fact_functions.register(name, fact)
    for name, each in derived.EACH.items():
        tools.each_functions.register(name, each)
    for name, effect in language.EFFECTS.items():
        tools.effect_texts.register(name, effect)
    for name, rows in comparison.ROWS.items():
        tools.before_after.register(name, rows)
    for name, ground in grounds.GROUNDS.items():
        tools.grounds.register(name, ground)
    register_facts(catalogue.FACT_SPECS)


def _connect_provider() -> None:
    """Register the functions and facts that the provider pack's documents name."""
    for name, fact in provider.FACTS.items():
        tools.fact_functions.register(name, fact)
    for name, effect in provider.EFFECTS.items():
        tools.effect_texts.register(name, effect)
    for name, rows in provider.ROWS.items():
        tools.before_after.register(name, rows)
    register_facts(provider.FACT_SPECS)


def _tool_names() -> Reading[frozenset[str]]:
    return frozenset((yield from read(ToolDefinition.objects.values_list("name", flat=True))))


def _tool_facts() -> dict[str, frozenset[str]]:
    rows = ToolDefinition.objects.select_related("connection")
    return {tool.name: frozenset(spec_of(tool).facts) for tool in rows}


def _tool_risks() -> dict[str, RiskLevel]:
    # A tool without a declared risk is left out, and counts as critical.
    declared = ToolDefinition.objects.exclude(risk="").values_list("name", "risk")
    return {name: RiskLevel(risk) for name, risk in declared}


def _find_tool(name: str) -> Target | None:
    found = ToolDefinition.objects.filter(name=name).values_list("name", "title").first()
    return Target(*found) if found else None


def _list_tools() -> list[Target]:
    rows = ToolDefinition.objects.filter(retired_at__isnull=True).order_by("title")
    return [Target(name, title) for name, title in rows.values_list("name", "title")]


def _find_sheet(key: str) -> Target | None:
    found = CueSheet.objects.filter(key=key).values_list("key", "title").first()
    return Target(*found) if found else None


def _list_sheets() -> list[Target]:
    rows = CueSheet.objects.order_by("title").values_list("key", "title")
    return [Target(key, title) for key, title in rows]


def _go_on(_now: datetime) -> None:
    """Look for what waited under the stop, rather than at the next sweep."""
    enqueue(SWEEP_TASK)


_TOOLS_TO_STOP = switches.TargetSource(find=_find_tool, choices=_list_tools)
_SHEETS_TO_STOP = switches.TargetSource(find=_find_sheet, choices=_list_sheets)
