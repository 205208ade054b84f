"""Channels, speakers, case states and verification, as values."""

from enum import StrEnum


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
