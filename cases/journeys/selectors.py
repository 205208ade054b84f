"""Reads of cue sheets, journeys and steps."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from cases.journeys.models import CueSheetVersion, Journey, Reversal, StepRun
from cases.journeys.parsing import parse_cue_sheet
from cases.journeys.rules import AI_OWNER, facts_named, step_filter_errors, tools_of
from cases.journeys.skilled import for_skills
from cases.journeys.types import (
    MINE,
    CueSheetSpec,
    JourneyNow,
    JourneyState,
    StepFilters,
    StepNow,
    StepSpec,
    StepState,
)
from cases.memory.models import Case
from cases.memory.rules import is_uuid
from cases.tools.models import ToolCall
from cases.tools.types import TERMINAL_STATES
from governance.access.rules import may
from governance.access.selectors import readable_queue_ids
from governance.access.types import Authority, Capability
from governance.reviews.rules import document_digest
from governance.reviews.types import DocumentState
from orchestra.core import canonical
from orchestra.core.errors import FieldError, InvalidInputError, NotFoundError
from orchestra.core.parsed import ParsedDocuments
from orchestra.core.prepared import Prepared

Json = Any
DOCUMENT_KIND = "cue_sheet"


def cue_sheet_digest(document: Mapping[str, Json]) -> str:
    """Return the digest by which the ledger names a version of a cue sheet."""
    return document_digest(kind=DOCUMENT_KIND, document=document)


_specs: ParsedDocuments[CueSheetSpec] = ParsedDocuments(most=256)


def spec_of(version: CueSheetVersion) -> CueSheetSpec:
    """Return the plan that a version holds, parsed once for each digest."""
    return _specs.get(version.digest, lambda: parse_cue_sheet(document=_document_of(version)))


def _document_of(version: CueSheetVersion) -> Json:
    return canonical.loads_strict(canonical.canonical_bytes(version.document))


def step_spec(*, step: StepRun, spec: CueSheetSpec) -> StepSpec:
    """Return the cue that a running step follows."""
    return next(one for one in spec.steps if one.key == step.key)


def list_published() -> QuerySet[CueSheetVersion]:
    """Return the cue sheets in force, by title."""
    return (
        CueSheetVersion.objects.filter(state=DocumentState.PUBLISHED)
        .select_related("cue_sheet")
        .order_by("cue_sheet__title")
    )


def find_published(*, key: str) -> CueSheetVersion | None:
    """Return the version of a cue sheet that is in force, None where there is none."""
    return list_published().filter(cue_sheet__key=key).first()


def get_published(*, key: str) -> CueSheetVersion:
    """Return the version of a cue sheet that is in force.

    Raises:
        InvalidInputError: No version of such a cue sheet is in force.
    """
    found = find_published(key=key)
    if found is None:
        message = f"No cue sheet {key!r} is in force; ask for the list of cue sheets."
        raise InvalidInputError(
            message,
            code="cue_sheet.unknown",
            errors=[FieldError("cue_sheet", "unknown", message)],
        )
    return found


def tool_names_of(version: CueSheetVersion) -> frozenset[str]:
    """Return the names of all tools that the steps of a cue sheet may use."""
    return frozenset(name for step in spec_of(version).steps for name in tools_of(step))


def list_journeys(*, case: Case) -> list[Journey]:
    """Return the journeys of a case in the order they began, with their cue sheets."""
    return list(journeys_of(case=case))


def journeys_of(*, case: Case) -> QuerySet[Journey]:
    """Return the rows of ``list_journeys``."""
    return _journeys().filter(case=case).order_by("pk")


def _journeys() -> QuerySet[Journey]:
    # The document is read once for each digest, so a row comes without it.
    return Journey.objects.select_related("version__cue_sheet").defer("version__document")


def list_reversals(*, journey: Journey) -> list[Reversal]:
    """Return what of a cancelled journey is to be taken back, in the order it goes in."""
    rows = Reversal.objects.filter(journey=journey).select_related("call__tool", "tool_call")
    return list(rows.defer("call__tool__document").order_by("position"))


def list_past(*, key: str, most: int) -> list[Journey]:
    """Return the last ended journeys of a cue sheet, whoever may see their cases."""
    ended = [JourneyState.COMPLETED, JourneyState.HANDED_OFF, JourneyState.CANCELLED]
    versions = CueSheetVersion.objects.filter(cue_sheet__key=key).values_list("pk", flat=True)
    return list(_of_versions(list(versions)).filter(state__in=ended).order_by("-pk")[:most])


def list_under_way(*, authority: Authority, key: str, most: int = 100) -> list[Journey]:
    """Return the journeys of a cue sheet that have not ended, on cases a reader may see."""
    return _under_way(authority, CueSheetVersion.objects.filter(cue_sheet__key=key), most)


def list_movable(*, authority: Authority, key: str, most: int = 100) -> list[Journey]:
    """Return those of ``list_under_way`` that are not on the version in force."""
    versions = CueSheetVersion.objects.filter(cue_sheet__key=key)
    return _under_way(authority, versions.exclude(state=DocumentState.PUBLISHED), most)


def _under_way(
    authority: Authority, versions: QuerySet[CueSheetVersion], most: int
) -> list[Journey]:
    # Looked up before and not joined, so that the journeys are read along an index of versions.
    rows = _of_versions(list(versions.values_list("pk", flat=True)))
    rows = rows.filter(state__in=[JourneyState.RUNNING, JourneyState.PAUSED])
    queues = readable_queue_ids(authority, Capability.CASE_READ)
    if queues is not None:
        rows = rows.filter(case__queue_id__in=queues)
    return list(rows.order_by("pk")[:most])


def may_see(*, authority: Authority, case: Case) -> bool:
    """Tell whether a reader may see a case as it stands in its queue."""
    return may(authority, Capability.CASE_READ, case.queue_id)


def _of_versions(versions: Sequence[int]) -> QuerySet[Journey]:
    rows = (
        _journeys()
        .filter(version_id__in=versions)
        .select_related("version__cue_sheet", "case__queue", "case__customer")
    )
    return rows.prefetch_related(Prefetch("steps", queryset=StepRun.objects.order_by("position")))


def list_running(*, case: Case) -> list[Journey]:
    """Return the journeys of a case that run, in the order they began."""
    return list(_journeys().filter(case=case, state=JourneyState.RUNNING).order_by("pk"))


def list_steps(*, case: Case) -> QuerySet[StepRun]:
    """Return all steps of a case, journey by journey."""
    return (
        StepRun.objects.filter(journey__case=case)
        .select_related("journey__version__cue_sheet", "tool_call", "handoff")
        .defer("journey__version__document")
        .order_by("journey_id", "position")
    )


def unproposed() -> Q:
    """Return the filter of steps that the engine filled in and nobody has proposed yet.

    One that is tried again still names the call before, which has ended.
    """
    nothing_open = Q(tool_call__isnull=True) | Q(tool_call__state__in=TERMINAL_STATES)
    return Q(state=StepState.RUNNING) & nothing_open


def steps_by_journey(*, case: Case) -> dict[int, list[StepRun]]:
    """Return the steps of a case by the internal key of their journey."""
    return by_journey(list_steps(case=case))


def by_journey(steps: Iterable[StepRun]) -> dict[int, list[StepRun]]:
    """Return steps by the internal key of their journey, in their order."""
    found: dict[int, list[StepRun]] = {}
    for step in steps:
        found.setdefault(step.journey_id, []).append(step)
    return found


def list_ready_steps(*, authority: Authority) -> QuerySet[StepRun]:
    """Return the steps that are ready for an actor, over all cases it may work, oldest first.

    An AI agent sees the steps of the AI, a person those of the roles held.
    """
    return list_steps_over_cases(authority=authority, filters=StepFilters())


def list_steps_over_cases(*, authority: Authority, filters: StepFilters) -> QuerySet[StepRun]:
    """Return the steps in a state that are an owner's, over all cases an actor may work.

    What has not ended is only told of journeys that run; oldest first. A step that asks for a
    skill which a person lacks is not theirs.

    Raises:
        InvalidInputError: A filter is no value of its field; every such field is named.
    """
    findings = step_filter_errors(filters)
    if findings:
        raise InvalidInputError(findings[0].message, errors=findings)
    rows = (
        StepRun.objects.filter(state=filters.state)
        .select_related("journey__case__queue", "journey__version__cue_sheet")
        .defer("journey__version__document")
        .order_by("pk")
    )
    if not StepState(filters.state).is_final:
        rows = rows.filter(journey__state=JourneyState.RUNNING)
    if not authority.active:
        return rows.none()
    queues = readable_queue_ids(authority, Capability.CASE_WORK)
    if queues is not None:
        rows = rows.filter(journey__case__queue_id__in=queues)
    if filters.owner == MINE:
        return for_skills(rows, authority=authority).filter(owner__in=sorted(owners_for(authority)))
    return rows.filter(owner=filters.owner)


def owners_for(authority: Authority) -> frozenset[str]:
    """Return the owners whose steps are an actor's own."""
    if authority.actor.is_agent:
        return frozenset({AI_OWNER})
    return frozenset(str(role) for role in authority.roles)


