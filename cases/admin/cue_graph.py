"""A plan as a drawing: what stands in each box, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from cases.journeys.drawing import draw
from cases.journeys.rules import AI_OWNER
from cases.journeys.types import Stage, StepSpec
from orchestra.core import words


@dataclass(frozen=True, slots=True)
class Marks:
    """What a page writes on a cue besides what the plan says.

    Attributes:
        corner: Upper right, such as how many cases are there now.
        left: Lower left.
        right: Lower right; stands out.
        is_hot: Whether the frame stands out, since something is overdue.
        is_wrong: Whether a check found something here.
        state_class: One of ``is-done``, ``is-now`` and ``is-off``, or empty.
        link: Where the cue leads to; empty for nowhere.
    """

    corner: str = ""
    left: str = ""
    right: str = ""
    is_hot: bool = False
    is_wrong: bool = False
    state_class: str = ""
    link: str = ""


_NO_MARKS = Marks()
_LONGEST_NOTE = 28
_MOST_OWNERS = 2


def describe_graph(
    steps: Sequence[StepSpec], *, label: str, marks: Mapping[str, Marks] | None = None
) -> dict[str, Any]:
    """Return what the template ``cases/cue_graph.html`` places.

    Args:
        steps: The plan's steps.
        label: What the drawing shows, for who does not see it.
        marks: Key of a step to what is written on it.
    """
    drawing = draw(steps)
    shown = marks or {}
    return {
        "width": drawing.width,
        "height": drawing.height,
        "label": label,
        "columns": [
            {"x": column.x, "title": stage_title(column.stage), "who": _who_in(steps, column.stage)}
            for column in drawing.columns
        ],
        "lines": drawing.lines,
        "boxes": [
            _box(box, steps[box.index], shown.get(box.key, _NO_MARKS)) for box in drawing.boxes
        ],
    }


def stage_title(stage: Stage) -> str:
    """Return what a stage is called."""
    return words.plain(str(stage)).capitalize()


def owner_words(step: StepSpec) -> str:
    """Return who does a step, in words."""
    return _("AI") if step.owner == AI_OWNER else words.plain(step.owner).capitalize()


def note_of(step: StepSpec) -> str:
    """Return what a step does, in a few words."""
    note = step.target or words.plain(str(step.does))
    if step.any_of:
        note = _("%(tool)s or another") % {"tool": note}
    return note if len(note) <= _LONGEST_NOTE else f"{note[: _LONGEST_NOTE - 1]}…"


def _box(box: Any, step: StepSpec, marks: Marks) -> dict[str, Any]:
    due = _("due in %(count)d min") % {"count": step.due_in_minutes} if step.due_in_minutes else ""
    optional = _("may be left out") if step.optional else ""
    person = _("%(who)s (person)") % {"who": owner_words(step)}
    who = _("AI") if step.owner == AI_OWNER else person
    left = marks.left or due or optional
    told = [step.title, who, note_of(step), marks.corner, left, marks.right]
    return {
        "x": box.x,
        "y": box.y,
        "lines": box.lines,
        "who": who,
        "is_person": step.owner != AI_OWNER,
        "note": note_of(step),
        "corner": marks.corner,
        "left": left,
        "right": marks.right,
        "is_hot": marks.is_hot,
        "is_wrong": marks.is_wrong,
        "state_class": marks.state_class,
        "link": marks.link,
        "told": ", ".join(each for each in told if each),
    }


def _who_in(steps: Sequence[StepSpec], stage: Stage) -> str:
    owners = dict.fromkeys(owner_words(step) for step in steps if step.stage == stage)
    return ", ".join(owners) if len(owners) <= _MOST_OWNERS else _("AI and people")
