"""A draft tried without sending anything: do arguments hold, what would be decided, and sent.

Values in, values out: no connection is opened, no secret is read and nothing is stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import unquote

from cases.tools.arguments import check_arguments, read_exact
from cases.tools.connecting import AuthKind, ConnectionSpec
from cases.tools.facts import declared_facts
from cases.tools.operations import Sent, compose
from cases.tools.types import ConnectionKind, Effect, Reads, ToolSpec
from governance.policies.compiled import CompiledPolicies
from governance.policies.decision import decide
from governance.policies.types import Decision, FactSet
from orchestra.core import canonical
from orchestra.core.errors import FieldError, InvalidInputError, UpstreamError
from orchestra.core.redaction import DOT, mask_arguments

Json = Any
HIDDEN: Final = DOT * 3
#: Stands for what is hidden while the request is put together: it passes every place as it is.
_MARK: Final = "hidden0value0of0a0sensitive0argument"
_ERROR: Final = "sensitive"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is assumed of whoever asks, of the customer and of the case.

    Attributes:
        actor_kind: ``agent`` or ``human``.
        verification: ``none``, ``basic`` or ``strong``.
        confidence: 0 to 1, of an AI agent; None where it does not say it.
        channel: Where the customer talks, such as ``chat``.
        priority: 1 (first) to 5.
    """

    actor_kind: str
    roles: tuple[str, ...]
    queue: str
    verification: str
    customer_confirmed: bool
    confidence: float | None
    margin: float | None
    local_hour: int
    channel: str = "chat"
    priority: int = 3


