"""What can be sampled, by what it is told apart, and why it may stand out or be left out."""

from enum import StrEnum


class Unit(StrEnum):
    """What is counted and drawn."""

    INTERACTION = "interaction"
    CASE = "case"
    HANDOFF = "handoff"
    APPROVAL = "approval"
    DECISION = "decision"


class HandledBy(StrEnum):
    """Who worked it."""

    AI = "ai"
    HUMAN = "human"
    MIXED = "mixed"


class Flag(StrEnum):
    """Why something is left out of a population; it is flagged with a reason, never deleted."""

    TEST = "test"
    SPAM = "spam"
    DUPLICATE = "duplicate"
    INTERNAL = "internal"
    ABANDONED = "abandoned"


class Dimension(StrEnum):
    """What a frame is filtered by and cut into strata by; all of it known before a review."""

    RISK = "risk"
    HANDLED_BY = "handled_by"
    QUEUE = "queue"
    JOURNEY = "journey"
    CHANNEL = "channel"
    PATTERN = "pattern"
    CUE_SHEET_VERSION = "cue_sheet_version"
    AI_VERSION = "ai_version"
    AGENT = "agent"
    TENURE = "tenure"


class Target(StrEnum):
    """Why a targeted plan picks something."""

    LOW_CONFIDENCE = "low_confidence"
    RECONTACT = "recontact"
    EXCEPTION = "exception"
    POLICY_NEAR_MISS = "policy_near_miss"
    COMPLAINT = "complaint"
