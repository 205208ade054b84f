"""The planner's curve as numbers that a drawing needs; no rule in it."""

from collections.abc import Sequence
from typing import Any, Final

from orchestra.core.charts import Frame, ticks, upright
from qa.sampling.budget import Offer

FRAME: Final = Frame(width=600, height=270, left=46, right=100, top=20, bottom=44)
#: How far from either end of the axis the first and the last offer stand.
_INSET: Final = 20


def chart_of(offers: Sequence[Offer]) -> dict[str, Any] | None:
    """Return points, lines and axes for some offers, in points; None for fewer than two."""
    if len(offers) < 2:  # noqa: PLR2004  a line needs two
        return None
    scale = ticks(0, 100 * max(max(one.alone, one.checked or 0) for one in offers), about=4)
    down = upright(0, scale[-1], FRAME)
    first, last = offers[0].reviews, offers[-1].reviews
    width = FRAME.end - FRAME.left - 2 * _INSET

    def x(one: Offer) -> float:
        return round(FRAME.left + _INSET + width * (one.reviews - first) / (last - first), 1)

    alone = [(x(one), down(100 * one.alone)) for one in offers]
    checked = [(x(one), down(100 * one.checked)) for one in offers if one.checked is not None]
    return {
        "frame": FRAME,
        "alone": alone,
        "alone_path": _path(alone),
        "checked": checked,
        "checked_path": _path(checked),
        "ticks": [(x(one), one.reviews) for one in offers],
        "grid": [(down(one), f"{one:g}") for one in scale],
        "now": next((x(one) for one in offers if one.current), None),
    }


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in points) if points else ""
