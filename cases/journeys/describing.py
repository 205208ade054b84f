"""What differs between two texts of a cue sheet, step by step, in words."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from cases.journeys.parsing import parse_cue_sheet
from cases.journeys.types import CueSheetSpec, StepSpec, When
from governance.policies.sentences import value_words
from governance.reviews.describing import describe_heads, describe_rows
from governance.reviews.types import Change
from orchestra.core import words

Json = Any


def describe_changes(
    before: Mapping[str, Json] | None, after: Mapping[str, Json]
) -> tuple[Change, ...]:
    """Return every difference between two cue sheets: what it is for, and each step.

    Args:
        before: The text in force; None for none.
        after: The text that would be.

    Raises:
        InvalidInputError: A text states no plan.
    """
    new = parse_cue_sheet(document=after)
    old = parse_cue_sheet(document=before) if before is not None else None
    return (
        *describe_heads(_head(old) if old else {}, _head(new)),
        *describe_rows(_steps(old) if old else [], _steps(new), _("Step %(number)d")),
    )


def _head(spec: CueSheetSpec) -> dict[str, str]:
    return {
        _("Title"): spec.title,
        _("Begins with"): ", ".join(words.plain(intent) for intent in spec.intents),
        _("Pattern"): words.plain(str(spec.pattern)),
        _("Queue"): words.plain(spec.queue),
        _("Complete when"): spec.completion,
        _("All of these done"): ", ".join(spec.all_done),
        _("One of these done"): ", ".join(spec.any_done),
        _("Signed off by"): words.plain(spec.sign_off_role),
        _("Recontact window"): _("%(count)d h") % {"count": spec.recontact_window_hours},
        _("Whoever takes it over needs"): ", ".join(words.plain(one) for one in spec.skills),
        _("Ended and taken back after"): _whole_time(spec),
    }


def _whole_time(spec: CueSheetSpec) -> str:
    if spec.ends_after_minutes is None:
        return ""
    return _("%(count)d min") % {"count": spec.ends_after_minutes}


def _steps(spec: CueSheetSpec) -> list[tuple[str, str]]:
    return [(step.key, step_sentence(step)) for step in spec.steps]


def step_sentence(step: StepSpec) -> str:
    """Return one step in a sentence: who does what, after what, by when, and what else."""
    tools = _(" or ").join(name for name in (step.target, *step.any_of) if name)
    does = words.plain(str(step.does)) + (f" {tools}" if tools else "")
    parts = [f"{step.title} ({words.plain(step.owner)}, {step.stage}): {does}", *_able(step)]
    if step.bind:
        bound = (f"{name} = {words.plain(fact)}" for name, fact in sorted(step.bind.items()))
        parts.append(_("with %(what)s") % {"what": ", ".join(bound)})
    if step.after:
        parts.append(_("after %(steps)s") % {"steps": ", ".join(step.after)})
    parts += [_("only when %(what)s") % {"what": condition_words(when)} for when in step.when]
    if step.draft:
        parts.append(_("may say “%(draft)s”") % {"draft": step.draft})
    if step.due_in_minutes is not None:
        parts.append(_("due in %(count)d min") % {"count": step.due_in_minutes})
    if step.grace_minutes is not None:
        parts.append(_("reminded for %(count)d min more") % {"count": step.grace_minutes})
    if step.tries is not None:
        parts.append(_("at most %(count)d tries") % {"count": step.tries})
    if step.optional:
        parts.append(_("may be left out"))
    parts.append(_("otherwise %(what)s") % {"what": words.plain(step.otherwise)})
    return "; ".join(parts) + "."


def _able(step: StepSpec) -> list[str]:
    if not step.skills:
        return []
    able = ", ".join(words.plain(one) for one in step.skills)
    return [_("by somebody with %(skills)s") % {"skills": able}]


def condition_words(when: When) -> str:
    """Return a condition of a step in words."""
    word = _("is") if when.operator in {"equals", "is"} else words.plain(when.operator)
    return f"{words.plain(when.fact)} {word} {value_words(when.fact, when.value, '')}"
