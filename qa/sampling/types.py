"""A sampling plan as a value."""

from dataclasses import dataclass, field
from enum import StrEnum

from governance.access.types import Role
from qa.population.types import Dimension, Flag, HandledBy, Target, Unit


class PlanKind(StrEnum):
    """How a plan draws, and so what its reviews can show."""

    PROBABILITY = "probability"
    TARGETED = "targeted"
    DISCOVERY = "discovery"
    ACCEPTANCE = "acceptance"


class Claim(StrEnum):
    """What the reviews of a plan are used to say."""

    ESTIMATE = "estimate"
    BOUND = "bound"
    LOT = "lot"
    NOTHING = "nothing"


class Method(StrEnum):
    """How a number of reviews is shared out among strata."""

    PROPORTIONAL = "proportional"
    NEYMAN = "neyman"
    FIXED = "fixed"
    TAKE_ALL = "take_all"


class Spread(StrEnum):
    """Whose standard deviation Neyman's allocation follows."""

    REVIEW_SCORE = "review_score"
    REVIEW_MINUS_CHECK = "review_minus_check"


class Period(StrEnum):
    """How often a plan draws."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Moment(StrEnum):
    """When in a period it draws."""

    AFTER_PERIOD = "after_period"
    AT_CLOSE = "at_close"


class ReplacedFor(StrEnum):
    """Why something drawn may be replaced by the next in line."""

    TEXT_ERASED = "text_erased"
    UNREADABLE = "unreadable"
    CONFLICT_OF_INTEREST = "conflict_of_interest"
    LANGUAGE = "language"


class PeriodState(StrEnum):
    """Where a period of a plan stands; ``held`` gives no number until a person explained it.

    A ``cancelled`` one gives none any more: its frame was wrong when it was closed.
    """

    COMMITTED = "committed"
    OPEN = "open"
    DRAWN = "drawn"
    HELD = "held"
    CANCELLED = "cancelled"


class Explanation(StrEnum):
    """What a person says of a frame that changed after it was drawn from."""

    KEEP = "keep"
    CANCEL = "cancel"


class Severity(StrEnum):
    """With which plan of the standard the first lot is judged."""

    NORMAL = "normal"
    TIGHTENED = "tightened"
    REDUCED = "reduced"


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition on the frame.

    Attributes:
        is_not: Whether the values are left out instead of kept.
    """

    by: Dimension
    values: tuple[str, ...]
    is_not: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """Some strata, named by a value for some dimensions: ``risk: critical``."""

    values: tuple[tuple[Dimension, str], ...]


@dataclass(frozen=True, slots=True)
class Size:
    """How many are drawn from each stratum that a cell names."""

    cell: Cell
    size: int


@dataclass(frozen=True, slots=True)
class Population:
    """What is counted."""

    unit: Unit
    handled_by: tuple[HandledBy, ...] = ()
    leave_out: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True)
class Strata:
    """How the frame is cut.

    Attributes:
        minimum: Fewest drawn of each stratum that has so many.
        take_all: Strata that are reviewed completely, before the rest is shared out.
    """

    by: tuple[Dimension, ...] = ()
    minimum: int = 2
    take_all: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Allocation:
    """How many are drawn of each stratum.

    Attributes:
        total: Reviews in a period; None where the method says it.
        weeks: How many past weeks the spread is taken from.
        sizes: For ``fixed``: the first that fits a stratum counts.
        otherwise: For ``fixed``: size of strata that none names.
    """

    method: Method
    total: int | None = None
    spread: Spread | None = None
    weeks: int = 0
    sizes: tuple[Size, ...] = ()
    otherwise: int = 0


@dataclass(frozen=True, slots=True)
class Schedule:
    """When is drawn.

    Attributes:
        at: Time of day, ``06:00``, in the zone; empty for a draw at each close.
    """

    every: Period
    time_zone: str
    draw: Moment
    at: str = ""


@dataclass(frozen=True, slots=True)
class Quotas:
    """Bounds per person in a period; None for none."""

    per_agent_at_least: int | None = None
    per_agent_at_most: int | None = None
    per_reviewer_at_most: int | None = None


@dataclass(frozen=True, slots=True)
class Reviewing:
    """Who reviews what is drawn, with what.

    Attributes:
        blind: Whether a reviewer sees neither other scores nor who else reviews it.
        second_percent: Share that a second person reviews as well.
        gold_percent: For what share of reviews the reviewer is given a gold one too.
        due_hours: How long after the draw a review is due.
    """

    scorecard: str
    roles: tuple[Role, ...]
    blind: bool = True
    second_percent: int = 0
    gold_percent: int = 0
    due_hours: int = 168


@dataclass(frozen=True, slots=True)
class Replacements:
    """What may be replaced; the original stays counted as non-response."""

    reasons: tuple[ReplacedFor, ...] = ()
    at_most_percent: int = 0


@dataclass(frozen=True, slots=True)
class Discovery:
    """Zero-failure plan: none failed of those drawn shows less than a share, with confidence."""

    confidence_percent: float
    less_than_percent: float


@dataclass(frozen=True, slots=True)
class Acceptance:
    """ISO 2859-1 by attributes.

    Attributes:
        level: Inspection level.
        aql: Acceptance quality limit in percent, as the table writes it.
        lot: Dimensions that make a lot, besides the period.
        expected_lot_size: For planning; the true size is counted at the draw.
        switching: Whether results switch to tightened and reduced inspection.
    """

    level: str
    aql: str
    lot: tuple[Dimension, ...]
    expected_lot_size: int
    start: Severity = Severity.NORMAL
    switching: bool = True


@dataclass(frozen=True, slots=True)
class PlanSpec:
    """A whole sampling plan.

    Attributes:
        seed_hours: How long before a period its seed's hash stands in the ledger; the seed is
            shown when the frame is closed.
        at_most: Most that a targeted plan picks in a period.
        target_percent: Share that is to pass, for a plan that estimates; None for no target.
    """

    key: str
    title: str
    purpose: str
    kind: PlanKind
    claim: Claim
    population: Population
    schedule: Schedule
    reviewing: Reviewing
    frame: tuple[Filter, ...] = ()
    strata: Strata = field(default_factory=Strata)
    allocation: Allocation | None = None
    targets: tuple[Target, ...] = ()
    at_most: int | None = None
    seed_hours: int | None = None
    target_percent: float | None = None
    quotas: Quotas = field(default_factory=Quotas)
    replacements: Replacements = field(default_factory=Replacements)
    discovery: Discovery | None = None
    acceptance: Acceptance | None = None
