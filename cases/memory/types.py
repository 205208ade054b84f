"""Channels, speakers, case states, verification, drafts and the timeline, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

Json = Any

#: What the reference of an erased customer begins with; the public id in hex follows.
ERASED: Final = "erased:"


def label_of(key: int) -> str:
    """Return the name by which people know a case, such as ``C-12``, by its internal key."""
    return f"C-{key}"


class Channel(StrEnum):
    """Where a contact happens."""

    CHAT = "chat"
    VOICE = "voice"
    EMAIL = "email"
    WEB = "web"


class Speaker(StrEnum):
    """Who said a message."""

    CUSTOMER = "customer"
    AI = "ai"
    HUMAN = "human"


class CaseStatus(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    HANDED_OFF = "handed_off"
    RESOLVED = "resolved"
    CLOSED = "closed"
    MERGED = "merged"


#: Where a case stands while somebody still works on it.
OPEN_STATUSES: Final = frozenset({CaseStatus.OPEN, CaseStatus.HANDED_OFF})


class Disposition(StrEnum):
    """What became of the matter, in one word that can be counted."""

    SOLVED = "solved"
    PARTLY_SOLVED = "partly_solved"
    NOT_SOLVED = "not_solved"
    WITHDRAWN = "withdrawn"
    REFERRED = "referred"


class IntentHold(StrEnum):
    """What a case waits for before anything may be changed on the strength of its need."""

    CONFIRM = "confirm"
    PERSON = "person"


class CaseAct(StrEnum):
    """What can be done to a case as a whole; each asks for a state."""

    TALK = "talk"
    VERIFY = "verify"
    MOVE = "move"
    HOLD = "hold"
    RESOLVE = "resolve"
    CLOSE = "close"
    REOPEN = "reopen"
    TAKE_IN = "take_in"
    MERGE = "merge"


class VerificationLevel(StrEnum):
    """How surely the customer is known; ordered."""

    NONE = "none"
    CLAIMED = "claimed"
    BASIC = "basic"
    STRONG = "strong"

    @property
    def strength(self) -> int:
        """0 for none to 3 for strong; claimed satisfies no floor."""
        return list(VerificationLevel).index(self)


class Trust(StrEnum):
    """How far a thing in the case's memory is trusted."""

    CLAIMED = "claimed"
    TOOL_CONFIRMED = "tool_confirmed"
    HUMAN_CONFIRMED = "human_confirmed"


class Masking(StrEnum):
    """What is hidden when the timeline is shown; what is stored never changes."""

    NONE = "none"
    PERSONAL = "personal"


@dataclass(frozen=True, slots=True)
class CaseDraft:
    """A contact as it arrives: it opens a case or rejoins an open one.

    Attributes:
        text: The customer's first words, 1 to 20,000 characters.
        queue: Key of the queue; empty for the default queue.
        customer_ref: How other systems know the customer; empty when unknown.
        customer_name: Name as given.
        contact_points: ``{"kind": "email", "value": "a@example.com"}`` and the like.
        external_ref: The channel's own name of the matter; the same one is the same case.
        subject: One line; empty takes the first words of the text.
        intent: Key of the intent where it is known already, for rejoining.
        said_at: When the words were said; None for now.
    """

    channel: Channel
    text: str
    queue: str = ""
    customer_ref: str = ""
    customer_name: str = ""
    contact_points: tuple[Mapping[str, str], ...] = ()
    external_ref: str = ""
    subject: str = ""
    intent: str = ""
    said_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OpenCase:
    """What the rejoin rule looks at of a case that is not closed.

    Attributes:
        pk: Internal key; the newest case has the largest.
    """

    pk: int
    status: CaseStatus
    customer_ref: str
    external_ref: str
    queue_id: int
    intent: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceDraft:
    """A reference or a file's digest, with what it proves.

    Attributes:
        kind: Lower-case code, such as ``tool_answer``, ``document`` or ``photo``.
        digest: SHA-256 of the content as lower-case hex; empty for a bare reference.
        file_name: What the file is called; empty unless its content is kept here.
        media_type: Of the file, as its bytes tell it.
        size: Bytes of the file.
    """

    kind: str
    title: str
    proves: str
    reference: str = ""
    digest: str = ""
    file_name: str = ""
    media_type: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class VerificationClaim:
    """What is said about who the customer is.

    Attributes:
        level: Level asserted by whoever says it.
        method: How, such as ``email on file`` or ``name and zip code``.
        trust: On whose word it stands.
        customer_ref: Whom it identifies; empty leaves the case's customer as it is.
        tool_call_id: Public id of the tool call that confirmed it; empty for people.
        evidence: Public ids of messages and evidence of the case that show it.
    """

    level: VerificationLevel
    method: str
    trust: Trust
    customer_ref: str = ""
    customer_name: str = ""
    tool_call_id: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VerificationStanding:
    """How surely the customer of a case is known now, and since which check.

    Attributes:
        trust: None while nothing was said.
        at: When the check that set the level was recorded; None for level none.
    """

    level: VerificationLevel
    method: str = ""
    trust: Trust | None = None
    by_label: str = ""
    at: datetime | None = None
    tool_call_id: str = ""