@dataclass(frozen=True, slots=True)
class Preview:
    """The request as it would be sent, with what is secret or sensitive masked.

    Attributes:
        body: Place in the body to the value there, in words.
    """

    method: str
    address: str
    headers: tuple[tuple[str, str], ...]
    body: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of trying a draft.

    Attributes:
        errors: What is wrong with the arguments, or why no request can be made of them.
        decision: What the policies in force would decide; None where the arguments do not hold.
        unknown: Facts that nothing here can know, since no system was read.
        preview: None where no request can be made, or where there is none to show.
    """

    errors: tuple[FieldError, ...]
    decision: Decision | None = None
    unknown: tuple[str, ...] = ()
    preview: Preview | None = None


def try_draft(
    *,
    spec: ToolSpec,
    arguments: Mapping[str, Json],
    given: Circumstances,
    policies: CompiledPolicies,
    connection: ConnectionSpec | None,
    now: datetime,
) -> Trial:
    """Return what a call of a draft would come to; nothing is sent, read or stored.

    Args:
        spec: What the draft declares.
        arguments: As they would be proposed.
        given: Who would ask, and for whom.
        policies: Those that decide.
        connection: How its system is reached; None where there is no such connection.
        now: The moment of the trial.
    """
    exact = read_exact(canonical.canonical_bytes(dict(arguments)))
    try:
        check_arguments(spec=spec, arguments=dict(arguments), exact=exact)
    except InvalidInputError as error:
        return Trial(errors=_told(spec, error.errors))
    facts = _facts(spec, exact, given, now)
    decision = decide(facts=facts, policies=policies)
    try:
        preview = preview_request(spec=spec, arguments=arguments, connection=connection)
    except UpstreamError as error:
        name = str(error.data.get("argument", ""))
        finding = FieldError(f"arguments.{name}", error.error_code, error.message)
        return Trial(_told(spec, (finding,)), decision, tuple(sorted(facts.unknown)))
    return Trial((), decision, tuple(sorted(facts.unknown)), preview)


def preview_request(
    *, spec: ToolSpec, arguments: Mapping[str, Json], connection: ConnectionSpec | None
) -> Preview | None:
    """Return the request that a call would send; None where its system has no address.

    Raises:
        UpstreamError: No request can be made of these arguments.
    """
    if connection is None or connection.kind is ConnectionKind.SIMULATED:
        return None
    hidden = _marked(mask_arguments(dict(arguments), list(spec.sensitive)))
    if connection.kind is ConnectionKind.MCP:
        called = str(spec.operation.get("name") or spec.name)
        body: Json = {"method": "tools/call", "name": called, "arguments": hidden}
        sent = Sent("POST", "", {}, canonical.canonical_bytes(body))
    else:
        # With the values as they are, so that what cannot be sent is told as it would be.
        compose(operation=spec.operation, tool=spec.name, arguments=arguments)
        sent = compose(operation=spec.operation, tool=spec.name, arguments=hidden)
    address = connection.base_url.rstrip("/") + sent.path
    return Preview(
        method=sent.method,
        address=unquote(address.replace(_MARK, HIDDEN)) if _MARK in address else address,
        headers=tuple(_headers(spec, connection, sent)),
        body=tuple(_flat(canonical.loads_strict(sent.content))) if sent.content else (),
    )


def _headers(spec: ToolSpec, connection: ConnectionSpec, sent: Sent) -> list[tuple[str, str]]:
    found = [(name, text.replace(_MARK, HIDDEN)) for name, text in sent.headers.items()]
    found.append(("Accept", "application/json"))
    if sent.content:
        found.append(("Content-Type", "application/json"))
    if spec.effect is Effect.WRITE:
        found.append(("Idempotency-Key", HIDDEN))
    if connection.auth.kind is AuthKind.HEADER:
        found.append((connection.auth.header, HIDDEN))
    elif connection.auth.kind is not AuthKind.NONE:
        found.append(("Authorization", HIDDEN))
    return found


def _marked(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {key: _marked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_marked(item) for item in value]
    return _MARK if value == HIDDEN else value


def _flat(value: Json, place: str = "") -> list[tuple[str, str]]:
    """Return every single value of a body with its place, such as ``items[0].id``."""
    if isinstance(value, Mapping) and value:
        found = []
        for key, item in value.items():
            found += _flat(item, f"{place}.{key}" if place else str(key))
        return found
    if isinstance(value, list) and value:
        return [one for n, item in enumerate(value) for one in _flat(item, f"{place}[{n}]")]
    text = value if isinstance(value, str) else canonical.canonical_bytes(value).decode()
    return [(place, text.replace(_MARK, HIDDEN))]


def _told(spec: ToolSpec, errors: tuple[FieldError, ...]) -> tuple[FieldError, ...]:
    """Return findings without the values of sensitive arguments, which they would quote."""
    hidden = {_first(path.removeprefix("$")) for path in spec.sensitive}
    return tuple(
        FieldError(one.field, _ERROR, "is not as the tool declares it")
        if _may_quote(one, hidden)
        else one
        for one in errors
    )


def _first(path: str) -> str:
    return path.lstrip(".").partition(".")[0].partition("[")[0]


def _may_quote(error: FieldError, hidden: set[str]) -> bool:
    """Return whether a finding could hold a value that is hidden."""
    name = _first(error.field.removeprefix("arguments"))
    is_near = name in hidden or not name or "" in hidden
    return bool(hidden) and is_near and error.code != "required"


def _facts(spec: ToolSpec, exact: Json, given: Circumstances, now: datetime) -> FactSet:
    declared = declared_facts(spec=spec, exact=exact, reads=Reads(at=now), case_facts={})
    own: dict[str, Json] = {
        "tool": spec.name,
        "effect": str(spec.effect),
        "actor_kind": given.actor_kind,
        "actor_roles": sorted(given.roles),
        "queue": given.queue,
        "channel": given.channel,
        "priority": given.priority,
        "risk_flags": [],
        "verification": given.verification,
        "customer_bound": given.verification != "none",
        "customer_confirmed": given.customer_confirmed,
        "off_plan": False,
        "earlier_refusals": 0,
        "specialist_request": False,
        "local_hour": given.local_hour,
    }
    unknown = set(declared.unknown)
    said: dict[str, Json] = {"risk": spec.risk or None}
    if given.actor_kind == "agent":
        said |= {"confidence": given.confidence, "margin": given.margin}
    for name, value in said.items():
        if value is None:
            unknown.add(name)
        else:
            own[name] = value
    return FactSet(values={**declared.values, **own}, unknown=frozenset(unknown - set(own)))
