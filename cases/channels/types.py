"""Who may send us contacts, how that is proved, and what is read of one, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from cases.memory.types import Channel, Speaker
from orchestra.core.errors import OrchestraError

Json = Any


class Scheme(StrEnum):
    """How a request proves that it comes from who it says."""

    STANDARD = "standard"
    HEADER = "header"
    CHATWOOT = "chatwoot"
    ZENDESK = "zendesk"


class ChannelState(StrEnum):
    """Whether what arrives is taken in."""

    TRYING = "trying"
    LIVE = "live"
    STOPPED = "stopped"


class Outcome(StrEnum):
    """What became of one request that was signed."""

    TAKEN = "taken"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"
    UNPLACED = "unplaced"


class SignatureRefusedError(OrchestraError):
    """A request does not prove where it comes from; callers are told nothing more."""

    code = "channel.refused"
    status = 401


@dataclass(frozen=True, slots=True)
class Fields:
    """Where each part of a contact stands in a payload; paths as in tool documents.

    Attributes:
        event: Path of the kind of event; empty where every request is a message.
        messages: The kinds that are messages; everything else is counted, and ignored.
        message_id: Path of the message's own id.
        thread: Path of the conversation's id.
        customer_ref: Path of how the centre's systems know the customer; may be absent.
        contact: Path of the sending system's own id of the contact.
        name: Path of the contact's name; may be absent.
        text: Path of the words.
        at: Path of when they were said; empty for when they arrive.
        author: Path of what kind of author it is; empty for always the customer.
        authors: Value at ``author`` to who speaks; another value is ignored.
        channel: Path of where the contact happens; empty for always the channel's own.
        channels: Value at ``channel`` to where; another value is the channel's own.
        only_if: Paths to the value that each must have, such as a note that is public.
    """

    message_id: str
    thread: str
    contact: str
    text: str
    event: str = ""
    messages: tuple[str, ...] = ()
    customer_ref: str = ""
    name: str = ""
    at: str = ""
    author: str = ""
    authors: Mapping[str, str] = field(default_factory=dict)
    channel: str = ""
    channels: Mapping[str, str] = field(default_factory=dict)
    only_if: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message as it was read.

    Attributes:
        message_id: The sending system's id of it.
        thread: The sending system's id of the conversation.
        contact: The sending system's id of the contact.
        customer_ref: How the centre's systems know the customer; empty where they do not.
        at: When it was said, UTC; None for when it arrived.
    """

    message_id: str
    thread: str
    contact: str
    customer_ref: str
    name: str
    channel: Channel
    speaker: Speaker
    text: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Ignored:
    """A request that is no message we take in, and why, as a code."""

    why: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What a request is verified by.

    Attributes:
        scheme: How.
        keys: Raw keys that verify now.
        signature_header: Header of the signature, for the scheme with a header of one's own.
        timestamp_header: Header of the time, for that scheme.
    """

    scheme: Scheme
    keys: tuple[bytes, ...]
    signature_header: str = ""
    timestamp_header: str = ""
