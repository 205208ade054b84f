"""The facts a policy may name: type, unit and meaning of each, in one place; pure.

Orchestra's own facts are registered here. A tool's facts are registered by the app that
owns the tools, at start-up, through ``facts.register(name, FactSpec(...))``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from governance.policies.types import Operator, RiskLevel
from orchestra.core.registry import Registry
from orchestra.core.said import said as _


class FactType(StrEnum):
    """What kind of value a fact has."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    FLAG = "flag"
    LIST = "list"


#: Fact type to how errors name it.
TYPE_WORDS: Mapping[FactType, str] = {
    FactType.TEXT: _("text"),
    FactType.WHOLE: _("whole number"),
    FactType.NUMBER: _("number"),
    FactType.FLAG: _("true or false"),
    FactType.LIST: _("list"),
}

_EQUALITY = frozenset({Operator.IS, Operator.IS_NOT, Operator.IN, Operator.NOT_IN})
_ORDER = frozenset({Operator.BELOW, Operator.AT_MOST, Operator.ABOVE, Operator.AT_LEAST})

#: Fact type to the operators that make sense of it.
OPERATORS: Mapping[FactType, frozenset[Operator]] = {
    FactType.TEXT: _EQUALITY,
    FactType.WHOLE: _EQUALITY | _ORDER,
    FactType.NUMBER: _EQUALITY | _ORDER,
    FactType.FLAG: frozenset({Operator.IS, Operator.IS_NOT}),
    FactType.LIST: frozenset({Operator.CONTAINS, Operator.LACKS}),
}


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One fact as policies, admin and API name it.

    Attributes:
        unit: Unit of a number, empty for none.
        meaning: One sentence for whoever writes a policy.
        choices: The only values a text (or an element of a list) can have; empty for any.
        source: Where the value comes from, in words; empty where nobody said.
        example: A value as it stands in a document.
    """

    name: str
    type: FactType
    unit: str
    meaning: str
    choices: tuple[str, ...] = ()
    source: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What a policy is checked against.

    Attributes:
        facts: Every fact that may be named.
        tools: Names of the tools that exist; None where they are not to be checked.
    """

    facts: Mapping[str, FactSpec] = field(default_factory=dict)
    tools: frozenset[str] | None = None


facts: Registry[FactSpec] = Registry("fact")


def known_facts() -> dict[str, FactSpec]:
    """Return every registered fact by name."""
    return {name: facts.get(name) for name in facts}


def register_facts(specs: Iterable[FactSpec]) -> None:
    """Register several facts under their names."""
    for spec in specs:
        facts.register(spec.name, spec)


_CALL = "the proposed call and its tool's declaration"
_PROPOSER = "whoever proposes the call"
_CASE = "the case and its journey"
_INTAKE = "intake, when the case was opened"
_RECORD = "Orchestra's own record of the case"
_CLOCK = "the clock at the moment of deciding"

