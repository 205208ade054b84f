"""What intake makes of the customer's words, as values."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Band(StrEnum):
    """What a confidence allows: act on it, have it confirmed, or leave it to a person."""

    ACT = "act"
    VERIFY = "verify"
    HAND_OFF = "hand_off"


class TrainingState(StrEnum):
    """Where one learning from examples stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class EntityKind(StrEnum):
    """What kind of identifier a text names."""

    ORDER_ID = "order_id"
    USER_ID = "user_id"
    EMAIL = "email"
    ZIP = "zip"
    ITEM_ID = "item_id"
    PAYMENT_METHOD = "payment_method"
    PHONE = "phone"


class RiskFlag(StrEnum):
    """What makes a case sensitive, whatever the customer wants."""

    FRAUD = "fraud"
    LEGAL_THREAT = "legal_threat"
    REGULATOR = "regulator"
    SAFETY = "safety"
    VULNERABILITY = "vulnerability"
    BEREAVEMENT = "bereavement"
    MINOR = "minor"
    PAYMENT_DATA = "payment_data"
    COMPLAINT = "complaint"
    ABUSE = "abuse"
    ASKED_FOR_HUMAN = "asked_for_human"
    REPEATED_CONTACT = "repeated_contact"


class Degree(IntEnum):
    """One of the two measures of priority; 1 is the most."""

    HIGH = 1
    MEDIUM = 2
    LOW = 3


@dataclass(frozen=True, slots=True)
class IntentSpec:
    """One kind of need and the words people use for it.

    Attributes:
        cue_sheet: Key of the cue sheet it leads to; empty leaves it to a person.
        queue: Key of the queue; empty for the default queue.
    """

    key: str
    title: str
    cue_sheet: str
    queue: str
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bands:
    """What a confidence allows, as the version in force has it.

    Attributes:
        act_from: Smallest confidence to act on.
        verify_from: Smallest confidence to have confirmed; below, a person takes it.
        least_margin: Smallest lead over the second best to act on.
    """

    act_from: float = 0.8
    verify_from: float = 0.5
    least_margin: float = 0.15


@dataclass(frozen=True, slots=True)
class IntentGuess:
    """What a classifier makes of a text.

    Attributes:
        intent: Key of the intent; empty when nothing fits well enough.
        confidence: Calibrated probability from 0 to 1 that the best intent is right.
        margin: Confidence of the best minus that of the second best.
        leaned_on: The words it leaned on, strongest first.
        runner_up: Key of the second best; empty when there is none.
        further: Keys of other needs the text plainly states, in the order they are stated.
        raw: The share from 0 to 1 that was calibrated; no probability by itself.
    """

    intent: str
    confidence: float
    margin: float
    leaned_on: tuple[str, ...] = ()
    runner_up: str = ""
    further: tuple[str, ...] = ()
    raw: float = 0.0


@dataclass(frozen=True, slots=True)
class Entity:
    """One identifier named in the text.

    Attributes:
        value: In its normal form, such as ``#W1234567``.
        words: As it stands in the text.
        start: Position of the words in the text, in characters.
    """

    kind: EntityKind
    value: str
    words: str
    start: int


@dataclass(frozen=True, slots=True)
class FlagFound:
    """One risk flag and the words that raised it."""

    flag: RiskFlag
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PriorityFound:
    """Order of work from impact and urgency.

    Attributes:
        priority: 1 (first) to 5; impact + urgency - 1.
        words: The words that raised impact or urgency above the ordinary.
    """

    priority: int
    impact: Degree
    urgency: Degree
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Classification:
    """All that intake makes of one text.

    Attributes:
        classifier: Name and version of what guessed the intent.
        calibrator: Digest of the weights that made a probability of the raw share; empty for none.
    """

    classifier: str
    guess: IntentGuess
    entities: tuple[Entity, ...]
    priority: PriorityFound
    flags: tuple[FlagFound, ...]
    calibrator: str = ""
