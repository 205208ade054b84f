"""Puts skills on the list and gives them to people."""

from governance.access.models import Queue, User
from governance.skills import services
from governance.skills.models import Skill
from governance.skills.types import NewSkill, SkillKind
from orchestra.core.actors import system
from tests.factories.access import MADE_AT

BUILDER = system("test")


def make_skill(
    key: str = "spanish",
    *people: User,
    kind: SkillKind = SkillKind.LANGUAGE,
    from_risk: str = "",
    queue: Queue | None = None,
) -> Skill:
    """Put a skill on the list, give it to people, and let a queue ask for it."""
    new = NewSkill(key=key, title=key.title(), kind=kind, from_risk=from_risk)
    skill = services.list_skill(actor=BUILDER, now=MADE_AT, new=new, reason="set up")
    given = {"actor": BUILDER, "now": MADE_AT, "skill": skill, "reason": "set up"}
    for person in people:
        services.give_skill(user=person, **given)
    if queue is not None:
        services.ask_for_skill(queue=queue, **given)
    return skill