def may_fulfil(*, authority: Authority, step: StepRun) -> bool:
    """Tell whether an actor may do a step: its owner, or a person in place of the AI."""
    if step.owner in owners_for(authority):
        return True
    return not authority.actor.is_agent and step.owner == AI_OWNER


def list_waiting_steps(*, case: Case) -> list[StepRun]:
    """Return the steps of running journeys that are ready or pending, oldest journey first."""
    return _WAITING_STEPS.rows(case.pk)


_WAITING_STEPS = Prepared(
    lambda case_id: (
        StepRun.objects.filter(
            journey__case_id=case_id,
            journey__state=JourneyState.RUNNING,
            state__in=[StepState.READY, StepState.PENDING],
        )
        .select_related("journey__version__cue_sheet")
        .defer("journey__version__document")
        .order_by("journey_id", "position")
    )
)


def get_step(*, case: Case, step: str) -> StepRun:
    """Return a step of a case by its id, or by its key where one step has it.

    A key that several journeys have means the ready one of them, then the newest.

    Raises:
        NotFoundError: The case has no such step.
        InvalidInputError: It holds what no text may hold.
    """
    canonical.check_text(step, "step")
    rows = list(list_steps(case=case).filter(_named(step)))
    if not rows:
        raise NotFoundError("This case has no such step.", code="not_found.step")
    return next((row for row in rows if row.state == StepState.READY), rows[-1])


