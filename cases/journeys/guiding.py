"""A cue sheet told to an AI agent: what is to be reached, who does what, and what is left alone."""

from django.utils.translation import gettext as _

from cases.journeys.describing import step_sentence
from cases.journeys.types import CueSheetSpec, Stage, StepSpec
from orchestra.core import words

_AI = "ai"


def guidance(spec: CueSheetSpec) -> str:
    """Return how an AI agent follows a cue sheet, as Markdown.

    It says nothing that the engine and the policies do not hold anyway: whoever does not follow
    it is stopped by them, not by this text.

    Args:
        spec: The plan in force.
    """
    parts = [f"# {spec.title}", "", *_goal(spec)]
    for stage in Stage:
        steps = [step for step in spec.steps if step.stage is stage]
        if steps:
            parts += ["", f"## {words.plain(str(stage)).capitalize()}", ""]
            parts += [f"- {_whose(step)} {step_sentence(step)}" for step in steps]
    parts += [
        "",
        _(
            "Ask for the next step instead of choosing one, propose only what is marked as yours, "
            "and look at the outcome before you say that something was done. Where you may not go "
            "on, hand the case to a person."
        ),
    ]
    return "\n".join(parts)


def _goal(spec: CueSheetSpec) -> list[str]:
    found = [_("The need is met when this holds: %(what)s") % {"what": spec.completion}]
    if spec.sign_off_role:
        role = words.plain(spec.sign_off_role)
        found.append(_("It is signed off by a person: %(role)s.") % {"role": role})
    return found


def _whose(step: StepSpec) -> str:
    return _("**Yours:**") if step.owner == _AI else _("**For a person:**")
