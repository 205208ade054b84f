"""Who has what a handoff asks for, and what nobody has."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from django.db.models import QuerySet

from cases.handoff.models import Handoff
from cases.handoff.rules import answers_role
from governance.access.rules import CAPABILITIES, may
from governance.access.selectors import authorities_of, with_a_role
from governance.access.types import Authority, Capability, Role
from governance.skills.models import Skill
from governance.skills.rules import able_to
from governance.skills.selectors import keys_by_person, keys_of
from orchestra.core.prepared import Prepared, fill

_TAKERS = frozenset(
    str(role) for role, held in CAPABILITIES.items() if Capability.HANDOFF_ACCEPT in held
)


class Offered(Protocol):
    """What says who may take a handoff: a row of it, or a part of one."""

    @property
    def pk(self) -> int:
        """Internal key."""

    @property
    def queue_id(self) -> int:
        """Internal key of the queue that it was offered to."""

    @property
    def role(self) -> str:
        """Role that is asked for, or an empty text."""


def asked_of(*, handoff: Handoff) -> list[Skill]:
    """Return what whoever takes a handoff needs; a skill off the list is asked for no more."""
    return [skill for skill in handoff.skills.all() if skill.retired_at is None]


def asked_by_each(*, keys: Sequence[int]) -> dict[int, list[Skill]]:
    """Return what each of some handoffs asks for, as ``asked_of`` does: one query.

    Args:
        keys: Their internal keys.

    Returns:
        By internal key; a handoff that asks for nothing is left out.
    """
    asked = defaultdict(list)
    for link in _ASKED.rows(fill(keys)) if keys else ():
        asked[link.handoff_id].append(link.skill)
    return dict(asked)


def _links_of(keys: list[int]) -> QuerySet[Any]:
    links = Handoff.skills.through.objects.filter(handoff_id__in=keys, skill__retired_at=None)
    return links.select_related("skill").order_by("skill__kind", "skill__title")


_ASKED: Prepared[Any] = Prepared(_links_of)


def lacked_by(*, authority: Authority, handoff: Handoff) -> list[Skill]:
    """Return what a handoff asks for and a person lacks; a supervisor stands in and lacks none."""
    asked = asked_of(handoff=handoff)
    if not asked or Role.SUPERVISOR in authority.roles:
        return []
    held = keys_of(person_id=authority.actor.id)
    return [skill for skill in asked if skill.key not in held]


def skilled_among(*, handoff: Handoff, people: Sequence[str]) -> frozenset[str]:
    """Return who of some people has everything a handoff asks for: two queries.

    Args:
        handoff: The handoff.
        people: Their public ids.
    """
    asked = [skill.key for skill in asked_of(handoff=handoff)]
    return able_to(asked, keys_by_person(person_ids=people)) if asked else frozenset(people)


def unmet_skills(
    *, handoffs: Iterable[Offered], asked: Mapping[int, Sequence[Skill]]
) -> dict[int, list[str]]:
    """Return what each handoff asks for and nobody has who may take it, by title.

    Where each skill has somebody and no one person has them all, all are named. The number of
    queries does not grow with the handoffs.

    Args:
        handoffs: Some handoffs.
        asked: What they ask for, by internal key.

    Returns:
        By internal key; one that somebody can take is left out.
    """
    if not any(asked.values()):
        return {}
    ids = [str(one) for one in with_a_role(_TAKERS).values_list("public_id", flat=True)]
    people = authorities_of(ids)
    held = keys_by_person(person_ids=ids)
    unmet = {}
    for one in handoffs:
        able = {who: held[who] for who, what in people.items() if _may_take(what, one)}
        if lacks := _lacking(asked.get(one.pk, ()), able):
            unmet[one.pk] = lacks
    return unmet


def unmet_of(*, handoff: Handoff) -> list[str]:
    """Return what one handoff asks for and nobody has who may take it, by title."""
    asked = {handoff.pk: asked_of(handoff=handoff)}
    return unmet_skills(handoffs=[handoff], asked=asked).get(handoff.pk, [])


def _may_take(authority: Authority, handoff: Offered) -> bool:
    able = may(authority, Capability.HANDOFF_ACCEPT, handoff.queue_id)
    return able and answers_role(asked=handoff.role, roles=authority.roles)


def _lacking(asked: Sequence[Skill], held: dict[str, set[str]]) -> list[str]:
    if not asked or able_to([skill.key for skill in asked], held):
        return []
    known = {key for keys in held.values() for key in keys}
    unknown = [skill.title for skill in asked if skill.key not in known]
    return unknown or [skill.title for skill in asked]
