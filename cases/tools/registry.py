"""What plugs into the tools: adapters, named functions of packs, users, what comes after a call.

Filled at start-up: adapters and functions by ``cases.wiring`` and the packs that ship,
``users``, ``settled`` and ``handed_off`` by the rooms above. Read afterwards.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any, Final

from orchestra.core.errors import FieldError
from orchestra.core.registry import Registry

if TYPE_CHECKING:
    from cases.tools.models import ToolCall
    from cases.tools.ports import ToolAdapter
    from cases.tools.types import ToolSpec

Json = Any


class NoFact(Enum):
    """What a fact function answers when it has no value to give."""

    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


UNKNOWN: Final = NoFact.UNKNOWN
NOT_APPLICABLE: Final = NoFact.NOT_APPLICABLE


@dataclass(frozen=True, slots=True)
class FactFunction:
    """A named pure function that computes one fact.

    Attributes:
        compute: Takes the arguments, the answers by read and the facts of the case (among
            them ``customer_ref``); returns a JSON value, ``UNKNOWN`` or ``NOT_APPLICABLE``.
            An answer that was not to be had is absent; looking for it is then UNKNOWN.
        type: ``text``, ``number``, ``boolean`` or ``list``.
        unit: Such as ``minor units``; empty for none.
        meaning: One sentence for the person who writes policies.
    """

    compute: Callable[[Mapping[str, Json], Mapping[str, Json], Mapping[str, Json]], Json]
    type: str
    unit: str
    meaning: str


class Flow(StrEnum):
    """Which way the money of an action moves."""

    UNSAID = ""
    NONE = "none"
    TO_CUSTOMER = "to_customer"
    FROM_CUSTOMER = "from_customer"
    BOTH_WAYS = "both_ways"


@dataclass(frozen=True, slots=True)
class EffectText:
    """What a call will do, in words.

    Attributes:
        title: Short imperative line for bars and lists.
        detail: The second line of a list: what the goods are worth, how many items.
        sentence: The whole effect in one sentence.
        closes_off: What can no longer be done afterwards; empty for nothing.
        money: Which way money moves.
    """

    title: str
    detail: str
    sentence: str
    closes_off: str = ""
    money: Flow = Flow.UNSAID


@dataclass(frozen=True, slots=True)
class BeforeAfterRow:
    """One line of the table that shows what changes."""

    label: str
    now: str
    after: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """One utterance of the case's conversation, for functions that compare it with the action.

    Attributes:
        speaker: Such as ``customer`` or ``ai``.
    """

    speaker: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Ground:
    """One thing an action rests on, as a whole sentence without its full stop.

    Attributes:
        facts: The declared facts it puts in words; they are then not listed again.
        shown_by: Names of the reads that show it; empty where no read does.
        source: Where it stands instead, such as ``the order carries no date``.
        trust: ``confirmed``, ``claimed`` or ``unknown``.
    """

    text: str
    facts: tuple[str, ...] = ()
    shown_by: tuple[str, ...] = ()
    source: str = ""
    trust: str = "confirmed"


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that is easily overlooked: a near-twin, a corrected statement.

    Attributes:
        title: A clause that reads on after "Look twice:".
        text: What to compare; times in it are absolute.
    """

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Grounds:
    """What an action rests on, and what about it is easily overlooked."""

    lines: tuple[Ground, ...] = ()
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class HandOver:
    """That a call ends with a person instead of an effect, and why.

    Attributes:
        queue: Key of the queue to hand to; empty for the case's own.
        role: Role asked for; empty for anyone of the queue.
        reason_code: Stable code.
        reason: In plain words.
    """

    queue: str
    role: str
    reason_code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Use:
    """Something in force that cannot do without a tool.

    Attributes:
        kind: Such as ``cue_sheet``.
        place: Where in it, in words; empty for the whole.
    """

    kind: str
    key: str
    title: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Users:
    """How a room above tells what it does with the tools.

    Attributes:
        using: Takes the name of a tool; returns everything in force there that uses it.
        broken_by: Takes what a tool would declare; returns what would no longer work there.
    """

    using: Callable[[str], tuple[Use, ...]]
    broken_by: Callable[["ToolSpec"], tuple[FieldError, ...]]


EffectFunction = Callable[[Mapping[str, Json], Mapping[str, Json]], EffectText | None]
BeforeAfterFunction = Callable[
    [Mapping[str, Json], Mapping[str, Json]], tuple[BeforeAfterRow, ...] | None
]
GroundsFunction = Callable[
    [Mapping[str, Json], Mapping[str, Json], tuple[Spoken, ...]], Grounds | None
]
EachFunction = Callable[[Mapping[str, Json], Mapping[str, Json]], list[Json]]

#: Adapter by kind of connection.
adapters: "Registry[ToolAdapter]" = Registry("tool adapter")
#: Functions a tool document names under ``facts``.
fact_functions: Registry[FactFunction] = Registry("fact function")
#: Functions a tool document names under ``for_each`` of a read; they yield its elements.
each_functions: Registry[EachFunction] = Registry("element function")
#: Functions a tool document names as ``effect_text``; None where the reads do not suffice.
effect_texts: Registry[EffectFunction] = Registry("effect text")
#: Functions a tool document names as ``before_after``; None where the reads do not suffice.
before_after: Registry[BeforeAfterFunction] = Registry("before-and-after function")

#: Functions a tool document names as ``grounds``; None where the reads do not suffice.
grounds: Registry[GroundsFunction] = Registry("grounds function")

#: Rooms above whose documents name tools; asked before a version of a tool goes into force.
users: Registry[Users] = Registry("user of tools")

ProposedHandler = Callable[["ToolCall", datetime], None]
SettledHandler = Callable[["ToolCall", datetime], None]
HandedOffHandler = Callable[["ToolCall", HandOver, datetime], None]

#: Called in the transaction that proposes a call, before its decision takes effect on it.
proposed: Registry[ProposedHandler] = Registry("proposed handler")
#: Called in the transaction that brings a call to an end, whichever end it is, except
#: ``handed_off``, which is told to the handlers below instead, and the end of a call that was
#: edited, since the call that replaces it was told as ``proposed`` before.
settled: Registry[SettledHandler] = Registry("settled handler")
#: Called in the same transaction when policy wants a specialist (the call's state is then
#: ``handed_off``), and after ``settled`` when a tool that hands over has succeeded.
handed_off: Registry[HandedOffHandler] = Registry("handed-off handler")