OWN_FACTS: tuple[FactSpec, ...] = (
    FactSpec(
        "tool",
        FactType.TEXT,
        "",
        "Name of the tool that is to be called.",
        source=_CALL,
        example="cancel_order",
    ),
    FactSpec(
        "effect",
        FactType.TEXT,
        "",
        "Whether the tool only reads or changes a system of record.",
        ("read", "write"),
        source=_CALL,
        example="write",
    ),
    FactSpec(
        "risk",
        FactType.TEXT,
        "",
        "The risk level the tool declares.",
        tuple(level.value for level in RiskLevel),
        source=_CALL,
        example="high",
    ),
    FactSpec(
        "actor_kind",
        FactType.TEXT,
        "",
        "Who proposes: an AI agent, a person, or the journey engine itself.",
        ("agent", "human", "system"),
        source=_PROPOSER,
        example="agent",
    ),
    FactSpec(
        "actor_roles",
        FactType.LIST,
        "",
        "Roles held by whoever proposes.",
        source=_PROPOSER,
        example="supervisor",
    ),
    FactSpec(
        "queue",
        FactType.TEXT,
        "",
        "Key of the queue the case is in.",
        source=_CASE,
        example="returns",
    ),
    FactSpec(
        "cue_sheet",
        FactType.TEXT,
        "",
        "Key of the cue sheet the journey runs.",
        source=_CASE,
        example="return_items",
    ),
    FactSpec(
        "pattern",
        FactType.TEXT,
        "",
        "Who leads in this cue sheet.",
        ("ai_first", "human_first", "parallel"),
        source=_CASE,
        example="ai_first",
    ),
    FactSpec(
        "stage",
        FactType.TEXT,
        "",
        "Stage of the step the call belongs to.",
        ("identify", "verify", "execute", "communicate", "escalate", "close"),
        source=_CASE,
        example="execute",
    ),
    FactSpec(
        "channel",
        FactType.TEXT,
        "",
        "Channel the customer uses, such as chat or voice.",
        source=_CASE,
        example="chat",
    ),
    FactSpec(
        "confidence",
        FactType.NUMBER,
        "0 to 1",
        "How sure the AI says it is; a person has none.",
        source=_PROPOSER,
        example="0.8",
    ),
    FactSpec(
        "margin",
        FactType.NUMBER,
        "0 to 1",
        "How far the AI's best choice lies before its second; a person has none.",
        source=_PROPOSER,
        example="0.15",
    ),
    FactSpec(
        "risk_flags",
        FactType.LIST,
        "",
        "Risk flags that intake raised on the case.",
        source=_INTAKE,
        example="fraud",
    ),
    FactSpec(
        "priority",
        FactType.WHOLE,
        "",
        "Priority of the case, 1 first to 5 last.",
        source=_INTAKE,
        example="3",
    ),
    FactSpec(
        "verification",
        FactType.TEXT,
        "",
        "How far the customer is verified; what an AI merely says is claimed.",
        ("none", "claimed", "basic", "strong"),
        source=_RECORD,
        example="basic",
    ),
    FactSpec(
        "amount_minor",
        FactType.WHOLE,
        "minor units",
        "Money the call moves.",
        source=_CALL,
        example="50000",
    ),
    FactSpec(
        "currency",
        FactType.TEXT,
        "ISO 4217",
        "Currency of the amount.",
        source=_CALL,
        example="USD",
    ),
    FactSpec(
        "off_plan",
        FactType.FLAG,
        "",
        "Whether no ready step of the journey asks for this call.",
        source=_CASE,
        example="true",
    ),
    FactSpec(
        "earlier_refusals",
        FactType.WHOLE,
        "calls",
        "Calls refused or denied earlier in the case.",
        source=_RECORD,
        example="3",
    ),
    FactSpec(
        "customer_bound",
        FactType.FLAG,
        "",
        "Whether the case is bound to a customer.",
        source=_RECORD,
        example="true",
    ),
    FactSpec(
        "customer_confirmed",
        FactType.FLAG,
        "",
        "Whether the customer has said yes to the listed details.",
        source=_RECORD,
        example="true",
    ),
    FactSpec(
        "specialist_request",
        FactType.FLAG,
        "",
        "Whether a specialist of the queue proposes.",
        source=_PROPOSER,
        example="false",
    ),
    FactSpec(
        "local_hour",
        FactType.WHOLE,
        "0 to 23",
        "Hour of the day where the centre is.",
        source=_CLOCK,
        example="20",
    ),
)

register_facts(OWN_FACTS)

#: What is gathered for every call, whatever its tool; absent, it is lacking.
ALWAYS_KNOWN = frozenset(
    {
        "tool",
        "effect",
        "risk",
        "actor_kind",
        "actor_roles",
        "queue",
        "channel",
        "priority",
        "risk_flags",
        "verification",
        "customer_bound",
        "customer_confirmed",
        "off_plan",
        "earlier_refusals",
        "specialist_request",
        "local_hour",
    }
)
#: What is gathered for every call of an AI agent; it has no meaning for others.
KNOWN_OF_AGENTS = frozenset({"confidence", "margin"})
