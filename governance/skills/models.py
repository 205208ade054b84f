"""The list of skills, who holds them, and what a queue asks for."""

from django.db import models

from governance.access.models import Given, Queue, User
from governance.reviews.types import RiskLevel
from governance.skills.types import SkillKind
from orchestra.core.fields import CodeField, PublicIdField, enum_field
from orchestra.core.history import tracked


class Skill(models.Model):
    """One skill of the list; one that is out of use is asked for by nothing new.

    ``from_risk`` is the lowest risk that asks for a level; empty where none does.
    """

    public_id = PublicIdField()
    key = CodeField(unique=True)
    title = models.CharField(max_length=100)
    kind = enum_field(SkillKind)
    from_risk = enum_field(RiskLevel, blank=True)
    retired_at = models.DateTimeField(null=True)
    history = tracked()

    class Meta:
        ordering = ["kind", "title"]

    def __str__(self) -> str:
        return self.title


class SkillHolding(Given):
    """That a person has a skill."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="skill_holdings")
    skill = models.ForeignKey(Skill, on_delete=models.PROTECT, related_name="holdings")
    history = tracked()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "skill"], name="skill_once_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.user} has {self.skill}"


class QueueSkill(Given):
    """That whoever takes a case handed to a queue needs a skill."""

    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="skills_asked")
    skill = models.ForeignKey(Skill, on_delete=models.PROTECT, related_name="queues")
    history = tracked()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["queue", "skill"], name="skill_once_a_queue"),
        ]

    def __str__(self) -> str:
        return f"{self.queue} asks for {self.skill}"
