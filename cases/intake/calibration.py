"""Turns a share into the probability that it is right, fitted to readings; pure."""

import math
from collections.abc import Sequence

_ROUNDS = 30


def fit_calibration(seen: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    """Return slope and offset of the logistic curve by Newton's method.

    Targets are smoothed as in Platt (1999), so that a perfect record is not certainty.

    Args:
        seen: Logarithmic odds and whether the guess was right.
    """
    right = sum(hit for _, hit in seen)
    yes, no = (right + 1) / (right + 2), 1 / (len(seen) - right + 2)
    slope, offset = 1.0, 0.0
    for _ in range(_ROUNDS):
        g_slope = g_offset = h_ss = h_so = h_oo = 1e-9
        for value, hit in seen:
            chance = logistic(slope * value + offset)
            miss, spread = (yes if hit else no) - chance, chance * (1 - chance)
            g_slope, g_offset = g_slope + miss * value, g_offset + miss
            h_ss, h_so, h_oo = (
                h_ss + spread * value * value,
                h_so + spread * value,
                h_oo + spread,
            )
        determinant = h_ss * h_oo - h_so * h_so or 1e-9
        slope += (h_oo * g_slope - h_so * g_offset) / determinant
        offset += (h_ss * g_offset - h_so * g_slope) / determinant
    return max(0.1, slope), offset


def odds(share: float) -> float:
    """Return the logarithmic odds of a share, which is kept from both ends."""
    kept = min(0.995, max(0.005, share))
    return math.log(kept / (1 - kept))


def logistic(value: float) -> float:
    """Return the probability that logarithmic odds stand for."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))
