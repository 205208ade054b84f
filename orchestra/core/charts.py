"""Scales, axes and bars of charts that are drawn on the server, in the units of a picture; pure.

Whatever is drawn stands as numbers in a table beside it, which is for the page to show.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

_STEPS: Final = (1, 2, 2.5, 5, 10)
#: Of the room of one place, how much its bar takes.
_BAR: Final = 0.84
_LABELS: Final = 4


@dataclass(frozen=True, slots=True)
class Frame:
    """The size of a picture and of what is left around its plot, in its own units."""

    width: int
    height: int
    left: int = 44
    right: int = 8
    top: int = 10
    bottom: int = 22

    @property
    def base(self) -> int:
        """Where the axis lies."""
        return self.height - self.bottom

    @property
    def end(self) -> int:
        """Where the plot ends on the right."""
        return self.width - self.right

    def room(self, places: int) -> float:
        """Return how wide each of so many places on the axis is."""
        return (self.end - self.left) / max(1, places)

    def centre(self, place: int, places: int) -> float:
        """Return the middle of one of so many places."""
        return round(self.left + self.room(places) * (place + 0.5), 1)


@dataclass(frozen=True, slots=True)
class Column:
    """One place of the axis with what is piled up there, the lowest first."""

    label: str
    counts: Sequence[int]


def ticks(low: float, high: float, *, about: int = 3) -> list[float]:
    """Return round values from at most the lowest to at least the highest."""
    if high <= low:
        high = low + 1
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(one * power for one in _STEPS if one * power >= rough - 1e-12)
    first, last = math.floor(low / step), math.ceil(high / step - 1e-9)
    return [round(number * step, 10) for number in range(first, last + 1)]


def upright(low: float, high: float, frame: Frame) -> Callable[[float], float]:
    """Return how far down a value stands; what lies beyond the scale stands at its end."""

    def place(value: float) -> float:
        share = (min(high, max(low, value)) - low) / (high - low)
        return round(frame.base - share * (frame.base - frame.top), 1)

    return place


def few_labels(labels: Sequence[tuple[float, str]], *, most: int = _LABELS) -> list[dict[str, Any]]:
    """Return as many labels as can be read beside each other, the last among them."""
    every = max(1, math.ceil(len(labels) / most))
    return [
        {"x": x, "label": label}
        for place, (x, label) in enumerate(labels)
        if (len(labels) - 1 - place) % every == 0
    ]


def describe_bars(
    columns: Sequence[Column], *, kinds: Sequence[str], frame: Frame, labels: int = _LABELS
) -> dict[str, Any]:
    """Return where everything of piled-up bars stands.

    Args:
        columns: In the order of the axis.
        kinds: What is piled up, the lowest first; each bar carries its kind.
        frame: The picture.
        labels: How many labels of the axis there is room for.
    """
    highest = max((sum(one.counts) for one in columns), default=0)
    if not highest:
        return {"any": False}
    # Of whole things: no line of the scale between two of them.
    scale = [one for one in ticks(0, highest) if one == int(one)]
    down = upright(0, max(scale[-1], highest), frame)
    width = round(frame.room(len(columns)) * _BAR, 1)
    middles = [frame.centre(place, len(columns)) for place in range(len(columns))]
    bars = []
    for x, column in zip(middles, columns, strict=True):
        below = 0
        for kind, count in zip(kinds, column.counts, strict=True):
            if count:
                top, bottom = down(below + count), down(below)
                bars.append(
                    {
                        "kind": kind,
                        "x": round(x - width / 2, 1),
                        "y": top,
                        "width": width,
                        "height": round(bottom - top, 1),
                    }
                )
            below += count
    return {
        "any": True,
        "frame": frame,
        "axis": [{"y": down(one), "label": f"{one:g}"} for one in scale],
        "labels": few_labels(
            [(x, one.label) for x, one in zip(middles, columns, strict=True)], most=labels
        ),
        "bars": bars,
    }
