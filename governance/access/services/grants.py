"""Grant and revoke what a person, or a whole role, may do on a queue."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import Group
from guardian.shortcuts import assign_perm, remove_perm

from governance.access import entries
from governance.access.models import Queue, QueueGroupGrant, QueueUserGrant, User
from governance.access.services.guard import require_another, require_manager
from governance.access.types import QueueGrant, Role
from governance.ledger import services as ledger
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor
from orchestra.core.history import acting
from orchestra.core.locking import lock_one

_WORDS = {
    QueueGrant.READ: "reading",
    QueueGrant.WORK: "working",
    QueueGrant.VOTE: "voting",
}


def grant_queue(
    *, actor: Actor, now: datetime, user: User, queue: Queue, grant: QueueGrant
) -> bool:
    """Give a person a grant on a queue.

    Returns:
        Whether it is new.

    Raises:
        NotPermittedError: The actor may not manage access, or would grant it to themselves.
    """
    require_manager(actor)
    require_another(actor, user)
    with ledger.one_act():
        held = QueueUserGrant.objects.filter(
            user=user, content_object=queue, permission__codename=grant.value
        )
        return _give(_Act(actor, now, queue, grant), user, user, is_held=held.exists)


def revoke_queue(
    *, actor: Actor, now: datetime, user: User, queue: Queue, grant: QueueGrant
) -> bool:
    """Take a grant on a queue from a person.

    Returns:
        Whether it was held.

    Raises:
        NotPermittedError: The actor may not manage access.
    """
    require_manager(actor)
    with ledger.one_act():
        return _take(_Act(actor, now, queue, grant), user, user)


def grant_role_queue(
    *, actor: Actor, now: datetime, role: Role, queue: Queue, grant: QueueGrant
) -> bool:
    """Give everybody who holds a role a grant on a queue.

    Returns:
        Whether it is new.

    Raises:
        NotPermittedError: The actor may not manage access.
    """
    require_manager(actor)
    with ledger.one_act():
        group, _is_new = Group.objects.get_or_create(name=role.value)
        held = QueueGroupGrant.objects.filter(
            group=group, content_object=queue, permission__codename=grant.value
        )
        return _give(_Act(actor, now, queue, grant), role, group, is_held=held.exists)


def revoke_role_queue(
    *, actor: Actor, now: datetime, role: Role, queue: Queue, grant: QueueGrant
) -> bool:
    """Take a grant on a queue from a role.

    Returns:
        Whether it was held.

    Raises:
        NotPermittedError: The actor may not manage access.
    """
    require_manager(actor)
    with ledger.one_act():
        group, _is_new = Group.objects.get_or_create(name=role.value)
        return _take(_Act(actor, now, queue, grant), role, group)


@dataclass(frozen=True, slots=True)
class _Act:
    actor: Actor
    now: datetime
    queue: Queue
    grant: QueueGrant


def _give(
    act: _Act, holder: User | Role, identity: User | Group, *, is_held: Callable[[], bool]
) -> bool:
    # The queue's row is the lock: without it two givers would both record a new grant.
    lock_one(Queue.objects.filter(pk=act.queue.pk))
    if is_held():
        return False
    with acting(act.actor):
        assign_perm(act.grant.value, identity, act.queue)
    _record(act, holder, entries.QUEUE_GRANTED)
    return True


def _take(act: _Act, holder: User | Role, identity: User | Group) -> bool:
    lock_one(Queue.objects.filter(pk=act.queue.pk))
    with acting(act.actor):
        removed = remove_perm(act.grant.value, identity, act.queue)
    if not removed or not removed[0]:
        return False
    _record(act, holder, entries.QUEUE_REVOKED)
    return True


def _record(act: _Act, holder: User | Role, kind: str) -> None:
    if isinstance(holder, User):
        stream, name = f"user:{holder.public_id}", holder.label
    else:
        stream, name = "system", holder.value
    ledger.append_entry(
        actor=act.actor,
        now=act.now,
        draft=EntryDraft(
            stream=stream,
            kind=kind,
            payload={
                "holder": name,
                "queue": act.queue.title,
                "key": act.queue.key,
                "grant": _WORDS[act.grant],
                "code": act.grant.value,
            },
            subject_kind="queue",
            subject_id=str(act.queue.public_id),
        ),
    )
