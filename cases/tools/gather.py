"""The facts of one action: what it declares, what was read, what Orchestra itself knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from cases.memory.models import Case, Evidence, Message
from cases.memory.types import Speaker
from cases.tools import paths, registry
from cases.tools.arguments import check_answer
from cases.tools.facts import declared_facts
from cases.tools.models import ToolCall, ToolDefinition
from cases.tools.selectors import endpoint_of, spec_of, tools_by_name
from cases.tools.types import AdapterAnswer, AdapterRequest, CallState, Json, Read, Reads, ToolSpec
from governance.access.rules import may
from governance.access.types import Authority, Capability, Role
from governance.knowledge.models import ArticleVersion
from governance.policies.types import FactSet
from orchestra.core.canonical import sha256_hex
from orchestra.core.errors import InvalidInputError, UpstreamError
from orchestra.core.prepared import Prepared

#: A repeated read asks at most so often; more is a mistake in the arguments.
MAX_REPEATS = 50
#: Ends that count as a refusal for the fact ``earlier_refusals``.
_REFUSED_ENDS = (CallState.DENIED, CallState.REJECTED)


@dataclass(frozen=True, slots=True)
class Cited:
    """The rows that a proposal cites."""

    messages: tuple[Message, ...] = ()
    pieces: tuple[Evidence, ...] = ()
    articles: tuple[ArticleVersion, ...] = ()

    @property
    def ids(self) -> frozenset[UUID]:
        """Their public ids."""
        said = {message.public_id for message in self.messages}
        shown = {piece.public_id for piece in self.pieces}
        return frozenset(said | shown | {version.public_id for version in self.articles})


@dataclass(frozen=True, slots=True)
class Asked:
    """What the facts need to know of an action and of who asks for it.

    Attributes:
        exact: The arguments as ``read_exact`` reads them.
        evidence: Public ids of cited messages and evidence; ``cited`` are their rows.
        call_id: Public id of the call itself, left out of the count of earlier refusals.
    """

    spec: ToolSpec
    arguments: Mapping[str, Json]
    exact: Json
    authority: Authority
    confidence: float | None = None
    margin: float | None = None
    off_plan: bool = False
    cue_sheet: str = ""
    pattern: str = ""
    stage: str = ""
    evidence: tuple[str, ...] = ()
    cited: Cited = field(default_factory=Cited)
    call_id: str = ""


class _NoAnswerError(Exception):
    """A read that cannot be asked or was not answered; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def run_reads(*, spec: ToolSpec, arguments: Mapping[str, Json], now: datetime) -> Reads:
    """Ask the reads a tool declares, in their order; never inside a transaction.

    A read that fails, is refused or cannot be asked has no answer; the facts that need it are
    then unknown. Nothing is raised.

    Args:
        spec: The tool.
        arguments: The call's arguments.
        now: When the reads are made.
    """
    tools = tools_by_name({read.tool for read in spec.reads})
    values: dict[str, Json] = {}
    bodies: dict[str, tuple[bytes, ...]] = {}
    errors: dict[str, str] = {}
    for read in spec.reads:
        try:
            answers = _answers(read, tools.get(read.tool), arguments, values)
        except _NoAnswerError as error:
            errors[read.name] = error.code
            continue
        found = [answer.value for answer in answers]
        values[read.name] = found if read.for_each else found[0]
        bodies[read.name] = tuple(answer.body for answer in answers)
    return Reads(
        at=now,
        values=values,
        bodies=bodies,
        digests={name: sha256_hex(b"\n".join(parts)) for name, parts in bodies.items()},
        errors=errors,
        tools={read.name: read.tool for read in spec.reads},
    )


