"""What a cue sheet names that is not there, or that its tools would refuse."""

from collections.abc import Iterator
from contextlib import suppress

from django.utils.translation import gettext as _

from cases.journeys.tool_uses import lacking_arguments, refused_arguments
from cases.journeys.types import CueSheetSpec, StepSpec
from cases.tools.selectors import spec_of, tools_by_name
from cases.tools.types import ToolSpec
from governance.access.models import Queue
from governance.skills.selectors import unknown_skills
from orchestra.core.errors import FieldError, InvalidInputError


def surrounding_errors(spec: CueSheetSpec) -> tuple[FieldError, ...]:
    """Return what would keep a sound plan from running here: its queue and bound arguments.

    Args:
        spec: A plan whose tools are all known.
    """
    bound = {step.target for step in spec.steps if step.bind}
    tools = _specs(bound)
    return (
        *_queue(spec),
        *_skills(spec),
        *(
            error
            for index, step in enumerate(spec.steps)
            if step.bind and step.target in tools
            for error in _bound(tools[step.target], step, f"steps[{index}].bind")
        ),
    )


def _specs(names: set[str]) -> dict[str, ToolSpec]:
    found = {}
    for name, row in tools_by_name(names).items():
        # A tool that cannot be read any more says so where it is used.
        with suppress(InvalidInputError):
            found[name] = spec_of(row)
    return found


def _queue(spec: CueSheetSpec) -> Iterator[FieldError]:
    if not Queue.objects.filter(key=spec.queue).exists():
        message = _("There is no queue %(name)s.") % {"name": spec.queue}
        yield FieldError("queue", "unknown_queue", message)


def _skills(spec: CueSheetSpec) -> Iterator[FieldError]:
    named = [(f"skills[{index}]", key) for index, key in enumerate(spec.skills)]
    named += [
        (f"steps[{place}].skills[{index}]", key)
        for place, step in enumerate(spec.steps)
        for index, key in enumerate(step.skills)
    ]
    unknown = unknown_skills(key for _place, key in named)
    for place, key in named:
        if key in unknown:
            message = _("There is no skill %(key)s on the list.") % {"key": key}
            yield FieldError(place, "unknown_skill", message)


def _bound(tool: ToolSpec, step: StepSpec, place: str) -> Iterator[FieldError]:
    for name in refused_arguments(tool, step):
        message = _("The tool %(tool)s takes no %(argument)s.") % {
            "tool": tool.name,
            "argument": name,
        }
        yield FieldError(f"{place}.{name}", "unknown_argument", message)
    for name in lacking_arguments(tool, step):
        message = _("The tool %(tool)s requires %(argument)s; bind it too.") % {
            "tool": tool.name,
            "argument": name,
        }
        yield FieldError(place, "missing_argument", message)
