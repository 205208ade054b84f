"""What cue sheets in force do with a tool, and what another version of it would break there."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from cases.journeys.models import CueSheetVersion
from cases.journeys.rules import tools_of
from cases.journeys.selectors import list_published, spec_of
from cases.journeys.types import StepSpec
from cases.tools.registry import Use, Users
from cases.tools.types import ToolSpec
from orchestra.core.errors import FieldError, InvalidInputError

CUE_SHEET_USE = "cue_sheet"
#: Keys by which a schema names properties elsewhere than under ``properties``.
_OPEN = ("allOf", "anyOf", "oneOf", "if", "$ref", "$dynamicRef", "patternProperties")


def uses_of(tool: str) -> tuple[Use, ...]:
    """Return every step of a cue sheet in force that uses a tool."""
    return tuple(
        Use(CUE_SHEET_USE, version.cue_sheet.key, version.cue_sheet.title, step.title)
        for version, step in _steps_using(tool)
    )


def broken_by(spec: ToolSpec) -> tuple[FieldError, ...]:
    """Return what a version of a tool would break in the cue sheets in force.

    Only a step whose arguments are bound to facts says which arguments it gives.
    """
    return tuple(
        finding
        for version, step in _steps_using(spec.name)
        if step.bind and step.target == spec.name
        for finding in _broken(spec, version.cue_sheet.title, step)
    )


def _steps_using(tool: str) -> Iterator[tuple[CueSheetVersion, StepSpec]]:
    for version in list_published():
        try:
            steps = spec_of(version).steps
        except InvalidInputError:
            continue
        yield from ((version, step) for step in steps if tool in tools_of(step))


def _broken(spec: ToolSpec, sheet: str, step: StepSpec) -> Iterator[FieldError]:
    where = {"sheet": sheet, "step": step.title}
    for name in refused_arguments(spec, step):
        message = _(
            "The cue sheet “%(sheet)s” gives %(argument)s in its step “%(step)s”, which the "
            "tool would refuse. Change the cue sheet first, or keep the argument."
        ) % {**where, "argument": name}
        yield FieldError(f"arguments.properties.{name}", "used_argument", message)
    for name in lacking_arguments(spec, step):
        message = _(
            "The cue sheet “%(sheet)s” does not give %(argument)s in its step “%(step)s”, "
            "which the tool would require."
        ) % {**where, "argument": name}
        yield FieldError("arguments.required", "missing_argument", message)


def refused_arguments(spec: ToolSpec, step: StepSpec) -> tuple[str, ...]:
    """Return the arguments that a step binds and its tool does not take."""
    return tuple(name for name in step.bind if not _may_be_given(spec, name))


def lacking_arguments(spec: ToolSpec, step: StepSpec) -> tuple[str, ...]:
    """Return the arguments that a tool requires and a step that binds some does not give."""
    return tuple(str(name) for name in spec.arguments.get("required", ()) if name not in step.bind)


def _may_be_given(spec: ToolSpec, name: str) -> bool:
    """Return whether a tool takes an argument; a schema of several parts is not judged here."""
    schema = spec.arguments
    is_open = any(key in schema for key in _OPEN) or schema.get("additionalProperties", False)
    return bool(is_open) or name in schema.get("properties", {})


TOOL_USERS = Users(using=uses_of, broken_by=broken_by)
