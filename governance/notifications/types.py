"""Kinds of news, the ways they take, and what a person wants, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, tzinfo
from enum import StrEnum
from typing import Any

from governance.policies.types import RiskLevel

Json = Any
#: The column of the settings that holds for news without a risk.
NO_RISK = ""


class Topic(StrEnum):
    """What a piece of news is about; people choose by it."""

    DECIDE = "decide"
    OUTCOME = "outcome"
    CHANGE = "change"
    HANDOFF = "handoff"
    ACCESS = "access"
    PROOF = "proof"


class Manner(StrEnum):
    """How a person wants to be told; in order of how much it disturbs."""

    OFF = "off"
    IN_APP = "in_app"
    DIGEST = "digest"
    AT_ONCE = "at_once"


class Channel(StrEnum):
    """Which way one message leaves by; the notice itself is always in the app."""

    EMAIL = "email"
    DIGEST = "digest"


class DeliveryState(StrEnum):
    """Where a message stands; the last three are final."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"


class SkipReason(StrEnum):
    """Why a message that was planned is not sent any more."""

    ENDED = "ended"
    TOO_LATE = "too_late"
    READ = "read"
    DISABLED = "disabled"
    NO_ADDRESS = "no_address"


class Why(StrEnum):
    """Why this person is told."""

    MAY_VOTE = "may_vote"
    STANDS_IN = "stands_in"
    ASKED = "asked"
    CLAIMED = "claimed"
    OWNS_AGENT = "owns_agent"
    HANDED = "handed"
    MAY_REVIEW = "may_review"
    WROTE = "wrote"
    WORKS_QUEUE = "works_queue"
    YOURS = "yours"
    LOOKS_AFTER = "looks_after"


class Ends(StrEnum):
    """What an event does to the earlier news of the same subject that asked to do something."""

    NOTHING = "nothing"
    FOR_ALL = "for_all"
    FOR_ACTOR = "for_actor"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """When a person is left in peace, by the clock on their wall; the same time twice is never.

    Attributes:
        begins: From when.
        ends: Until when; before ``begins`` it is on the next day.
    """

    begins: time
    ends: time


@dataclass(frozen=True, slots=True)
class Preferences:
    """How a person wants to be told.

    Attributes:
        manners: Topic and risk to manner; complete.
        zone: Zone of the quiet hours, the digests and the times in messages.
        digest_times: When digests go out, at least one.
        quiet: The quiet hours, None for none.
    """

    manners: Mapping[tuple[Topic, str], Manner]
    zone: tzinfo
    digest_times: tuple[time, ...]
    quiet: QuietHours | None = None


@dataclass(frozen=True, slots=True)
class News:
    """All of a notice that the rules of delivery look at.

    Attributes:
        risk: Empty for news without one.
        deadline_at: Until when something is to be done, None where nothing is.
    """

    topic: Topic
    risk: RiskLevel | None = None
    deadline_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """One message that is to leave.

    Attributes:
        due_at: When, UTC.
    """

    channel: Channel
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """One person who is told.

    Attributes:
        person_id: Public id.
        instead_of: Public ids of the people they stand in for.
    """

    person_id: str
    why: Why
    instead_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Telling:
    """What an event means to people; no personal data, no text of the case.

    Attributes:
        people: Who is told, each once.
        label: Name people use for the subject, such as ``AP-12``.
        page: Name of the page that shows it.
        page_id: What the page is opened with; empty for a page without.
        queue_id: Primary key of the queue, where it belongs to one.
        is_once: Whether somebody who has unread news of this kind is not told again.
        is_test: Whether it leaves by mail at once, whatever the person wants.
    """

    people: tuple[Told, ...]
    label: str
    page: str
    page_id: str = ""
    risk: RiskLevel | None = None
    queue_id: int | None = None
    deadline_at: datetime | None = None
    is_once: bool = False
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class Happened:
    """One entry of the ledger, as the rules of who is told read it.

    Attributes:
        index: Its place in the tree, from 0.
        event_id: The same at every reading.
        payload: Empty once it was erased.
    """

    index: int
    event_id: str
    kind: str
    at: datetime
    actor_id: str
    stream: str
    subject_kind: str
    subject_id: str
    payload: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """What leaves the installation of something that happened: ids and codes, nothing else.

    Attributes:
        id: The same however often it is delivered.
        type: Code of what happened.
        subject_id: Public id.
        at: When it happened, UTC.
        index: Its place in the ledger, from 0.
        stream: What it belongs to, such as ``case:<uuid>``.
    """

    id: str
    type: str
    subject_kind: str
    subject_id: str
    at: datetime
    index: int
    stream: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a message did not leave.

    Attributes:
        code: Stable code.
        is_final: Whether trying again cannot help.
        is_everybody: Whether no message could have left, whoever it is for.
    """

    code: str
    is_final: bool = False
    is_everybody: bool = False
