"""Where the cues of a plan stand when it is drawn: a column for each stage; pure.

Coordinates are in the units of the drawing, which is ``width`` by ``height``. Cues of one stage
stand under each other in the order they can come in; lines between stages run in the gutters
between columns and in the channels between rows, so that none crosses a cue.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cases.journeys.types import Otherwise, Stage, StepSpec

BOX_WIDTH: Final = 164
BOX_HEIGHT: Final = 96
_GUTTER: Final = 36
_CHANNEL: Final = 34
_HEAD: Final = 52
_LINE_LENGTH: Final = 21
_LANES: Final = 5


@dataclass(frozen=True, slots=True)
class Column:
    """One stage."""

    stage: Stage
    x: int


@dataclass(frozen=True, slots=True)
class Box:
    """One cue.

    Attributes:
        index: Its place in the plan.
        lines: Its title in at most two lines.
    """

    index: int
    key: str
    x: int
    y: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One dependency, or one way otherwise.

    Attributes:
        path: The ``d`` of an SVG path.
        is_otherwise: Whether it is taken where the first cue does not succeed.
    """

    source: str
    target: str
    path: str
    is_otherwise: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """A plan as it is drawn."""

    width: int
    height: int
    columns: tuple[Column, ...]
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def draw(steps: Sequence[StepSpec]) -> Drawing:
    """Return where everything stands; the plan need not be sound, not even free of cycles."""
    stages = list(Stage)
    depth = _depths(steps)
    order = sorted(range(len(steps)), key=lambda index: (depth[index], index))
    rows = dict.fromkeys(stages, 0)
    boxes: list[Box | None] = [None] * len(steps)
    for index in order:
        step = steps[index]
        boxes[index] = Box(
            index=index,
            key=step.key,
            x=_x(stages.index(step.stage)),
            y=_HEAD + rows[step.stage] * (BOX_HEIGHT + _CHANNEL),
            lines=wrap(step.title),
        )
        rows[step.stage] += 1
    placed = tuple(box for box in boxes if box is not None)
    tallest = max(1, *rows.values())
    return Drawing(
        width=len(stages) * (BOX_WIDTH + _GUTTER),
        height=_HEAD + tallest * (BOX_HEIGHT + _CHANNEL),
        columns=tuple(Column(stage, _x(place)) for place, stage in enumerate(stages)),
        boxes=placed,
        lines=_lines(steps, placed),
    )


def wrap(title: str) -> tuple[str, ...]:
    """Return a title in at most two lines; what does not fit ends in dots."""
    lines = [""]
    for word in title.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= _LINE_LENGTH or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    cut = [*lines[:1], " ".join(lines[1:])] if len(lines) > 1 else lines
    return tuple(
        line if len(line) <= _LINE_LENGTH else f"{line[: _LINE_LENGTH - 1]}…" for line in cut
    )


def _x(place: int) -> int:
    return _GUTTER // 2 + place * (BOX_WIDTH + _GUTTER)


def _depths(steps: Sequence[StepSpec]) -> list[int]:
    """Return how many cues come before each at most; what runs in a circle counts once."""
    before: Mapping[str, set[str]] = {step.key: set(step.after) for step in steps}
    for step in steps:
        if step.otherwise in before:
            before[step.otherwise].add(step.key)
    found = dict.fromkeys(before, 0)
    for _round in steps:
        raised = {
            key: max((found[one] + 1 for one in those if one in found), default=0)
            for key, those in before.items()
        }
        if raised == found:
            break
        found = raised
    return [found[step.key] for step in steps]


def _lines(steps: Sequence[StepSpec], boxes: Sequence[Box]) -> tuple[Line, ...]:
    by_key = {box.key: box for box in reversed(boxes)}
    wanted = [(key, step.key, False) for step in steps for key in step.after if key in by_key] + [
        (step.key, step.otherwise, True)
        for step in steps
        if step.otherwise not in set(Otherwise) and step.otherwise in by_key
    ]
    return tuple(
        Line(source, target, _path(by_key[source], by_key[target], number), is_otherwise)
        for number, (source, target, is_otherwise) in enumerate(wanted)
    )


def _path(source: Box, target: Box, number: int) -> str:
    lane = (number % _LANES - _LANES // 2) * 4
    middle = BOX_HEIGHT // 2
    if source.x == target.x:
        centre = source.x + BOX_WIDTH // 2
        if target.y - source.y == BOX_HEIGHT + _CHANNEL:
            return f"M{centre} {source.y + BOX_HEIGHT}V{target.y}"
        side = source.x + BOX_WIDTH
        return f"M{side} {source.y + middle}H{side + 12 + lane}V{target.y + middle + 8}H{side}"
    start = f"M{source.x + BOX_WIDTH} {source.y + middle + lane}"
    end = f"V{target.y + middle + lane}H{target.x}"
    gutter = target.x - _GUTTER // 2 + lane
    if target.x - source.x == BOX_WIDTH + _GUTTER:
        return f"{start}H{gutter}{end}"
    out = source.x + BOX_WIDTH + _GUTTER // 2 + lane
    channel = source.y + BOX_HEIGHT + _CHANNEL // 2 + lane
    return f"{start}H{out}V{channel}H{gutter}{end}"
