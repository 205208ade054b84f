"""Grant and revoke what a person, or a whole role, may do on a queue."""

from datetime import datetime

from django.contrib.auth.models import Permission
from django.db.models import QuerySet

from governance.access.models import Queue, QueueGroupGrant, QueueUserGrant, User
from governance.access.services import guard, rows
from governance.access.services.roles import group_of
from governance.access.types import QueueGrant, Role
from governance.ledger import services as ledger
from orchestra.core.actors import Actor
from orchestra.core.locking import lock_one


def grant_queue(
    *,
    actor: Actor,
    now: datetime,
    user: User,
    queue: Queue,
    grant: QueueGrant,
    reason: str,
    until_at: datetime | None = None,
) -> bool:
    """Give a person a grant on a queue.

    Args:
        actor: Who gives; needs ``access.manage``.
        now: The moment of the act.
        user: Who gets it.
        queue: On which queue.
        grant: What.
        reason: Why; kept with the grant and in the ledger.
        until_at: When it ends by itself; None for until it is taken.

    Returns:
        Whether anything changed: given again with another end, that end stands.

    Raises:
        NotPermittedError: The actor may not manage access, or would grant it to themselves.
        InvalidInputError: The terms are incomplete.
    """
    guard.require_manager(actor)
    guard.require_another(actor, user)
    terms = rows.Terms(reason=reason, until_at=until_at)
    rows.check_terms(terms, now=now)
    with ledger.one_act():
        # The queue's row is the lock: without it two givers would both record a new grant.
        lock_one(Queue.objects.filter(pk=queue.pk))
        return rows.give(
            actor=actor,
            now=now,
            rows=of_person(user, queue, grant),
            key={"user": user, "content_object": queue, "permission": _permission(grant)},
            terms=terms,
        )


def revoke_queue(
    *,
    actor: Actor,
    now: datetime,
    user: User,
    queue: Queue,
    grant: QueueGrant,
    reason: str = "",
) -> bool:
    """Take a grant on a queue from a person; what they voted for under it no longer counts.

    Returns:
        Whether it was held.

    Raises:
        NotPermittedError: The actor may not manage access.
    """
    guard.require_manager(actor)
    with ledger.one_act():
        held = of_person(user, queue, grant)
        return rows.take(actor=actor, now=now, rows=held, reason=reason)


def grant_role_queue(
    *,
    actor: Actor,
    now: datetime,
    role: Role,
    queue: Queue,
    grant: QueueGrant,
    reason: str,
    until_at: datetime | None = None,
) -> bool:
    """Give everybody who holds a role a grant on a queue.

    Args:
        actor: Who gives; needs ``access.manage``, and does not hold the role.
        now: The moment of the act.
        role: Who gets it.
        queue: On which queue.
        grant: What.
        reason: Why; kept with the grant and in the ledger.
        until_at: When it ends by itself; None for until it is taken.

    Returns:
        Whether anything changed: given again with another end, that end stands.

    Raises:
        NotPermittedError: The actor may not manage access, or holds the role.
        InvalidInputError: The terms are incomplete.
    """
    guard.require_manager(actor)
    guard.require_other_role(actor, role)
    terms = rows.Terms(reason=reason, until_at=until_at)
    rows.check_terms(terms, now=now)
    with ledger.one_act():
        group = group_of(actor=actor, now=now, role=role)
        lock_one(Queue.objects.filter(pk=queue.pk))
        return rows.give(
            actor=actor,
            now=now,
            rows=of_role(role, queue, grant),
            key={"group": group, "content_object": queue, "permission": _permission(grant)},
            terms=terms,
        )


def revoke_role_queue(
    *,
    actor: Actor,
    now: datetime,
    role: Role,
    queue: Queue,
    grant: QueueGrant,
    reason: str = "",
) -> bool:
    """Take a grant on a queue from a role; what its people voted for under it no longer counts.

    Returns:
        Whether it was held.

    Raises:
        NotPermittedError: The actor may not manage access.
    """
    guard.require_manager(actor)
    with ledger.one_act():
        held = of_role(role, queue, grant)
        return rows.take(actor=actor, now=now, rows=held, reason=reason)


def of_person(user: User, queue: Queue, grant: QueueGrant) -> QuerySet[QueueUserGrant]:
    """Return the one row of a person's grant on a queue, ended or not."""
    found = QueueUserGrant.objects.select_related("user", "content_object", "permission")
    return found.filter(user=user, content_object=queue, permission__codename=grant.value)


def of_role(role: Role, queue: Queue, grant: QueueGrant) -> QuerySet[QueueGroupGrant]:
    """Return the one row of a role's grant on a queue, ended or not."""
    found = QueueGroupGrant.objects.select_related("group", "content_object", "permission")
    return found.filter(
        group__name=role.value, content_object=queue, permission__codename=grant.value
    )


def _permission(grant: QueueGrant) -> Permission:
    return Permission.objects.get(
        codename=grant.value, content_type__app_label="governance", content_type__model="queue"
    )
