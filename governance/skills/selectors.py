"""Reads of the list of skills, of who has them, and of what is asked for."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from governance.access.models import Queue, User
from governance.skills.models import QueueSkill, Skill, SkillHolding
from governance.skills.rules import skills_for_risk
from orchestra.core.errors import FieldError, InvalidInputError, NotFoundError


def list_skills(*, retired: bool = False) -> QuerySet[Skill]:
    """Return the skills of the list, by kind and title; those out of use where asked for."""
    rows = Skill.objects.order_by("kind", "title")
    return rows if retired else rows.filter(retired_at=None)


def list_with_holders() -> QuerySet[Skill]:
    """Return the skills in use with who has them and which queues ask for them: three queries."""
    held = SkillHolding.objects.select_related("user").order_by("user__last_name", "user__pk")
    asked = QueueSkill.objects.select_related("queue").order_by("queue__title")
    return list_skills().prefetch_related(
        Prefetch("holdings", queryset=held), Prefetch("queues", queryset=asked)
    )


def get_skill(*, key: str) -> Skill:
    """Return a skill that is in use.

    Raises:
        InvalidInputError: There is none such.
    """
    found = list_skills().filter(key=key).first()
    if found is None:
        message = _("There is no skill %(key)s on the list.") % {"key": key or _("of no name")}
        raise InvalidInputError(message, errors=[FieldError("skill", "unknown", message)])
    return found


def read_skill(*, key: str) -> Skill:
    """Return a skill that is in use, to who names it in an address.

    Raises:
        NotFoundError: There is none such.
    """
    found = list_skills().filter(key=key).first()
    if found is None:
        raise NotFoundError(_("There is no such skill."), code="not_found.skill")
    return found


def get_holder(*, person_id: UUID) -> User:
    """Return a person who may have skills, by public id.

    Raises:
        NotFoundError: There is none such.
    """
    found = User.objects.filter(public_id=person_id).first()
    if found is None:
        raise NotFoundError(_("There is no such person."), code="not_found.person")
    return found


def list_holders(*, skill: Skill) -> QuerySet[SkillHolding]:
    """Return who has a skill, of the people who may sign in."""
    rows = SkillHolding.objects.filter(skill=skill, user__is_active=True)
    return rows.select_related("user").order_by("-pk")


def find_skills(*, keys: Collection[str]) -> list[Skill]:
    """Return skills in use by their keys; one that is not on the list is left out."""
    return list(list_skills().filter(key__in=keys)) if keys else []


def unknown_skills(keys: Iterable[str]) -> tuple[str, ...]:
    """Return which keys name no skill in use, in their order: one query, none for no key."""
    named = list(dict.fromkeys(keys))
    if not named:
        return ()
    known = set(list_skills().filter(key__in=named).values_list("key", flat=True))
    return tuple(key for key in named if key not in known)


def skills_of(*, user: User) -> QuerySet[SkillHolding]:
    """Return what a person has, with the skills."""
    rows = SkillHolding.objects.filter(user=user, skill__retired_at=None)
    return rows.select_related("skill").order_by("skill__kind", "skill__title")


def keys_of(*, person_id: str) -> frozenset[str]:
    """Return the skills in use that a person has, by key.

    Args:
        person_id: Public id.
    """
    rows = SkillHolding.objects.filter(user__public_id=person_id, skill__retired_at=None)
    return frozenset(rows.values_list("skill__key", flat=True))


def keys_by_person(*, person_ids: Collection[str]) -> dict[str, set[str]]:
    """Return the skills of several people by public id: one query; nobody is left out."""
    found: dict[str, set[str]] = {person: set() for person in person_ids}
    rows = SkillHolding.objects.filter(
        user__public_id__in=person_ids, skill__retired_at=None
    ).values_list("user__public_id", "skill__key")
    for person, key in rows:
        found[str(person)].add(key)
    return found


def asked_by_queues() -> dict[int, list[QueueSkill]]:
    """Return what each queue asks for, by its internal key: one query."""
    found: dict[int, list[QueueSkill]] = defaultdict(list)
    rows = QueueSkill.objects.filter(skill__retired_at=None).select_related("skill")
    for row in rows.order_by("skill__kind", "skill__title"):
        found[row.queue_id].append(row)
    return found


def skills_needed(*, queue: Queue, risk: str = "", named: Collection[str] = ()) -> list[Skill]:
    """Return what whoever takes a case needs: one query.

    Args:
        queue: The queue that the case is handed to.
        risk: The risk of what stopped it; empty for none.
        named: Skills that its cue sheets, or the sender, ask for, by key.
    """
    rows = list(list_skills().prefetch_related("queues"))
    by_risk = skills_for_risk(risk, {row.key: str(row.from_risk) for row in rows})
    return [
        row
        for row in rows
        if row.key in by_risk
        or row.key in named
        or any(asked.queue_id == queue.pk for asked in row.queues.all())
    ]
