"""Trends and curves of metrics, drawn on the server; the same numbers stand in a table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import dropwhile
from typing import Any, Final

from orchestra.core.charts import Frame, few_labels, ticks, upright

#: The highest of a share in percent.
_WHOLE: Final = 100


@dataclass(frozen=True, slots=True)
class Spot:
    """One value with its interval; None where nothing can be said."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None


CARD: Final = Frame(336, 128)
WIDE: Final = Frame(720, 260)


def describe_trend(
    spots: Sequence[Spot],
    *,
    unit: str,
    target: float | None = None,
    frame: Frame = CARD,
    most: float | None = None,
    marks: Sequence[float] = (),
) -> dict[str, Any]:
    """Return where everything of a trend stands.

    Args:
        spots: In the order of time.
        unit: Written behind the values of the axis.
        target: Where a dotted line goes; None for none.
        frame: The picture.
        most: The highest value there can be, such as 100; None for none.
        marks: Places on the axis of time, in spots from the first; 0.5 is its middle.
    """
    values = [end for one in spots for end in (one.value, one.low, one.high) if end is not None]
    if target is not None and values:
        values.append(target)
    if not values:
        return {"any": False}
    low = max(0.0, min(values) - 0.15 * (max(values) - min(values)))
    scale = [one for one in ticks(low, max(values)) if most is None or one <= most]
    down = upright(scale[0], max(scale[-1], *values), frame)
    room = frame.room(len(spots))
    placed = [(frame.centre(place, len(spots)), one) for place, one in enumerate(spots)]
    known = [(x, one) for x, one in placed if one.value is not None]
    return {
        "any": True,
        "frame": frame,
        "axis": [{"y": down(one), "label": f"{one:g}", "unit": unit} for one in scale],
        "labels": few_labels([(x, one.label) for x, one in placed]),
        "paths": _paths([(x, one.value) for x, one in placed], down),
        "bands": _bands(placed, down),
        "target": None if target is None else down(target),
        "dots": [{"x": x, "y": down(one.value or 0.0)} for x, one in known],
        "last": {"x": known[-1][0], "y": down(known[-1][1].value or 0.0)} if known else None,
        "marks": [
            {"x": round(frame.left + room * place, 1), "number": number}
            for number, place in enumerate(marks, start=1)
            if 0 <= place <= len(spots)
        ],
        "pending": [
            {"x": round(x - room * 0.42, 1), "width": round(room * 0.84, 1)}
            # Of the time before anything was recorded nothing will ever be told.
            for x, one in dropwhile(_is_empty, placed)
            if one.value is None
        ],
    }


def describe_curve(
    steps: Sequence[Sequence[float]],
    *,
    until: float,
    minimum: int = 30,
    frame: Frame = WIDE,
    top: float | None = None,
) -> dict[str, Any]:
    """Return where a curve in percent over time stands; it ends where too few are in sight.

    Args:
        steps: (time, share, low, high, in sight) in order of time.
        until: End of the axis, in the unit of the times.
        minimum: Fewer in sight than this are not drawn.
        frame: The picture.
        top: The highest value of the axis, where curves share one; None for the curve's own.
    """
    seen = [one for one in steps if one[4] >= minimum and one[0] <= until]
    if not seen:
        return {"any": False}
    top = max(top or 0.0, *(one[3] for one in seen))
    scale = [one for one in ticks(0, top, about=4) if one <= _WHOLE]
    down = upright(0, max(scale[-1], top), frame)

    def across(time: float) -> float:
        return round(frame.left + (frame.end - frame.left) * time / until, 1)

    ended = min((one[0] for one in steps if one[4] < minimum), default=until)
    edge = across(min(until, max(ended, seen[-1][0])))
    return {
        "any": True,
        "frame": frame,
        "axis": [{"y": down(one), "label": f"{one:g}", "unit": "%"} for one in scale],
        "labels": [
            {"x": across(one), "label": f"{one:g}"}
            for one in ticks(0, until, about=6)
            if one <= until
        ],
        "line": _stairs([(across(one[0]), down(one[1])) for one in seen], down(0), frame, edge),
        "band": _stairs([(across(one[0]), down(one[3])) for one in seen], down(0), frame, edge)
        + _stairs_back([(across(one[0]), down(one[2])) for one in seen], down(0), frame, edge),
        "unseen": {"x": edge, "width": round(frame.end - edge, 1)} if edge < frame.end else None,
    }


def _is_empty(placed: tuple[float, Spot]) -> bool:
    return placed[1].value is None and placed[1].low is None


def _runs(points: Sequence[tuple[float, Any]]) -> list[list[tuple[float, Any]]]:
    """Return what is known without a gap, run by run."""
    runs: list[list[tuple[float, Any]]] = [[]]
    for x, value in points:
        if value is None:
            runs.append([])
        else:
            runs[-1].append((x, value))
    return [run for run in runs if run]


def _paths(
    points: Sequence[tuple[float, float | None]], down: Callable[[float], float]
) -> list[str]:
    return ["M" + "L".join(f"{x} {down(value)}" for x, value in run) for run in _runs(points)]


def _bands(placed: Sequence[tuple[float, Spot]], down: Callable[[float], float]) -> list[str]:
    ends = [
        (x, None if one.low is None or one.high is None else (one.low, one.high))
        for x, one in placed
    ]
    found = []
    for run in _runs(ends):
        upper = [f"{x} {down(pair[1])}" for x, pair in run]
        lower = [f"{x} {down(pair[0])}" for x, pair in reversed(run)]
        found.append("M" + "L".join([*upper, *lower]) + "Z")
    return found


def _stairs(points: Sequence[tuple[float, float]], start: float, frame: Frame, edge: float) -> str:
    return f"M{frame.left} {start}" + "".join(f"H{x}V{y}" for x, y in points) + f"H{edge}"


def _stairs_back(
    points: Sequence[tuple[float, float]], start: float, frame: Frame, edge: float
) -> str:
    before = [start, *(y for _, y in points[:-1])]
    back = "".join(
        f"H{x}V{y}" for (x, _), y in zip(reversed(points), reversed(before), strict=True)
    )
    return f"L{edge} {points[-1][1]}{back}H{frame.left}Z"
