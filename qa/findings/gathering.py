"""Reads whole interactions as values, a batch at a time, in a number of queries that is fixed."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cases.handoff.models import Handoff
from cases.journeys.models import Journey
from cases.memory.disclosures import list_shown_in
from cases.memory.models import Message, Verification
from cases.memory.types import VerificationLevel
from cases.tools.models import ToolCall, ToolDefinition
from cases.tools.selectors import spec_of
from cases.tools.types import CallState, Effect
from governance.knowledge.models import ArticleUse
from orchestra.core.actors import ActorKind
from orchestra.core.errors import InvalidInputError
from qa.findings.reading import ArticleSeen, CallSeen, Reading, Utterance
from qa.population.models import SamplingUnit

#: How many queries one batch takes, however many units are in it.
QUERIES: Final = 8
_KNOWN: Final = (VerificationLevel.BASIC, VerificationLevel.STRONG)
_CALL_COLUMNS: Final = (
    "public_id",
    "case_id",
    "tool_id",
    "created_at",
    "settled_at",
    "state",
    "refused",
    "confirmed",
    "requester_kind",
    "arguments",
    "result",
    "amount_minor",
)


@dataclass(frozen=True, slots=True)
class _Kind:
    """What the readings need to know of a tool."""

    name: str
    writes: bool
    identifies: bool
    hands_off: bool


@dataclass(slots=True)
class _Batch:
    """Rows of a batch by the case they belong to."""

    messages: Mapping[int, list[tuple[str, Utterance]]]
    calls: Mapping[int, list[CallSeen]]
    verified: Mapping[int, datetime]
    articles: Mapping[int, list[tuple[datetime, ArticleSeen]]]
    disclosed: Mapping[str, datetime]
    texts: Mapping[int, tuple[str, ...]]
    handed: Mapping[int, list[datetime]]


def read_units(units: Sequence[SamplingUnit]) -> dict[int, Reading]:
    """Return what each interaction holds, by the primary key of its unit: ``QUERIES`` queries.

    Args:
        units: Units of kind interaction, with ``case`` and ``case.customer`` loaded.
    """
    cases = {unit.case_id for unit in units}
    subjects = [unit.subject for unit in units]
    batch = _Batch(
        messages=_messages(cases),
        calls=_calls(cases),
        verified=_verified(cases),
        articles=_articles(units),
        disclosed=list_shown_in(interaction_ids=subjects),
        texts=_texts(cases),
        handed=_handed(cases),
    )
    return {unit.pk: _reading(unit, batch) for unit in units}


def _reading(unit: SamplingUnit, batch: _Batch) -> Reading:
    rows = batch.messages.get(unit.case_id, [])
    own = tuple(said for talk, said in rows if talk == unit.subject)
    customer = unit.case.customer
    points = customer.contact_points if customer else []
    handed = batch.handed.get(unit.case_id, ())
    return Reading(
        messages=own,
        before=tuple(
            said for talk, said in rows if talk != unit.subject and said.at < unit.started_at
        ),
        verified_at=batch.verified.get(unit.case_id),
        calls=tuple(one for one in batch.calls.get(unit.case_id, ()) if one.at <= unit.ended_at),
        articles=tuple(
            {
                seen.id: seen
                for at, seen in batch.articles.get(unit.case_id, ())
                if at <= unit.ended_at
            }.values()
        ),
        disclosed_at=batch.disclosed.get(unit.subject),
        texts=batch.texts.get(unit.case_id, ()),
        contact_points=tuple(str(point.get("value", "")) for point in points),
        handed_off=any(unit.started_at <= at <= unit.ended_at for at in handed),
        erased=any(not said.text for said in own),
    )


def _messages(cases: Collection[int]) -> dict[int, list[tuple[str, Utterance]]]:
    rows = Message.objects.filter(case_id__in=cases).order_by("at", "pk")
    found: dict[int, list[tuple[str, Utterance]]] = defaultdict(list)
    columns = ("case_id", "interaction__public_id", "public_id", "speaker", "text", "at")
    for case, talk, public_id, speaker, text, at in rows.values_list(*columns):
        found[case].append((str(talk), Utterance(str(public_id), str(speaker), text, at)))
    return found


def _calls(cases: Collection[int]) -> dict[int, list[CallSeen]]:
    rows = list(ToolCall.objects.filter(case_id__in=cases).order_by("pk").values(*_CALL_COLUMNS))
    tools = ToolDefinition.objects.in_bulk({row["tool_id"] for row in rows})
    kinds = {pk: _kind_of(tool) for pk, tool in tools.items()}
    found: dict[int, list[CallSeen]] = defaultdict(list)
    for row in rows:
        found[row["case_id"]].append(_call(row, kinds[row["tool_id"]]))
    return found


def _kind_of(tool: ToolDefinition) -> _Kind:
    try:
        spec = spec_of(tool)
    except InvalidInputError:
        # What a broken document does cannot be told: it counts as a change.
        return _Kind(tool.name, writes=True, identifies=False, hands_off=False)
    return _Kind(
        name=tool.name,
        writes=spec.effect is Effect.WRITE,
        identifies=bool(spec.verifies),
        hands_off=bool(spec.hands_off),
    )


def _call(row: Mapping[str, Any], kind: _Kind) -> CallSeen:
    return CallSeen(
        id=str(row["public_id"]),
        tool=kind.name,
        at=row["created_at"],
        writes=kind.writes,
        identifies=kind.identifies,
        hands_off=kind.hands_off,
        done=row["state"] == CallState.SUCCEEDED and not row["refused"],
        confirmed=row["confirmed"],
        by_agent=row["requester_kind"] == ActorKind.AGENT,
        settled_at=row["settled_at"],
        arguments=row["arguments"],
        result=row["result"],
        amount_minor=row["amount_minor"],
    )


def _verified(cases: Collection[int]) -> dict[int, datetime]:
    rows = Verification.objects.filter(case_id__in=cases, level__in=_KNOWN)
    found: dict[int, datetime] = {}
    for case, at in rows.order_by("at").values_list("case_id", "at"):
        found.setdefault(case, at)
    return found


def _articles(units: Sequence[SamplingUnit]) -> dict[int, list[tuple[datetime, ArticleSeen]]]:
    streams = {unit.case.stream: unit.case_id for unit in units}
    uses = ArticleUse.objects.filter(stream__in=streams).order_by("pk")
    found: dict[int, list[tuple[datetime, ArticleSeen]]] = defaultdict(list)
    for use in uses.select_related("version__article"):
        version = use.version
        label = f"{version.article.title} {version.number}"
        seen = ArticleSeen(str(version.public_id), label, str(version.document.get("body", "")))
        found[streams[use.stream]].append((use.at, seen))
    return found


def _texts(cases: Collection[int]) -> dict[int, tuple[str, ...]]:
    rows = Journey.objects.filter(case_id__in=cases).order_by("pk")
    found: dict[int, tuple[str, ...]] = {}
    for journey in rows.select_related("version"):
        version = journey.version
        drafts = (str(step.get("draft", "")) for step in version.document.get("steps", ()))
        # What holds a place for a fact is never said as it stands.
        ready = tuple(text for text in drafts if text and "{" not in text)
        found[journey.case_id] = (*found.get(journey.case_id, ()), *ready)
    return found


def _handed(cases: Collection[int]) -> dict[int, list[datetime]]:
    found: dict[int, list[datetime]] = defaultdict(list)
    rows = Handoff.objects.filter(case_id__in=cases)
    for case, at in rows.values_list("case_id", "offered_at"):
        found[case].append(at)
    return found
