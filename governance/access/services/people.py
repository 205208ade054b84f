"""Roles of people, and their signing in."""

from datetime import datetime

from django.utils.translation import gettext as _

from governance.access import entries
from governance.access.models import RoleHolding, User
from governance.access.services import guard, rows
from governance.access.services.roles import group_of
from governance.access.types import Role
from governance.ledger import services as ledger
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor
from orchestra.core.errors import FieldError, InvalidInputError
from orchestra.core.locking import lock_one


def ensure_roles(*, actor: Actor, now: datetime) -> None:
    """Make the groups that stand for the nine roles; those that stand stay as they are.

    Raises:
        NotPermittedError: The actor may not manage access.
    """
    guard.require_manager(actor)
    with ledger.one_act():
        for role in Role:
            group_of(actor=actor, now=now, role=role)


def give_role(
    *,
    actor: Actor,
    now: datetime,
    user: User,
    role: Role,
    reason: str,
    until_at: datetime | None = None,
) -> bool:
    """Give a person a role; given again with another end, that end stands.

    Args:
        actor: Who gives; needs ``access.manage``.
        now: The moment of the act.
        user: Who gets it.
        role: Any but that of AI agents.
        reason: Why; kept with the role and in the ledger.
        until_at: When it ends by itself; None for until it is taken.

    Returns:
        Whether anything changed.

    Raises:
        NotPermittedError: The actor may not manage access, or would give it to themselves.
        ConflictError: An end would leave nobody who manages access for good.
        InvalidInputError: The role is that of AI agents, or the terms are incomplete.
    """
    guard.require_manager(actor)
    guard.require_another(actor, user)
    terms = rows.Terms(reason=reason, until_at=until_at)
    rows.check_terms(terms, now=now)
    if role is Role.AI_AGENT:
        message = _("A person cannot be an AI agent. Create an agent instead.")
        raise InvalidInputError(message, errors=[FieldError("role", "ai_agent", message)])
    with ledger.one_act():
        group = group_of(actor=actor, now=now, role=role)
        # The person's row is the lock: without it two givers would both record a new role.
        lock_one(User.objects.filter(pk=user.pk))
        if until_at is not None and role in guard.MANAGING:
            guard.require_managers_left(user)
        return rows.give(
            actor=actor,
            now=now,
            rows=RoleHolding.objects.filter(user=user, group=group),
            key={"user": user, "group": group},
            terms=terms,
        )


def take_role(*, actor: Actor, now: datetime, user: User, role: Role, reason: str = "") -> bool:
    """Take a role from a person; what they voted for under it no longer counts.

    Args:
        actor: Who takes; needs ``access.manage``. Taking from oneself is allowed.
        now: The moment of the act.
        user: Who loses it.
        role: Which.
        reason: Why; kept in the ledger.

    Returns:
        Whether it was held.

    Raises:
        NotPermittedError: The actor may not manage access.
        ConflictError: Nobody would be left who manages access.
    """
    guard.require_manager(actor)
    with ledger.one_act():
        if role in guard.MANAGING:
            guard.require_managers_left(user)
        held = RoleHolding.objects.select_related("user", "group").filter(
            user=user, group__name=role.value
        )
        return rows.take(actor=actor, now=now, rows=held, reason=reason)


def record_sign_in(*, now: datetime, user: User, how: str = "password") -> None:
    """Record that a person signed in; called by the sign-in page, which has no actor yet.

    Args:
        now: When.
        user: Who.
        how: By what: ``password``, ``otp`` or ``identity``, and whether it broke the glass.
    """
    with ledger.one_act():
        ledger.append_entry(
            actor=user.as_actor(),
            now=now,
            draft=EntryDraft(
                stream=f"user:{user.public_id}",
                kind=entries.USER_SIGNED_IN,
                payload={"person": user.label, "how": how},
                subject_kind="user",
                subject_id=str(user.public_id),
            ),
        )
