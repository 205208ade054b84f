"""Currencies: how many digits their amounts have after the point."""

from collections.abc import Mapping
from typing import Final

#: Digits after the point where they are not two.
#: Source: ISO 4217:2015 list one, minor units.
MINOR_DIGITS: Final[Mapping[str, int]] = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND"), 0
    ),
    **dict.fromkeys(("UYI", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
USUAL_DIGITS: Final = 2


def digits_of(currency: str) -> int:
    """Return how many digits stand after the point in amounts of a currency."""
    return MINOR_DIGITS.get(currency, USUAL_DIGITS)
