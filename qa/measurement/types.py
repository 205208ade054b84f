"""A metric's definition as a value, and what is known of a formula."""

from dataclasses import dataclass, field
from enum import StrEnum

from governance.access.types import Role


class Metric(StrEnum):
    """The formulas there are; a definition names one and sets its parts."""

    RECONTACT_RATE = "recontact_rate"
    FIRST_CONTACT_RESOLUTION = "first_contact_resolution"
    TRANSFER_RATE = "transfer_rate"
    TRANSFERS_PER_100 = "transfers_per_100"
    ESCALATION_RATE = "escalation_rate"
    TIME_TO_RESOLUTION = "time_to_resolution"
    AFTER_CONTACT_WORK = "after_contact_work"
    AFTER_CONTACT_WORK_SHARE = "after_contact_work_share"
    EXCEPTION_RATE_STEPS = "exception_rate_steps"
    EXCEPTION_RATE_CASES = "exception_rate_cases"
    RECOVERED_RATE = "recovered_rate"
    AUDIT_COMPLETENESS_FACTS = "audit_completeness_facts"
    AUDIT_COMPLETENESS_CASES = "audit_completeness_cases"


class Measure(StrEnum):
    """The unit of a metric."""

    PERCENT = "percent"
    PER_100 = "per_100"
    HOURS = "hours"
    MINUTES = "minutes"


class Direction(StrEnum):
    """Which way is better."""

    LOWER = "lower"
    HIGHER = "higher"


class Cohort(StrEnum):
    """By which moment something belongs to a period."""

    OPENED = "opened"
    RESOLVED = "resolved"
    HANDLED = "handled"
    STARTED = "started"
    CLOSED = "closed"


class Clock(StrEnum):
    """How time passes; the two are never mixed in one metric."""

    CALENDAR = "calendar"
    BUSINESS = "business"


class Statistic(StrEnum):
    """What is said of a time."""

    MEDIAN = "median"
    P90 = "p90"
    RESTRICTED_MEAN = "restricted_mean"
    MEAN = "mean"


class LeftOut(StrEnum):
    """Why a case leaves the denominator; flagged with a reason, and counted on the page."""

    SPAM = "spam"
    TEST = "test"
    DUPLICATE = "duplicate"
    INTERNAL = "internal"
    ABANDONED = "abandoned"
    MERGED = "merged"


class Breakdown(StrEnum):
    """By what a number is cut."""

    JOURNEY = "journey"
    CHANNEL = "channel"
    PATTERN = "pattern"
    CUE_SHEET_VERSION = "cue_sheet_version"
    QUEUE = "queue"
    AI_VERSION = "ai_version"
    RISK = "risk"


class Transfer(StrEnum):
    """The eight kinds of change of who holds a contact."""

    PLANNED_STEP = "planned_step"
    ESCALATION = "escalation"
    CROSS_TEAM = "cross_team"
    SAME_TEAM = "same_team"
    RETURN = "return"
    CONSULT = "consult"
    EXTERNAL = "external"
    SYSTEM = "system"


class ExceptionKind(StrEnum):
    """The closed list of what counts as an exception."""

    TOOL_ERROR = "tool_error"
    TOOL_TIMEOUT = "tool_timeout"
    ANSWER_INVALID = "answer_invalid"
    POLICY_CHECK_FAILED = "policy_check_failed"
    VERIFICATION_FAILED = "verification_failed"
    LOW_CONFIDENCE = "low_confidence"
    MISSING_INPUT = "missing_input"
    LIMIT_EXCEEDED = "limit_exceeded"
    OFF_PLAN = "off_plan"
    APPROVAL_REJECTED = "approval_rejected"
    APPROVAL_EXPIRED = "approval_expired"
    MANUAL_OVERRIDE = "manual_override"
    EVIDENCE_MISSING = "evidence_missing"
    DUPLICATE_BLOCKED = "duplicate_blocked"


@dataclass(frozen=True, slots=True)
class Formula:
    """What a definition may say of one formula.

    Attributes:
        title: Its words, in English; for messages and pages.
        measure: Its unit.
        better: Which way is better.
        cohort: By which moment something belongs to a period.
        statistics: What may be said of it; empty for a share.
        settings: Names of the settings it needs.
        audits: Whether compliance leans on it.
    """

    title: str
    measure: Measure
    better: Direction
    cohort: Cohort
    statistics: tuple[Statistic, ...] = ()
    settings: frozenset[str] = frozenset()
    audits: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """The parts of a formula that a centre decides; None or empty where it has no such part.

    Attributes:
        window_days: How long after a resolution a return counts.
        curve_days: Further windows shown beside it.
        transfers: Kinds of transfer that count.
        return_minutes: Within which a transfer back is a bounce.
        continues_within_hours: A reopening so soon for the same cause continues the episode.
        horizon_days: Up to where the restricted mean looks.
        cap_minutes: Above which after-contact work counts as so much.
        exceptions: Kinds of exception that count.
        evaluate_after_hours: How long after closing late facts still count as present.
    """

    window_days: int | None = None
    curve_days: tuple[int, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    return_minutes: int | None = None
    continues_within_hours: int | None = None
    horizon_days: int | None = None
    cap_minutes: int | None = None
    exceptions: tuple[ExceptionKind, ...] = ()
    evaluate_after_hours: int | None = None


@dataclass(frozen=True, slots=True)
class Goal:
    """A target, met or missed only when the whole interval lies on one side.

    Attributes:
        value: In the metric's unit; at most so where lower is better, at least so otherwise.
        statistic: Of which statistic; None for a share.
        journey: For which journey alone; empty for all.
        risk: For which risk alone; empty for all.
    """

    value: float
    statistic: Statistic | None = None
    journey: str = ""
    risk: str = ""


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """A whole definition.

    Attributes:
        counted: The numerator in words; for a time, what it ends with.
        among: The denominator in words.
        not_counted: What looks like it and is none, each in words.
        minimum_cases: Below which a number gives way to its interval.
        stale_after_minutes: After which a number says that it is old.
    """

    key: str
    title: str
    meaning: str
    formula: Metric
    counted: str
    among: str
    measure: Measure
    better: Direction
    cohort: Cohort
    clock: Clock
    time_zone: str
    owner: Role
    statistics: tuple[Statistic, ...] = ()
    settings: Settings = field(default_factory=Settings)
    left_out: tuple[LeftOut, ...] = ()
    not_counted: tuple[str, ...] = ()
    beware: str = ""
    breakdowns: tuple[Breakdown, ...] = ()
    minimum_cases: int = 30
    goals: tuple[Goal, ...] = ()
    stale_after_minutes: int = 60
