"""What must hold before an act on a handoff: who may, where it stands, which parts there are."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from cases.handoff.models import Handoff
from cases.handoff.rules import answers_role, is_possible
from cases.handoff.skilled import lacked_by
from cases.handoff.types import BundlePart, HandoffState
from cases.memory.models import Case
from governance.access.selectors import require
from governance.access.types import Authority, Capability, Role
from orchestra.core.actors import Actor
from orchestra.core.errors import (
    ConflictError,
    FieldError,
    InvalidInputError,
    NotPermittedError,
)


def check_parts(missing: Sequence[str]) -> None:
    """Refuse a name that is none of the seven parts.

    Raises:
        InvalidInputError: Naming it.
    """
    unknown = [name for name in missing if name not in set(BundlePart)]
    if unknown:
        message = _("%(name)s is none of the seven parts: %(parts)s.") % {
            "name": unknown[0],
            "parts": ", ".join(BundlePart),
        }
        raise InvalidInputError(message, errors=[FieldError("missing", "choice", message)])


def require_taker(authority: Authority, handoff: Handoff) -> None:
    """Refuse whoever may take no case of this queue, or lacks the role asked for.

    Raises:
        NotPermittedError: Saying which.
    """
    require(authority=authority, capability=Capability.HANDOFF_ACCEPT, queue_id=handoff.queue_id)
    if not authority.actor.is_human:
        raise NotPermittedError(_("Only a person takes a case over."))
    if not answers_role(asked=handoff.role, roles=authority.roles):
        raise NotPermittedError(
            _("This handoff asks for the role %(role)s.")
            % {"role": handoff.role.replace("_", " ")},
            data={"role": handoff.role},
        )


def require_asked(authority: Authority, handoff: Handoff) -> None:
    """Refuse whoever is not the one person asked for; a supervisor stands in."""
    asked = handoff.to_person
    if asked is None or str(asked.public_id) == authority.actor.id:
        return
    if Role.SUPERVISOR not in authority.roles:
        raise NotPermittedError(
            _("This handoff asks for %(who)s.") % {"who": asked.label}, data={"who": asked.label}
        )


def require_skilled(authority: Authority, handoff: Handoff) -> None:
    """Refuse whoever lacks a skill that the case asks for; a supervisor stands in.

    Raises:
        NotPermittedError: Naming what is lacking.
    """
    lacks = lacked_by(authority=authority, handoff=handoff)
    if lacks:
        raise NotPermittedError(
            _("This handoff asks for %(skills)s, which you are not noted for.")
            % {"skills": ", ".join(skill.title for skill in lacks)},
            code="not_permitted.skill",
            data={"skills": [skill.key for skill in lacks]},
        )


def require_state(act: str, handoff: Handoff) -> HandoffState:
    """Return where a handoff stands, if an act on it is possible there.

    Raises:
        ConflictError: It is not.
    """
    state = HandoffState(handoff.state)
    if not is_possible(act=act, state=state):
        raise ConflictError(
            _("This handoff is %(state)s; that cannot be done to it now.") % {"state": str(state)},
            code="conflict.handoff_state",
            data={"state": str(state)},
        )
    return state


def require_holder(actor: Actor, handoff: Handoff) -> None:
    """Refuse anybody but who took the handoff.

    Raises:
        NotPermittedError: Naming who did.
    """
    holder = handoff.accepted_by
    if holder is not None and str(holder.public_id) != actor.id:
        raise NotPermittedError(
            _("%(who)s holds this case.") % {"who": holder.label}, data={"holder": holder.label}
        )


def require_own(*, actor: Actor, case: Case) -> None:
    """Refuse whoever does not have a locked case: another holds it, or it waits for somebody.

    Raises:
        ConflictError: Saying who has it, or that somebody has to take it first.
    """
    holder = case.holder
    if holder is not None and str(holder.public_id) == actor.id:
        return
    if holder is not None:
        raise ConflictError(
            _("%(who)s has this case; ask them, or take it over first.") % {"who": holder.label},
            code="conflict.held_by_another",
            data={"case": str(case.public_id)},
        )
    if Handoff.objects.filter(case=case, state=HandoffState.OFFERED).exists():
        raise ConflictError(
            _("%(case)s waits for a person; take it over first.") % {"case": case.label},
            code="conflict.handoff_waiting",
            data={"case": str(case.public_id)},
        )
