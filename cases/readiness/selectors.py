"""Reads of the guided path, and of everything a journey needs before its first real case."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import Case, Exists, FilteredRelation, OuterRef, Q, Subquery, When
from django.utils.translation import gettext as _

from cases.intake.selectors import reading_intents
from cases.intake.types import IntentSpec
from cases.journeys.models import CueSheet, CueSheetVersion, Journey, StepRun
from cases.journeys.rules import AI_OWNER, tools_of
from cases.journeys.selectors import list_published, spec_of
from cases.journeys.types import CueSheetSpec, JourneyState, StepState
from cases.readiness.models import GuidedPath
from cases.readiness.rules import FIRST_CASES, judge
from cases.readiness.types import JourneySeen, Readiness, ToolSeen
from cases.tools import selectors as tools
from cases.tools.models import ToolCall, ToolDefinition
from cases.tools.types import CallState, Effect, ToolSpec
from governance.access.holding import live
from governance.access.models import AgentIdentity, ApiCredential, Queue
from governance.access.rules import VOTING_ROLES, may
from governance.access.selectors import authorities_of_people, with_a_role
from governance.access.types import Authority, Capability, Role
from governance.policies.compiled import CompiledPolicies
from governance.policies.loading import policies_in_force
from governance.policies.types import ActionScope
from governance.switches import selectors as switches
from governance.switches.types import StopScope
from orchestra.core.errors import InvalidInputError, NotFoundError
from orchestra.core.together import Reading, all_of, answer, read

#: Of so many completed journeys, the newest, it is asked whether their effect was seen.
LOOKED_AT = 1_000
_TAKING_OVER = frozenset({Role.HUMAN_AGENT, Role.SPECIALIST, Role.SUPERVISOR})


@dataclass(frozen=True, slots=True)
class Overview:
    """The newest guided path, and every cue sheet in force with its checks, by title.

    Attributes:
        path: Open or ended; None where none was ever begun.
    """

    path: GuidedPath | None
    sheets: list[tuple[JourneySeen, Readiness]]


def find_open_path() -> GuidedPath | None:
    """Return the guided path the centre is on, or None."""
    return GuidedPath.objects.select_related("cue_sheet").filter(end="").first()


def readiness_of(*, key: str, now: datetime) -> tuple[JourneySeen, Readiness]:
    """Return what one cue sheet has and lacks before its first real case.

    Raises:
        NotFoundError: There is no such cue sheet.
    """
    version = next((one for one in list_published() if one.cue_sheet.key == key), None)
    if version is None:
        sheet = CueSheet.objects.filter(key=key).first()
        if sheet is None:
            raise NotFoundError(_("There is no such cue sheet."))
        seen = JourneySeen(key=sheet.key, title=sheet.title)
        return seen, judge(seen=seen, now=now)
    around = answer(_reading_around([version], now, counted=version))
    seen = around.seen(version)
    return seen, judge(seen=seen, now=now)


def read_overview(*, now: datetime, key: str = "") -> Overview:
    """Return the newest guided path, and every cue sheet in force with its checks.

    The number of queries does not depend on how many there are.

    Args:
        now: The moment.
        key: Of the cue sheet whose cases are counted; empty for that of the path, or the first.
    """
    paths = GuidedPath.objects.select_related("cue_sheet").order_by("-pk")
    first = answer(all_of({"paths": read(paths[:1]), "versions": read(list_published())}))
    path: GuidedPath | None = next(iter(first["paths"]), None)
    versions: list[CueSheetVersion] = first["versions"]
    chosen = key or (path.cue_sheet.key if path else "")
    counted = next((one for one in versions if chosen in {"", one.cue_sheet.key}), None)
    around = answer(_reading_around(versions, now, counted=counted))
    found = [around.seen(version) for version in versions]
    return Overview(path, [(seen, judge(seen=seen, now=now)) for seen in found])


def count_verified(*, version: CueSheetVersion) -> int:
    """Return how many journeys of a cue sheet ended with their effect seen, up to the first few.

    Counted over all its versions, among the newest ``LOOKED_AT`` that were completed: a step that
    proves the completion has a confirmed call.
    """
    return answer(_reading_verified(version))


def _reading_verified(version: CueSheetVersion) -> Reading[int]:
    try:
        spec = spec_of(version)
    except InvalidInputError:
        return 0
    versions = CueSheetVersion.objects.filter(cue_sheet=version.cue_sheet_id).order_by()
    newest = Journey.objects.filter(
        version__in=versions.values("pk"), state=JourneyState.COMPLETED
    ).order_by("-pk")
    seen = StepRun.objects.filter(
        journey=OuterRef("pk"),
        key__in={*spec.all_done, *spec.any_done},
        state=StepState.DONE,
        tool_call__confirmed=True,
    )
    journeys = Journey.objects.filter(Exists(seen), pk__in=newest.values("pk")[:LOOKED_AT])
    return len((yield from read(journeys.values("pk")[:FIRST_CASES])))


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What several cue sheets share, read once."""

    tools: Mapping[str, ToolDefinition]
    policies: CompiledPolicies
    intents: list[IntentSpec]
    queues: Mapping[str, "_Queue"]
    people: Collection[Authority]
    drilled_at: datetime | None
    verified: Mapping[int, int]

    def seen(self, version: CueSheetVersion) -> JourneySeen:
        """Return one cue sheet with all it needs."""
        seen = JourneySeen(
            key=version.cue_sheet.key,
            title=version.cue_sheet.title,
            number=version.number,
            verified_cases=self.verified.get(version.pk, 0),
        )
        return next((self._filled(seen, spec) for spec in _spec(version)), seen)

    def _filled(self, seen: JourneySeen, spec: CueSheetSpec) -> JourneySeen:
        queue = self.queues.get(spec.queue)
        proving = {*spec.all_done, *spec.any_done}
        agents = queue.agents if queue else []
        owners = {owner for _name, owner in agents}
        voters = [one for one in self.people if self._may(one, Capability.APPROVAL_VOTE, queue)]
        return replace(
            seen,
            queue=queue.title if queue else "",
            uses_ai=any(step.owner == AI_OWNER for step in spec.steps),
            intents={
                one.title: len(one.examples)
                for one in self.intents
                if one.cue_sheet == spec.key or one.key in spec.intents
            },
            tools=tuple(self._tool(name, spec) for name in _tools(spec)),
            proving=tuple(
                dict.fromkeys(
                    name for step in spec.steps if step.key in proving for name in tools_of(step)
                )
            ),
            says=spec.completion,
            window_hours=spec.recontact_window_hours,
            voters=frozenset(one.actor.label for one in voters),
            owning=frozenset(one.actor.label for one in voters if one.actor.pk in owners),
            workers=sum(self._may(one, Capability.HANDOFF_ACCEPT, queue) for one in self.people),
            agents=tuple(name for name, _owner in agents),
            drilled_at=self.drilled_at,
        )

    def _may(self, who: Authority, capability: Capability, queue: "_Queue | None") -> bool:
        return queue is not None and may(who, capability, queue.pk)

    def _tool(self, name: str, sheet: CueSheetSpec) -> ToolSeen:
        row = self.tools.get(name)
        if row is None:
            return ToolSeen(name=name, exists=False)
        scope = self.policies.in_scope(ActionScope(name, sheet.key, sheet.queue))
        try:
            spec = tools.spec_of(row)
        except InvalidInputError:
            return ToolSeen(name=name, title=row.title, exists=False)
        return replace(
            _declared(spec),
            title=row.title,
            risk=row.risk,
            enabled=row.enabled,
            retired=row.retired_at is not None,
            stopped=row.is_stopped,  # type: ignore[attr-defined]  # annotated below
            answered_at=row.answered_at,  # type: ignore[attr-defined]  # annotated below
            policies=len(scope.policies),
            has_limit=bool(scope.limits),
        )