def ask_read(*, tool: ToolDefinition, arguments: Mapping[str, Json]) -> AdapterAnswer:
    """Ask one read tool; never inside a transaction.

    Raises:
        UpstreamError: It did not answer, or not as the tool declares.
        InvalidInputError: The stored tool is no tool.
    """
    spec = spec_of(tool)
    adapter = registry.adapters.get(tool.connection.kind)
    request = AdapterRequest(
        operation=spec.operation,
        tool=spec.name,
        arguments=arguments,
        idempotency_key="",
        timeout_seconds=spec.timeout_seconds,
    )
    answer = adapter.call(endpoint_of(tool.connection), request)
    if answer.ok:
        check_answer(spec=spec, value=answer.value)
    return answer


def case_facts(case: Case) -> dict[str, Json]:
    """Return what registered functions may know of the case."""
    return {
        "customer_ref": case.customer.ref if case.customer else None,
        "customer_name": case.customer.name if case.customer else case.claimed_name,
        "verification": str(case.verification),
        "queue": case.queue.key,
        "channel": str(case.channel),
    }


def fact_set(*, asked: Asked, case: Case, reads: Reads, now: datetime) -> FactSet:
    """Return all facts a decision on an action sees, limits aside.

    Args:
        asked: The action.
        case: The case, locked, with queue and customer.
        reads: What the tool's reads answered before the transaction.
        now: The moment of the decision.
    """
    declared = declared_facts(
        spec=asked.spec, exact=asked.exact, reads=reads, case_facts=case_facts(case)
    )
    own, unknown = _own_facts(asked, case, now)
    return FactSet(
        values={**declared.values, **own}, unknown=(declared.unknown - set(own)) | unknown
    )


def facts_again(*, asked: Asked, case: Case, recorded: FactSet, now: datetime) -> FactSet:
    """Return the facts that a decision saw, with what Orchestra itself knows as it is now.

    Nothing is read from a system of record: what its answers said stays as it was recorded.

    Args:
        asked: The action.
        case: The case, locked, with queue and customer.
        recorded: The facts of the earlier decision, limits aside.
        now: The moment of the decision.
    """
    own, unknown = _own_facts(asked, case, now)
    kept = {name: value for name, value in recorded.values.items() if name not in unknown}
    return FactSet(values={**kept, **own}, unknown=(recorded.unknown - own.keys()) | unknown)


def sources_of(reads: Reads) -> dict[str, str]:
    """Return the digest of each answer the facts rest on, and why others are missing."""
    missing = {name: f"error:{code}" for name, code in reads.errors.items()}
    return {**missing, **reads.digests}


def customer_confirmed(cited: Cited) -> bool:
    """Return whether the cited words are the customer's, said after an AI spoke in the case.

    Words that were said earlier than an AI's do not agree to them by being recorded later.

    Args:
        cited: As ``cite`` returns it.
    """
    said: tuple[Any, ...] = cited.messages
    return any(row.follows_ai for row in said if row.speaker == Speaker.CUSTOMER)


def _cited_messages(case_id: int, ids: Sequence[UUID]) -> QuerySet[Message]:
    before = Message.objects.filter(
        case_id=case_id, speaker=Speaker.AI, pk__lt=OuterRef("pk"), at__lte=OuterRef("at")
    )
    rows = Message.objects.filter(case_id=case_id, public_id__in=ids)
    return rows.annotate(follows_ai=Exists(before)).order_by("pk")


_CITED = Prepared(_cited_messages)


def cite(*, case: Case, evidence: Sequence[str]) -> Cited:
    """Return the cited messages and pieces of evidence of a case; unknown ids are left out.

    Each message brings ``follows_ai``, whether an AI spoke in the case before; what was said
    before a message that is there does not change any more.
    """
    if not evidence:
        return Cited()
    messages = tuple(_CITED.rows(case.pk, [UUID(one) for one in evidence]))
    if len(messages) == len(set(evidence)):
        return Cited(messages)
    pieces = Evidence.objects.filter(case=case, public_id__in=evidence).order_by("pk")
    return Cited(messages, tuple(pieces))