def _named(step: str) -> Q:
    return Q(public_id=UUID(step)) if is_uuid(step) else Q(key=step)


def state_of(
    *, journey: Journey, steps: Sequence[StepRun], facts: Mapping[str, Json]
) -> JourneyNow:
    """Return a journey as a value for the engine."""
    return JourneyNow(
        state=JourneyState(journey.state),
        steps={
            step.key: StepNow(step.key, StepState(step.state), step.tries, step.due_at)
            for step in steps
        },
        facts=facts,
    )


def facts_of(*, case: Case, spec: CueSheetSpec, steps: Sequence[StepRun]) -> dict[str, Json]:
    """Return the facts that conditions of a cue sheet may name.

    The facts of the case, and before them what the decisions on the journey's own calls saw,
    where the cue sheet names such a fact.
    """
    own = _case_facts(case)
    if facts_named(spec=spec) <= own.keys():
        return own
    facts: dict[str, Json] = {}
    calls = [step.tool_call_id for step in steps if step.tool_call_id is not None]
    for stored in (
        ToolCall.objects.filter(pk__in=calls).order_by("pk").values_list("facts", flat=True)
    ):
        facts.update((stored or {}).get("values", {}))
    return {**facts, **own}


def _case_facts(case: Case) -> dict[str, Json]:
    return {
        "verification": case.verification,
        "customer_bound": case.customer_id is not None,
        "customer_ref": case.customer.ref if case.customer else None,
        "channel": case.channel,
        "priority": case.priority,
        "risk_flags": list(case.risk_flags),
        "intent": case.intent,
    }


def may_work(*, authority: Authority, case: Case) -> bool:
    """Tell whether an actor may work a case as it stands in its queue."""
    return may(authority, Capability.CASE_WORK, case.queue_id)
