"""Roles of people, and their signing in."""

from datetime import datetime

from django.contrib.auth.models import Group
from django.utils.translation import gettext as _

from governance.access import entries
from governance.access.models import User
from governance.access.services.guard import require_another, require_manager
from governance.access.types import Role
from governance.ledger import services as ledger
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor
from orchestra.core.errors import FieldError, InvalidInputError


def ensure_roles(*, actor: Actor) -> None:
    """Make the groups that stand for the nine roles; those that stand stay as they are.

    Raises:
        NotPermittedError: The actor may not manage access.
    """
    require_manager(actor)
    with ledger.one_act():
        for role in Role:
            Group.objects.get_or_create(name=role.value)


def give_role(*, actor: Actor, now: datetime, user: User, role: Role) -> bool:
    """Give a person a role.

    Returns:
        Whether it is new.

    Raises:
        NotPermittedError: The actor may not manage access, or would give it to themselves.
        InvalidInputError: The role is that of AI agents.
    """
    require_manager(actor)
    require_another(actor, user)
    if role is Role.AI_AGENT:
        message = _("A person cannot be an AI agent. Create an agent instead.")
        raise InvalidInputError(message, errors=[FieldError("role", "ai_agent", message)])
    with ledger.one_act():
        group, _is_new = Group.objects.get_or_create(name=role.value)
        if user.groups.filter(pk=group.pk).exists():
            return False
        user.groups.add(group)
        _record(actor, now, user, entries.ROLE_GIVEN, role)
    return True


def take_role(*, actor: Actor, now: datetime, user: User, role: Role) -> bool:
    """Take a role from a person.

    Returns:
        Whether it was held.

    Raises:
        NotPermittedError: The actor may not manage access.
    """
    require_manager(actor)
    with ledger.one_act():
        group = user.groups.filter(name=role.value).first()
        if group is None:
            return False
        user.groups.remove(group)
        _record(actor, now, user, entries.ROLE_TAKEN, role)
    return True


def record_sign_in(*, now: datetime, user: User) -> None:
    """Record that a person signed in; called by the sign-in page, which has no actor yet."""
    with ledger.one_act():
        _record(user.as_actor(), now, user, entries.USER_SIGNED_IN, None)


def _record(actor: Actor, now: datetime, user: User, kind: str, role: Role | None) -> None:
    payload = {"person": user.label} | ({"role": role.value} if role else {})
    ledger.append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=f"user:{user.public_id}",
            kind=kind,
            payload=payload,
            subject_kind="user",
            subject_id=str(user.public_id),
        ),
    )
