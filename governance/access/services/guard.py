"""Who may change authority: asked by every service of access."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from governance.access import rules
from governance.access.holding import live
from governance.access.models import AgentIdentity, RoleHolding, User
from governance.access.selectors import authority_of, require, with_a_role
from governance.access.types import Capability, Role, StepUpProof
from orchestra.core.actors import Actor
from orchestra.core.errors import (
    ConflictError,
    FieldError,
    InvalidInputError,
    NotPermittedError,
)

#: The roles whose holders manage access.
MANAGING = tuple(
    str(role) for role, held in rules.CAPABILITIES.items() if Capability.ACCESS_MANAGE in held
)

_reviewer: ContextVar[str] = ContextVar("access_reviewer", default="")


@contextmanager
def reviewing(actor: Actor) -> Iterator[None]:
    """Let a reviewer take what they judge in a review, inside the block only.

    A reviewer manages no access: what they may take, and that it is not theirs, the review
    has asked before. Nothing is given in such a block.

    Raises:
        NotPermittedError: The actor may not review access.
    """
    require(authority=authority_of(actor), capability=Capability.ACCESS_REVIEW)
    token = _reviewer.set(actor.id)
    try:
        yield
    finally:
        _reviewer.reset(token)


def require_manager(actor: Actor) -> None:
    """Refuse whoever may not manage access; a reviewer may while they take in a review.

    Raises:
        NotPermittedError: The actor lacks the capability.
    """
    if actor.is_human and actor.id == _reviewer.get():
        return
    require(authority=authority_of(actor), capability=Capability.ACCESS_MANAGE)


def require_another(actor: Actor, user: User) -> None:
    """Refuse a person who would widen their own authority.

    Raises:
        NotPermittedError: The actor and the person are the same.
    """
    if actor.is_human and actor.id == str(user.public_id):
        raise own_authority(_("Nobody gives authority to themselves. Ask another administrator."))


def require_other_role(actor: Actor, role: Role) -> None:
    """Refuse a person who would widen a role that they hold, and so themselves.

    Raises:
        NotPermittedError: The actor holds the role.
    """
    if actor.is_human and role in authority_of(actor).roles:
        raise own_authority(
            _("You hold this role, so you would give to yourself. Ask another administrator.")
        )


def require_other_agent(actor: Actor, agent: AgentIdentity) -> None:
    """Refuse a person who would widen an AI agent that they own, or that acts for them.

    A centre with a single administrator is excepted: its agents could never be connected
    otherwise, and whoever owns an agent never votes on what it asks for. The entry of the
    ledger names owner and giver, so the review of access sees it.

    Raises:
        NotPermittedError: The agent is the actor's own, and another person could do it.
    """
    if not actor.is_human or actor.pk not in {agent.owner_id, agent.acts_for_id}:
        return
    if list_managers().exclude(public_id=actor.id).exists():
        raise own_authority(
            _("This AI agent is yours, so you would give to yourself. Ask another administrator.")
        )


def own_authority(message: str) -> NotPermittedError:
    """Return the refusal of an act that widens the actor's own authority."""
    return NotPermittedError(message, code="access.own_authority")


def list_managers() -> QuerySet[User]:
    """Return the active people who manage access now, by name."""
    return with_a_role(MANAGING)


def require_managers_left(user: User) -> None:
    """Refuse what would leave nobody who manages access for good.

    Somebody else has to hold it without an end; else the centre would lock itself out when
    the last end comes.

    Args:
        user: Who would manage access no longer.

    Raises:
        ConflictError: Nobody else is left.
    """
    if not _manages(user):
        return
    lasting = RoleHolding.objects.filter(
        group__name__in=MANAGING, until_at=None, user__is_active=True
    ).exclude(user=user)
    if not lasting.exists():
        raise ConflictError(
            _(
                "Nobody else manages access without an end. Give the role to another person first, "
                "or nobody could manage access any more."
            ),
            code="access.last_manager",
        )


def _manages(user: User) -> bool:
    holding = RoleHolding.objects.filter(live(), user=user, group__name__in=MANAGING)
    return user.is_active and holding.exists()


def require_self(actor: Actor, user: User) -> None:
    """Refuse whoever is not the person.

    Raises:
        NotPermittedError: The actor and the person differ.
    """
    if not actor.is_human or actor.id != str(user.public_id):
        raise NotPermittedError(_("Only the person themselves may do this."))


def require_proof(
    proof: StepUpProof | None, now: datetime, methods: frozenset[str] = rules.METHODS
) -> None:
    """Refuse a person who has not lately proved who they are.

    Raises:
        NotPermittedError: Code ``access.step_up_required``.
    """
    seconds = settings.ORCHESTRA["STEP_UP_SECONDS"]
    if not rules.is_fresh(
        proof,
        now=now,
        valid_seconds=seconds,
        is_test_allowed=settings.ORCHESTRA["ALLOW_TEST_STEP_UP"],
        methods=methods,
    ):
        raise NotPermittedError(
            _("Show first that it is you; nothing was changed."),
            code="access.step_up_required",
            data={"valid_seconds": seconds},
        )


def require_reason(reason: str) -> str:
    """Return a reason without blanks around it.

    Raises:
        InvalidInputError: There is none.
    """
    found = reason.strip()
    if not found:
        finding = FieldError("reason", "required", _("Say why; the reason goes on record."))
        raise InvalidInputError(_("Nothing was changed."), errors=[finding])
    return found[:500]
