"""Entries as they are read, and all rows of one case."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from qa.measurement.rows import (
    Contact,
    Dimensions,
    Episode,
    Handover,
    Issue,
    RequiredFact,
    Segment,
    StepExecution,
    Wait,
    Work,
)
from qa.measurement.types import LeftOut

Json = Any


@dataclass(frozen=True, slots=True)
class Told:
    """One entry of a case's stream.

    Attributes:
        payload: Empty once it was erased.
        erased: Whether it was.
    """

    index: int
    kind: str
    at: datetime
    by_kind: str
    by: str
    subject: str
    payload: Mapping[str, Json]
    erased: bool = False


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """Everything of one case that the metrics take.

    Attributes:
        absorbed: Cases it took in and did not give back, by public id.
        merged_into: The case that took this one in; empty where none did.
        replanned: Other journeys that began on it later, by cue sheet.
    """

    case: str
    opened_at: datetime
    issue: Issue | None = None
    closed_at: datetime | None = None
    left_out: LeftOut | None = None
    merged_into: str = ""
    absorbed: tuple[str, ...] = ()
    migrated: bool = False
    replanned: tuple[str, ...] = ()
    episodes: tuple[Episode, ...] = ()
    contacts: tuple[Contact, ...] = ()
    segments: tuple[Segment, ...] = ()
    handovers: tuple[Handover, ...] = ()
    work: tuple[Work, ...] = ()
    steps: tuple[StepExecution, ...] = ()
    waits: tuple[Wait, ...] = ()
    required: tuple[RequiredFact, ...] = ()
    of: Dimensions = field(default_factory=Dimensions)
