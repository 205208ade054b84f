"""What a check reads of one interaction: values only, so that a check can be repeated; pure.

It holds no level of risk: what is said can neither raise nor lower one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Json = Any

_SENTENCE = re.compile(r"(?<=[.?!])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Utterance:
    """One message.

    Attributes:
        id: Public id of the message.
        speaker: ``customer``, ``ai`` or ``human``.
    """

    id: str
    speaker: str
    text: str
    at: datetime

    @property
    def by_customer(self) -> bool:
        """Whether the customer said it."""
        return self.speaker == "customer"


@dataclass(frozen=True, slots=True)
class CallSeen:
    """One tool call as it ended.

    Attributes:
        id: Public id of the call.
        tool: Name of the tool.
        writes: Whether the tool changes a system of record.
        identifies: Whether it is the way in which the customer is found or confirmed.
        hands_off: Whether it gives the case to people.
        done: Whether it ran and was not refused.
        confirmed: What the tool's own confirming read said; None where it has none.
        by_agent: Whether an AI agent proposed it.
        at: When it was proposed.
        settled_at: When it ended; None while it has not.
    """

    id: str
    tool: str
    at: datetime
    writes: bool = False
    identifies: bool = False
    hands_off: bool = False
    done: bool = True
    confirmed: bool | None = None
    by_agent: bool = True
    settled_at: datetime | None = None
    arguments: Mapping[str, Json] | None = None
    result: Json = None
    amount_minor: int | None = None

    @property
    def stands(self) -> bool:
        """Whether it ran, and nothing that was read afterwards says that it did not."""
        return self.done and self.confirmed is not False

    def stood_at(self, moment: datetime) -> bool:
        """Return whether it had ended well by then."""
        return self.stands and self.settled_at is not None and self.settled_at <= moment


@dataclass(frozen=True, slots=True)
class ArticleSeen:
    """One version of an article that was read or cited for the case.

    Attributes:
        id: Public id of the version.
        label: Such as ``Returns 3``.
    """

    id: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One interaction, whole.

    Attributes:
        messages: Those of the interaction, oldest first.
        before: What was said on the case before the interaction began, oldest first.
        verified_at: When the customer was first known with level basic or more; None for never.
        calls: The calls on the case proposed until the interaction ended, oldest first.
        articles: What was used for the case until then, in the version that was used.
        disclosed_at: When a reviewed text told the customer that an AI speaks; None for never.
        texts: What the cue sheets of the case have ready to be said, word for word.
        contact_points: How the customer is reached, as the customer gave it.
        handed_off: Whether the case was with somebody else when the interaction ended.
        erased: Whether words of it were erased.
    """

    messages: tuple[Utterance, ...]
    before: tuple[Utterance, ...] = ()
    verified_at: datetime | None = None
    calls: tuple[CallSeen, ...] = ()
    articles: tuple[ArticleSeen, ...] = ()
    disclosed_at: datetime | None = None
    texts: tuple[str, ...] = ()
    contact_points: tuple[str, ...] = ()
    handed_off: bool = False
    erased: bool = False

    @property
    def answers(self) -> tuple[Utterance, ...]:
        """What was said to the customer, by whomever."""
        return tuple(one for one in self.messages if not one.by_customer)

    @property
    def from_customer(self) -> tuple[Utterance, ...]:
        """What the customer said in this interaction."""
        return tuple(one for one in self.messages if one.by_customer)


@dataclass(frozen=True, slots=True)
class Span:
    """Words of one message, by characters.

    Attributes:
        message: Public id of the message.
        start: Index of the first character.
        end: Index after the last character; more than ``start``.
    """

    message: str
    start: int
    end: int

    def as_json(self) -> dict[str, Json]:
        """Return how it is stored."""
        return {"message": self.message, "start": self.start, "end": self.end}


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the words: a call, an article or nothing of the kind.

    Attributes:
        kind: ``tool_call`` or ``article_version``.
        id: Its public id.
        label: Its name, without anything personal.
    """

    kind: str
    id: str
    label: str

    def as_json(self) -> dict[str, str]:
        """Return how it is stored."""
        return {"kind": self.kind, "id": self.id, "label": self.label}


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each sentence of a text starts and ends, without the space around it."""
    start = 0
    for gap in (*_SENTENCE.finditer(text), None):
        end = len(text) if gap is None else gap.start()
        piece = text[start:end]
        left = len(piece) - len(piece.lstrip())
        if piece.strip():
            yield start + left, start + len(piece.rstrip())
        start = end if gap is None else gap.end()


def leaves(value: Json, key: str = "") -> Iterator[tuple[str, Json]]:
    """Yield every text and number in JSON with the name nearest to it; names of a map too."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from leaves(inner, str(name))
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        for inner in value:
            yield from leaves(inner, key)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield key, value