def _reading_around(
    versions: Iterable[CueSheetVersion], now: datetime, *, counted: CueSheetVersion | None
) -> Reading[_Surroundings]:
    """Come to what some cue sheets need, and how many cases of one of them are verified."""
    names = {name for one in versions for spec in _spec(one) for name in _tools(spec)}
    parts: dict[str, Reading[Any]] = {
        "tools": _answering(names),
        "intents": reading_intents(),
        "queues": _queues(now),
        "people": read(with_a_role({*VOTING_ROLES, *_TAKING_OVER})),
        "drilled_at": switches.reading_last_passed_drill(),
    }
    if counted is not None:
        parts["verified"] = _reading_verified(counted)
    found = yield from all_of(parts)
    return _Surroundings(
        tools=found["tools"],
        policies=policies_in_force(),
        intents=found["intents"],
        queues=found["queues"],
        people=authorities_of_people(found["people"]).values(),
        drilled_at=found["drilled_at"],
        verified={counted.pk: found["verified"]} if counted is not None else {},
    )


def _declared(spec: ToolSpec) -> ToolSeen:
    is_write = spec.effect is Effect.WRITE
    return ToolSeen(
        name=spec.name,
        is_write=is_write,
        repeats_safely=spec.honours_idempotency_key or spec.lookup,
        shows=not is_write or spec.confirm is not None,
        verifies=spec.verifies is not None,
    )


