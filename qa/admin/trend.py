"""A series of shares with intervals, drawn on the server, with the same numbers as a table."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from orchestra.core.charts import Frame, upright

_FRAME: Final = Frame(720, 236, left=46, right=12, top=14, bottom=40)
_STEP: Final = 5


@dataclass(frozen=True, slots=True)
class Point:
    """One place on a trend.

    Attributes:
        label: Below the axis.
        value: 0 to 1; None where nothing can be said.
        note: Instead of a number, such as ``38 of 180``.
        mark: What began here, such as ``version 2``; empty for nothing.
    """

    label: str
    value: float | None
    low: float = 0.0
    high: float = 0.0
    note: str = ""
    mark: str = ""


def percent(share: float) -> str:
    """Return a share as it is written, 0.9171 as ``91.7``."""
    return f"{100 * share:.1f}"


def describe_trend(points: Sequence[Point]) -> dict[str, Any]:
    """Return where everything of a trend stands, in the units of its picture.

    Args:
        points: In the order of time.
    """
    known = [one for one in points if one.value is not None]
    lowest = min((100 * one.low for one in known), default=80.0)
    floor = max(0, min(95, _STEP * math.floor(lowest / _STEP)))
    step = _STEP if 100 - floor <= 5 * _STEP else 2 * _STEP if 100 - floor <= 10 * _STEP else 20
    room = _FRAME.room(len(points))
    percent_down = upright(floor, 100, _FRAME)

    def down(share: float) -> float:
        return percent_down(100 * share)

    dots = [_dot(one, _FRAME.centre(place, len(points)), down) for place, one in enumerate(points)]
    return {
        "width": _FRAME.width,
        "height": _FRAME.height,
        "left": _FRAME.left,
        "right": _FRAME.end,
        "base": _FRAME.base,
        "top": _FRAME.top,
        "label_y": _FRAME.base + 18,
        "lines": [
            {"y": down(at / 100), "text_y": down(at / 100) + 4, "label": at}
            for at in range(100, floor - 1, -step)
        ],
        "dots": dots,
        "path": _path(dots),
        "half": round(room * 0.42, 1),
        "room": round(room * 0.84, 1),
        "any": bool(known),
    }


def _dot(one: Point, x: float, down: Any) -> dict[str, Any]:
    found = {"x": x, "label": one.label, "note": one.note, "mark": one.mark, "y": None}
    if one.value is None:
        return found
    return found | {
        "y": down(one.value),
        "low_y": down(one.low),
        "high_y": down(one.high),
        "value": percent(one.value),
        "low": percent(one.low),
        "high": percent(one.high),
    }


def _path(dots: Sequence[dict[str, Any]]) -> str:
    """Return the line through what is known; a gap stays a gap."""
    found, on = "", False
    for dot in dots:
        if dot["y"] is None:
            on = False
            continue
        found += f"{'L' if on else 'M'}{dot['x']} {dot['y']}"
        on = True
    return found
