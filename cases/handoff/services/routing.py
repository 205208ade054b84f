"""To whom a handoff may go: a person who may take it, and no pair of owners for ever."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from cases.handoff.models import Handoff
from cases.handoff.rules import answers_role, count_passes
from cases.handoff.selectors import list_passes
from cases.handoff.types import Warmth
from cases.memory.models import Case
from governance.access.models import Queue, User
from governance.access.rules import may
from governance.access.selectors import authority_of
from governance.access.types import Authority, Capability, Role
from governance.skills.models import Skill
from governance.skills.rules import lacking
from governance.skills.selectors import keys_of
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is asked to take a case, and how it is handed over.

    Attributes:
        role: Empty for anyone who works the queue.
        person: The one person asked for; None for whoever takes it first.
        warmth: Warm where the sender, a person who holds the case, stays with the customer
            until somebody has it.
        skills: What whoever takes it has to be able to do; empty for nothing special.
    """

    role: str = ""
    person: User | None = None
    warmth: Warmth = Warmth.COLD
    skills: tuple[Skill, ...] = ()


ANYONE = Wanted()


def check_person(*, person: User, queue: Queue, role: str, skills: tuple[Skill, ...] = ()) -> None:
    """Refuse to offer a case to a person who could not take it.

    Raises:
        InvalidInputError: The person may take no case of the queue, or lacks the role or a
            skill.
    """
    authority = authority_of(person.as_actor())
    able = person.is_active and may(authority, Capability.HANDOFF_ACCEPT, queue.pk)
    if not able or not answers_role(asked=role, roles=authority.roles):
        message = _("%(who)s cannot take cases of %(queue)s with what is asked for.") % {
            "who": person.label,
            "queue": queue.title,
        }
        raise InvalidInputError(message, errors=[FieldError("to.person", "unable", message)])
    lacks = _lacks(skills, keys_of(person_id=str(person.public_id)) if skills else frozenset())
    if lacks and Role.SUPERVISOR not in authority.roles:
        message = _("%(who)s lacks what this case asks for: %(skills)s.") % {
            "who": person.label,
            "skills": ", ".join(lacks),
        }
        raise InvalidInputError(message, errors=[FieldError("to.person", "unskilled", message)])


def _lacks(skills: tuple[Skill, ...], held: frozenset[str]) -> list[str]:
    missing = lacking([skill.key for skill in skills], held)
    return [skill.title for skill in skills if skill.key in missing]


def check_passes(*, authority: Authority, case: Case, one: str, other: str) -> None:
    """Refuse to pass a case between the same two owners once more than is allowed.

    A supervisor may, since somebody has to end it.

    Args:
        authority: Of who acts.
        case: The locked case.
        one: Public id of one owner.
        other: Public id of the other.

    Raises:
        ConflictError: It went between the two as often as is allowed.
    """
    most = int(settings.ORCHESTRA["HANDOFF_PASSES"])
    passed = count_passes(list_passes(case=case), one=one, other=other)
    if one == other or passed < most or Role.SUPERVISOR in authority.roles:
        return
    raise ConflictError(
        _(
            "%(case)s went %(count)d times between the same two owners. Hand it to somebody else, "
            "or ask a supervisor to take it."
        )
        % {"case": case.label, "count": passed},
        code="conflict.handoff_loop",
        data={"case": str(case.public_id), "passes": passed},
    )


def taker_of(handoff: Handoff) -> str:
    """Return the public id of who took a handoff; empty while nobody did."""
    return str(handoff.accepted_by.public_id) if handoff.accepted_by else ""