def _spec(version: CueSheetVersion) -> Iterator[CueSheetSpec]:
    """Yield the plan of a version, nothing where it cannot be read."""
    try:
        yield spec_of(version)
    except InvalidInputError:
        return


def _tools(spec: CueSheetSpec) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for step in spec.steps for name in tools_of(step)))


def _answering(names: Collection[str]) -> Reading[dict[str, ToolDefinition]]:
    """Come to tools by name, with when each last succeeded and whether a stop stands on it."""
    succeeded = ToolCall.objects.filter(tool=OuterRef(OuterRef("pk")), state=CallState.SUCCEEDED)
    # By its key first, which the index of what succeeded holds: a read of the row itself is taken
    # for as cheap among all calls, and of a tool that seldom works that goes through them all.
    newest = ToolCall.objects.filter(pk=Subquery(succeeded.order_by("-pk").values("pk")[:1]))
    rows = ToolDefinition.objects.filter(name__in=names).annotate(
        answered_at=Subquery(newest.values("settled_at")),
        is_stopped=switches.stands_on(StopScope.TOOL, OuterRef("name")),
    )
    return {one.name: one for one in (yield from read(rows))}


@dataclass(frozen=True, slots=True)
class _Queue:
    """A queue with the AI agents that can call now and may work it, each with its owner's key."""

    pk: int
    title: str
    agents: list[tuple[str, int]] = field(default_factory=list)


def _queues(now: datetime) -> Reading[dict[str, _Queue]]:
    """Come to the queues by key, with their agents by name: one query."""
    tokens = ApiCredential.objects.filter(expires_at__gt=now, revoked_at__isnull=True)
    acting = Q(acts_for__isnull=True) | Q(acts_for__is_active=True)
    agents = AgentIdentity.objects.filter(acting, is_active=True, pk__in=tokens.values("agent_id"))
    calling = When(granted__agent__in=agents.exclude(ends_at__lte=now).order_by(), then=True)
    grants = FilteredRelation("agentqueuegrant", condition=live("agentqueuegrant"))
    rows = Queue.objects.annotate(granted=grants, can_call=Case(calling, default=False))
    found: dict[str, _Queue] = {}
    agent = ("granted__agent__name", "granted__agent__owner_id")
    columns = rows.order_by(agent[0]).values_list("pk", "key", "title", "can_call", *agent)
    for pk, key, title, can_call, name, owner in (yield from read(columns)):
        queue = found.setdefault(key, _Queue(pk, title))
        if can_call:
            queue.agents.append((name, owner))
    return found
