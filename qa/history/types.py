"""An event log of another system, how it is read, and what it says; values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Column(StrEnum):
    """What a line can say."""

    CASE = "case"
    TIME = "time"
    STATUS = "status"
    ACTIVITY = "activity"
    GROUP = "group"
    RESOURCE = "resource"
    CHANNEL = "channel"


class Standing(StrEnum):
    """What a status of the other system means for a case."""

    ACTIVE = "active"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"
    #: Says nothing about where the case stands.
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class LogMapping:
    """How the lines of a log are read.

    Attributes:
        key: By which the log is known here.
        columns: What a line says to the name of the column that says it.
        statuses: Status of the other system, as it is written, to what it means.
        time_format: ``iso`` for ISO 8601, otherwise as ``datetime.strptime`` takes it.
        time_zone: Of times that carry none.
        delimiter: Between the fields of a line.
    """

    key: str
    title: str
    columns: Mapping[Column, str]
    statuses: Mapping[str, Standing]
    time_format: str = "iso"
    time_zone: str = "UTC"
    delimiter: str = ","


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """One line of a log.

    Attributes:
        line: Its number in the file, from 1; the header is a line.
        at: UTC.
        standing: What its status means.
    """

    line: int
    case: str
    at: datetime
    standing: Standing
    status: str
    activity: str = ""
    group: str = ""
    resource: str = ""
    channel: str = ""


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be read, and why."""

    line: int
    code: str
    message: str


@dataclass(slots=True)
class ReadLog:
    """What was read of a file.

    Attributes:
        cases: Case to its events, in the order of time, then of lines.
        bad: Lines that cannot be read.
        repeated: How many lines said word for word what one before them says; left out.
    """

    cases: dict[str, list[LoggedEvent]] = field(default_factory=dict)
    bad: list[BadLine] = field(default_factory=list)
    repeated: int = 0

    @property
    def events(self) -> int:
        """How many events count."""
        return sum(len(one) for one in self.cases.values())


@dataclass(frozen=True, slots=True)
class PastCase:
    """What one case of a log comes to.

    Attributes:
        last_at: Of its last event, whatever that says.
        resolved_at: When it was last resolved, if it stands so at its end; else None.
        group_changes: How often another group had it than before.
        went_back: Whether a group had it again after another one.
        resource_changes: How often another person or machine had it than before.
        reopened: Whether it was worked again after it was first resolved.
    """

    ref: str
    opened_at: datetime
    last_at: datetime
    resolved_at: datetime | None
    withdrawn: bool
    events: int
    group_changes: int
    went_back: bool
    resource_changes: int
    reopened: bool
    channel: str
    first_group: str

    @property
    def days(self) -> float:
        """From its first to its last event, in days of 24 hours."""
        return (self.last_at - self.opened_at).total_seconds() / 86400


@dataclass(frozen=True, slots=True)
class Share:
    """A share of cases with its 95 % interval; None of it where there is no case."""

    hits: int
    total: int
    low: float | None
    high: float | None

    @property
    def value(self) -> float | None:
        """The share, 0 to 1."""
        return self.hits / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class Spread:
    """A time in days: median with its 95 % interval, mean, and nine in ten.

    Attributes:
        p90: By linear interpolation between order statistics (type 7 of Hyndman and Fan).
    """

    median: float | None
    low: float | None
    high: float | None
    mean: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class Month:
    """The cases opened in one month, UTC, such as ``2012-05``."""

    month: str
    cases: int
    transferred: Share
    reopened: Share
    median_days: float | None


@dataclass(frozen=True, slots=True)
class Baseline:
    """How a centre worked, by the cases of one log.

    Attributes:
        transferred: Cases that changed the group at least once.
        went_back: Cases that came back to a group that had them before.
        days: From the first to the last event of every case.
        still_open: Cases that are neither resolved nor withdrawn at the end of the log.
    """

    cases: int
    events: int
    transferred: Share
    went_back: Share
    reopened: Share
    mean_group_changes: float | None
    mean_resource_changes: float | None
    days: Spread
    still_open: int
    withdrawn: int
    months: tuple[Month, ...] = ()