@dataclass(frozen=True, slots=True)
class CaseFilters:
    """How a list of cases is narrowed, as a query string has it; empty does not narrow.

    Attributes:
        status: A ``CaseStatus``.
        queue: Key of the queue.
        journey: Key of a cue sheet that runs or ran on the case.
        customer: The customer's reference.
        risk: A risk flag the case carries.
        holder_id: Public id of the person who holds the case.
        opened_after: RFC 3339 time, inclusive.
        opened_before: RFC 3339 time, exclusive.
    """

    status: str | None = ""
    queue: str = ""
    journey: str = ""
    customer: str = ""
    intent: str = ""
    risk: str = ""
    holder_id: str = ""
    opened_after: str = ""
    opened_before: str = ""


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """One entry of a case's stream as recorded, for whoever reads a case out of its record.

    Attributes:
        seq: Number in the case's stream, from 1.
        payload: As recorded, unmasked; None once it was erased.
        policy: Digest of the policies that decided; empty for none.
        cue: Digest of the cue sheet's version; empty for none.
        schema: Digest of the tool's version; empty for none.
    """

    seq: int
    at: datetime
    kind: str
    actor_kind: str
    actor_id: str
    subject_kind: str
    subject_id: str
    payload: Mapping[str, Json] | None
    policy: str = ""
    cue: str = ""
    schema: str = ""


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One event of a case as one reader may see it.

    Attributes:
        seq: Number in the case's stream, from 1.
        sentence: The event in words.
        payload: What was recorded, masked for the reader; empty once erased.
        erased: Whether the payload was erased under a legal basis.
        from_case: Label of the absorbed case it happened in; empty for the case's own.
    """

    seq: int
    at: datetime
    kind: str
    actor_kind: str
    actor_id: str
    actor_label: str
    sentence: str
    subject_kind: str = ""
    subject_id: str = ""
    payload: Mapping[str, Json] = field(default_factory=dict)
    erased: bool = False
    from_case: str = ""


@dataclass(frozen=True, slots=True)
class DisclosureText:
    """A reviewed text in force that tells a customer that they talk to an AI.

    Attributes:
        article: Key of the article that holds it.
        number: Which version of it.
        version_digest: Lower-case hex SHA-256 that the version was voted on under.
        text: The words to show.
        text_digest: Lower-case hex SHA-256 of those words in UTF-8.
    """

    article: str
    number: int
    version_digest: str
    language: str
    text: str
    text_digest: str


@dataclass(frozen=True, slots=True)
class DisclosureShown:
    """That a customer was told, in one contact, that they talk to an AI.

    Attributes:
        interaction_id: Public id of the contact.
        shown_at: When it was shown, as its caller says; never after its record.
        article: Key of the article whose text was shown; empty once erased, as the others.
    """

    interaction_id: str
    shown_at: datetime
    article: str
    number: int
    language: str
    channel: str
    text_digest: str
    is_erased: bool = False


@dataclass(frozen=True, slots=True)
class Conversation:
    """One contact in which an AI spoke.

    Attributes:
        case_id: Public id of its case.
        label: Such as ``C-12``.
        first_ai_at: When the AI first spoke in it.
        shown: The first disclosure on record for it, or None.
    """

    case_id: str
    label: str
    channel: Channel
    began_at: datetime
    first_ai_at: datetime
    shown: DisclosureShown | None
