"""The planner's curve as numbers that a drawing needs; no rule in it."""

from collections.abc import Sequence
from typing import Any

from qa.sampling.budget import Offer

_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 500, 20, 226


def chart_of(offers: Sequence[Offer]) -> dict[str, Any] | None:
    """Return points, lines and axes for some offers; None for fewer than two."""
    if len(offers) < 2:  # noqa: PLR2004  a line needs two
        return None
    widest = max(max(one.alone, one.checked or 0) for one in offers) or 0.01
    first, last = offers[0].reviews, offers[-1].reviews

    def x(one: Offer) -> float:
        return round(_LEFT + 20 + (_RIGHT - _LEFT - 40) * (one.reviews - first) / (last - first), 1)

    def y(value: float) -> float:
        return round(_BOTTOM - (_BOTTOM - _TOP) * value / widest, 1)

    alone = [(x(one), y(one.alone)) for one in offers]
    checked = [(x(one), y(one.checked)) for one in offers if one.checked is not None]
    return {
        "alone": alone,
        "alone_path": _path(alone),
        "checked": checked,
        "checked_path": _path(checked),
        "ticks": [(x(one), one.reviews) for one in offers],
        "grid": [(y(widest * part / 4), 100 * widest * part / 4) for part in range(5)],
        "now": next((x(one) for one in offers if one.current), None),
    }


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in points) if points else ""
