"""What a find of personal data in a text says."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Kinds of personal data that have a form of their own.

    Names, postal addresses, organisations and dates have none and are not found here.
    """

    EMAIL = "email"
    PHONE = "phone"
    CARD = "card"
    IBAN = "iban"
    NATIONAL_ID = "national_id"
    DRIVING_LICENCE = "driving_licence"
    PASSPORT = "passport"
    IP_ADDRESS = "ip_address"
    WEB_ADDRESS = "web_address"
    SECRET = "secret"  # noqa: S105  the name of a kind


@dataclass(frozen=True, slots=True)
class Find:
    """One piece of personal data.

    Attributes:
        kind: What it is.
        start: Index of its first character in the text as given.
        end: Index after its last character in the text as given.
        confidence: From 0 to 1: near 1 with a check digit or an unmistakable form, near 0.5
            where only the words around it say what it is. An order, not a probability.
        label: Which number it is, such as ``us_ssn``; empty where the kind says it all.
    """

    kind: Kind
    start: int
    end: int
    confidence: float
    label: str = ""
