"""What the cues of a journey ask of whoever does them, and who has it."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from cases.journeys.models import Journey, StepRun
from cases.journeys.types import CueSheetSpec, StepState
from governance.access.types import Authority, Role
from governance.skills.models import Skill, SkillHolding
from governance.skills.selectors import find_skills

#: What a journey is at, or stopped at: the cues a person has to do who takes its case over.
_AT = frozenset(
    {
        StepState.READY,
        StepState.RUNNING,
        StepState.WAITING,
        StepState.REFUSED,
        StepState.FAILED,
    }
)


def asked_at(*, spec: CueSheetSpec, states: Mapping[str, StepState]) -> frozenset[str]:
    """Return what a plan asks of whoever takes its case now: its own, and its cues' so far.

    Args:
        spec: The plan.
        states: How each of its cues stands, by key.
    """
    at = (step for step in spec.steps if states.get(step.key) in _AT)
    return frozenset(spec.skills).union(*(step.skills for step in at))


def stands_in(authority: Authority) -> bool:
    """Tell whether an actor is asked for no skill: an AI agent, or a supervisor who stands in."""
    return authority.actor.is_agent or Role.SUPERVISOR in authority.roles


def lacked_by(*, authority: Authority, steps: Collection[StepRun]) -> dict[int, list[Skill]]:
    """Return what steps ask for and an actor lacks: one query, none for who stands in.

    Returns:
        By the step's internal key; one that asks for nothing lacked is left out.
    """
    if not steps or stands_in(authority):
        return {}
    rows = StepRun.skills.through.objects.filter(
        steprun__in=[step.pk for step in steps], skill__retired_at=None
    ).exclude(skill_id__in=_held(authority))
    found: dict[int, list[Skill]] = {}
    for row in rows.select_related("skill").order_by("skill__kind", "skill__title"):
        found.setdefault(row.steprun_id, []).append(row.skill)
    return found


def for_skills(rows: QuerySet[StepRun], *, authority: Authority) -> QuerySet[StepRun]:
    """Return those of some steps that ask for no skill an actor lacks."""
    if stands_in(authority):
        return rows
    asked = StepRun.skills.through.objects.filter(steprun=OuterRef("pk"), skill__retired_at=None)
    return rows.filter(~Exists(asked.exclude(skill_id__in=_held(authority))))


def note_skills(*, journey: Journey, spec: CueSheetSpec, steps: Iterable[StepRun]) -> None:
    """Keep with the steps of a journey what their cues ask for, in place of what was kept."""
    own = list(steps)
    named = {cue.key: frozenset(cue.skills) for cue in spec.steps if cue.skills}
    model = StepRun.skills.through
    model.objects.filter(steprun__journey=journey, steprun__in=own).delete()
    known = {skill.key: skill for skill in find_skills(keys=frozenset().union(*named.values()))}
    model.objects.bulk_create(
        model(steprun=step, skill=known[key])
        for step in own
        for key in sorted(named.get(step.key, ()))
        if key in known
    )


def _held(authority: Authority) -> QuerySet[SkillHolding, Any]:
    return SkillHolding.objects.filter(user__public_id=authority.actor.id).values("skill_id")