def _own_facts(asked: Asked, case: Case, now: datetime) -> tuple[dict[str, Json], frozenset[str]]:
    actor = asked.authority.actor
    values: dict[str, Json] = {
        "tool": asked.spec.name,
        "effect": str(asked.spec.effect),
        "actor_kind": str(actor.kind),
        "actor_roles": sorted(str(role) for role in asked.authority.roles),
        "queue": case.queue.key,
        "channel": str(case.channel),
        "priority": case.priority,
        "risk_flags": sorted(case.risk_flags),
        "verification": str(case.verification),
        "customer_bound": case.customer is not None,
        "customer_confirmed": customer_confirmed(asked.cited),
        "off_plan": asked.off_plan,
        "earlier_refusals": _earlier_refusals(case, asked.call_id),
        "specialist_request": _is_specialist_here(asked.authority, case),
        "local_hour": timezone.localtime(now, timezone.get_default_timezone()).hour,
    }
    planned = {"cue_sheet": asked.cue_sheet, "pattern": asked.pattern, "stage": asked.stage}
    values |= {name: value for name, value in planned.items() if value}
    unknown: set[str] = set()
    # Without a declared risk the fact is unknown, and the floor denies.
    _put(values, unknown, "risk", asked.spec.risk or None)
    if actor.is_agent:
        # A person's confidence has no meaning; an AI that does not say its own hides it.
        _put(values, unknown, "confidence", asked.confidence)
        _put(values, unknown, "margin", asked.margin)
    return values, frozenset(unknown)


def _put(values: dict[str, Json], unknown: set[str], name: str, value: Json) -> None:
    if value is None:
        unknown.add(name)
    else:
        values[name] = value


def _earlier_refusals(case: Case, call_id: str) -> int:
    ids = _REFUSED.rows(case.pk)
    return sum(str(one) != call_id for one in ids)


_REFUSED = Prepared(
    lambda case_id: (
        ToolCall.objects.filter(case_id=case_id)
        .filter(Q(refused=True) | Q(state__in=_REFUSED_ENDS))
        .values_list("public_id", flat=True)
    )
)


def _is_specialist_here(authority: Authority, case: Case) -> bool:
    return (
        authority.actor.is_human
        and Role.SPECIALIST in authority.roles
        and may(authority, Capability.CASE_WORK, case.queue_id)
    )


def _answers(
    read: Read,
    tool: ToolDefinition | None,
    arguments: Mapping[str, Json],
    values: Mapping[str, Json],
) -> list[AdapterAnswer]:
    if tool is None or not tool.enabled or tool.effect != "read":
        raise _NoAnswerError("no_read_tool")
    if not read.for_each:
        return [_one_answer(tool, paths.fill(read.arguments, root=arguments, reads=values))]
    return [
        _one_answer(tool, paths.fill(read.arguments, root=arguments, reads=values, each=element))
        for element in _elements(read, arguments, values)
    ]


def _elements(read: Read, arguments: Mapping[str, Json], values: Mapping[str, Json]) -> list[Json]:
    if paths.is_path(read.for_each):
        found = paths.resolve(read.for_each, root=arguments, reads=values)
    else:
        function = registry.each_functions.find(read.for_each)
        try:
            found = function(arguments, values) if function else paths.MISSING
        except (LookupError, TypeError, ValueError, AttributeError):
            found = paths.MISSING
    if not isinstance(found, list) or len(found) > MAX_REPEATS:
        raise _NoAnswerError("no_elements")
    unique: list[Json] = []
    for element in found:
        if element not in unique:
            unique.append(element)
    return unique


def _one_answer(tool: ToolDefinition, arguments: Json) -> AdapterAnswer:
    if arguments is paths.MISSING:
        raise _NoAnswerError("argument_missing")
    try:
        answer = ask_read(tool=tool, arguments=arguments)
    except UpstreamError as error:
        raise _NoAnswerError(error.error_code) from error
    except (InvalidInputError, LookupError) as error:
        raise _NoAnswerError("tool_unusable") from error
    if not answer.ok:
        raise _NoAnswerError("refused")
    return answer
