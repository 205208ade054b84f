"""Values of subject access exports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from governance.privacy.types import PersonalRecord

Json = Any


class ExportState(StrEnum):
    """Where an export stands; ``deleted`` was done once, and its file is gone."""

    QUEUED = "queued"
    DONE = "done"
    FAILED = "failed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Held:
    """What one holder keeps of the person.

    Attributes:
        code: Of the holder.
        title: What it is, in words.
        records: Oldest first.
    """

    code: str
    title: str
    records: Sequence[PersonalRecord]


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision of the policies about the person, and what people had to do with it.

    Attributes:
        at: When, UTC.
        case: Label of the case.
        outcome: Code of the outcome.
        reasons: Why, as the record says.
        human: What each person did: their role, their choice and their reason.
    """

    at: datetime
    case: str
    outcome: str
    reasons: Sequence[str]
    human: Sequence[str]


@dataclass(frozen=True, slots=True)
class Told:
    """All that goes into a file.

    Attributes:
        label: Whom it is about, such as ``Customer 4``.
        at: When it was put together, UTC.
        held: By holder.
        decided: Decisions, oldest first.
        recipients: Who received data, in words.
        periods: How long each class of record is kept, in words.
    """

    label: str
    at: datetime
    held: Sequence[Held]
    decided: Sequence[Decided]
    recipients: Sequence[str]
    periods: Sequence[str]
