"""Everything a reviewer sees of a unit, as it was then: nothing of what came out later."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.handoff.models import Handoff
from cases.handoff.types import BundlePart
from cases.memory.models import Interaction, Message
from cases.tools.models import ToolCall
from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.policies.models import PolicyVersion
from governance.policies.parsing import parse_policy
from governance.policies.replay import RecordError, RecordRead, read_record
from governance.policies.types import PolicyTable
from orchestra.core.redaction import mask_value, masked_parts
from qa.population.models import SamplingUnit
from qa.population.types import Unit
from qa.reviewing.answers import Quote

Json = Any


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text as it is shown, and where it stands in the text as recorded."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Said:
    """One utterance.

    Attributes:
        speaker: ``customer``, ``ai`` or ``human``.
        parts: What is shown, personal data masked; none where the text was erased.
        text: As recorded, for the places of quotes; never shown.
    """

    id: str
    at: datetime
    speaker: str
    label: str
    parts: tuple[Part, ...]
    text: str

    @property
    def is_erased(self) -> bool:
        """Whether its words were erased."""
        return not self.text


@dataclass(frozen=True, slots=True)
class Fired:
    """One row of a policy that decided a call."""

    policy: str
    version: int
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Called:
    """One tool call at its place, with its decision, as far as it was settled by then.

    Attributes:
        state: Empty where it was not settled by the end of what is reviewed.
        answer: What the system of record said, masked; None where nothing by then.
    """

    id: str
    at: datetime
    tool: str
    title: str
    risk: str
    writes: bool
    state: str
    outcome: str
    reasons: tuple[str, ...]
    fired: tuple[Fired, ...]
    arguments: Json
    answer: Json


@dataclass(frozen=True, slots=True)
class BundleRead:
    """The handoff that is reviewed, or that ended the conversation.

    Attributes:
        parts: The parts that were filled, masked.
    """

    handoff: Handoff
    id: str
    at: datetime
    reason: str
    note: str
    from_label: str
    parts: Mapping[str, Json]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VoteRead:
    """One vote on the approval that is reviewed."""

    by: str
    choice: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ApprovalRead:
    """The approval that is reviewed: what was asked, what was shown, and how it was decided."""

    id: str
    title: str
    detail: str
    risk: str
    asked_at: datetime
    state: str
    votes: tuple[VoteRead, ...]


@dataclass(frozen=True, slots=True)
class UnitRead:
    """All of a unit.

    Attributes:
        lines: What was said and done, in time.
        policies: The texts that decided its calls, as they were in force then.
    """

    unit: SamplingUnit
    lines: tuple[Said | Called, ...]
    bundle: BundleRead | None
    approval: ApprovalRead | None
    policies: tuple[PolicyTable, ...]

    @property
    def said(self) -> list[Said]:
        """The utterances."""
        return [one for one in self.lines if isinstance(one, Said)]

    @property
    def calls(self) -> list[Called]:
        """The tool calls."""
        return [one for one in self.lines if isinstance(one, Called)]

    @property
    def is_erased(self) -> bool:
        """Whether words of it were erased, so that it may count as one that gave no answer."""
        return any(one.is_erased for one in self.said) or (
            self.bundle is not None and not self.bundle.parts
        )


def read_unit(unit: SamplingUnit) -> UnitRead:
    """Return what a reviewer sees of a unit: at most seven queries, whatever its length.

    Personal data with a form of its own is masked. Who may read it is the caller's question.

    Args:
        unit: With its ``case`` at hand.
    """
    scope = _scope(unit)
    said = [_said(row) for row in scope.messages.order_by("at", "pk")]
    rows = list(
        ToolCall.objects.filter(
            case=unit.case, created_at__gte=scope.since, created_at__lte=scope.until
        )
        .select_related("tool", "decision")
        .defer("tool__document")
        .order_by("created_at", "pk")
    )
    records = {row.pk: _record(row) for row in rows}
    tables = _tables([one for one in records.values() if one is not None])
    calls = [_called(row, records[row.pk], tables, scope.until) for row in rows]
    return UnitRead(
        unit=unit,
        # What was said stands before what was done in the same moment.
        lines=tuple(sorted([*said, *calls], key=lambda one: one.at)),
        bundle=_bundle(scope.handoff),
        approval=_approval(scope.request),
        policies=tuple(sorted(tables.values(), key=lambda table: table.title)),
    )


def words_of(read: UnitRead, quote: Quote) -> str:
    """Return the words that a quote names, as recorded; empty where there are none such."""
    if quote.of == "message":
        for said in read.said:
            if said.id == quote.id and quote.end <= len(said.text):
                return said.text[quote.start : quote.end]
        return ""
    if quote.of == "call":
        return next((one.title for one in read.calls if one.id == quote.id), "")
    parts = read.bundle.parts if read.bundle is not None else {}
    return quote.id if quote.id in parts or (quote.id == "approval" and read.approval) else ""


def shown_of(read: UnitRead, quote: Quote) -> str:
    """Return the words that a quote names as they are shown, personal data masked."""
    if quote.of != "message":
        return words_of(read, quote)
    for said in read.said:
        if said.id == quote.id:
            return "".join(
                part.text
                if part.text != said.text[part.start : part.end]
                else said.text[max(part.start, quote.start) : min(part.end, quote.end)]
                for part in said.parts
                if part.start < quote.end and quote.start < part.end
            )
    return ""


def find_words(read: UnitRead, words: str) -> Quote | None:
    """Return where some words were said, by the letter and however they were spaced, or None.

    Words of the handoff bundle name the part that holds them. What a review of a handoff judges
    is the bundle, so there it comes before the conversation; elsewhere after it.
    """
    wanted = " ".join(words.split())
    part = _part_with(read, wanted)
    if part is not None and read.unit.kind == Unit.HANDOFF:
        return part
    for said in read.said:
        for text in (said.text, "".join(part.text for part in said.parts)):
            start = text.find(words.strip()) if text == said.text else -1
            if start >= 0:
                return Quote("message", said.id, start, start + len(words.strip()))
            if wanted and wanted in " ".join(text.split()):
                return Quote("message", said.id, 0, len(said.text))
    return next((Quote("call", one.id) for one in read.calls if one.tool == wanted), part)


def _part_with(read: UnitRead, wanted: str) -> Quote | None:
    """Return the first part of the bundle that holds some words as they are shown, or None."""
    if read.bundle is None or not wanted:
        return None
    for part, value in read.bundle.parts.items():
        # A person copies what the page places side by side, such as a kind and its value.
        whole = " ".join(" ".join([*_texts(value), part]).split())
        if wanted in whole or wanted in whole.replace("_", " "):
            return Quote("part", part)
    return None


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, Sequence):
        for inner in value:
            yield from _texts(inner)


@dataclass(frozen=True, slots=True)
class _Scope:
    messages: Any
    since: datetime
    until: datetime
    handoff: Handoff | None = None
    request: ApprovalRequest | None = None


def _scope(unit: SamplingUnit) -> _Scope:
    rows = Message.objects.filter(case=unit.case, at__lte=unit.ended_at)
    if unit.kind == Unit.INTERACTION:
        talk = Interaction.objects.filter(public_id=unit.subject).first()
        offered = Handoff.objects.filter(
            case=unit.case, offered_at__gte=unit.started_at, offered_at__lte=unit.ended_at
        )
        return _Scope(
            Message.objects.filter(interaction=talk, at__lte=unit.ended_at),
            unit.started_at,
            unit.ended_at,
            handoff=offered.order_by("pk").last(),
        )
    since, until = unit.case.opened_at, unit.ended_at
    if unit.kind == Unit.HANDOFF:
        found = Handoff.objects.filter(public_id=unit.subject).first()
        until = found.offered_at if found is not None else until
        return _Scope(rows.filter(at__lte=until), since, until, handoff=found)
    if unit.kind == Unit.APPROVAL:
        request = ApprovalRequest.objects.filter(public_id=unit.subject).first()
        until = request.created_at if request is not None else until
        return _Scope(rows.filter(at__lte=until), since, until, request=request)
    return _Scope(rows, since, until)


def _said(row: Message) -> Said:
    return Said(
        id=str(row.public_id),
        at=row.at,
        speaker=row.speaker,
        label=row.author_label,
        parts=tuple(Part(*part) for part in masked_parts(row.text)),
        text=row.text,
    )


def _called(
    row: ToolCall,
    record: RecordRead | None,
    tables: Mapping[str, PolicyTable],
    until: datetime,
) -> Called:
    settled = row.settled_at is not None and row.settled_at <= until
    value = record.value if record is not None else {}
    hidden = mask_value({"arguments": row.arguments})
    return Called(
        id=str(row.public_id),
        at=row.created_at,
        tool=row.tool.name,
        title=row.effect_text or row.tool.title or row.tool.name,
        risk=row.tool.risk,
        writes=row.tool.effect == "write",
        state=("refused" if row.refused else row.state) if settled else "",
        outcome=row.decision.outcome,
        reasons=tuple(value.get("reasons", ())),
        fired=tuple(_fired(each, tables) for each in value.get("fired", ())),
        arguments=hidden["arguments"],
        answer=mask_value(row.result) if settled else None,
    )


def _fired(each: Sequence[Json], tables: Mapping[str, PolicyTable]) -> Fired:
    policy, version, rule = str(each[0]), int(each[1] or 0), str(each[2])
    rules = tables[policy].rules if policy in tables else ()
    reason = next((one.reason for one in rules if one.id == rule), "")
    return Fired(policy, version, rule, reason)


def _record(row: ToolCall) -> RecordRead | None:
    try:
        return read_record(bytes(row.decision.body))
    except RecordError:
        return None


def _tables(records: Iterable[RecordRead]) -> dict[str, PolicyTable]:
    """Return the policy texts that some records name, the newest of each: one query."""
    wanted: dict[str, tuple[int, str]] = {}
    for record in records:
        wanted.update(record.policies)
    if not wanted:
        return {}
    rows = PolicyVersion.objects.filter(
        digest__in=[digest for _number, digest in wanted.values()]
    ).select_related("policy")
    return {
        row.policy.key: parse_policy(document=row.document, version=row.number, digest=row.digest)
        for row in rows
        if wanted.get(row.policy.key) == (row.number, row.digest)
    }


def _bundle(found: Handoff | None) -> BundleRead | None:
    if found is None:
        return None
    hidden = mask_value(found.bundle or {})
    return BundleRead(
        handoff=found,
        id=str(found.public_id),
        at=found.offered_at,
        reason=found.reason_code,
        note=mask_value(found.note),
        from_label=found.from_label,
        parts={str(part): hidden[part] for part in BundlePart if hidden.get(part)},
        missing=tuple(found.missing_parts),
    )


def _approval(found: ApprovalRequest | None) -> ApprovalRead | None:
    if found is None:
        return None
    votes = ApprovalVote.objects.filter(request=found).select_related("voter").order_by("at")
    return ApprovalRead(
        id=str(found.public_id),
        title=mask_value(found.title),
        detail=mask_value(found.detail),
        risk=found.risk,
        asked_at=found.created_at,
        state=found.state,
        votes=tuple(
            VoteRead(one.voter.label, one.choice, mask_value(one.reason), one.at) for one in votes
        ),
    )
