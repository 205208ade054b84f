"""Create and disable AI agents, and say which queues they work."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from governance.access import entries
from governance.access.models import AgentIdentity, AgentQueueGrant, Queue, User
from governance.access.services.credentials import revoke_all
from governance.access.services.guard import require_manager
from governance.ledger import services as ledger
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor
from orchestra.core.errors import FieldError, InvalidInputError
from orchestra.core.history import acting, save_as
from orchestra.core.locking import compare_and_set, lock_one


def create_agent(
    *,
    actor: Actor,
    now: datetime,
    name: str,
    owner: User,
    acts_for: User | None = None,
    queues: Sequence[Queue] = (),
) -> AgentIdentity:
    """Create an AI agent that may work some queues; it has no token yet.

    Args:
        actor: Who creates it; needs ``access.manage``.
        now: The moment of the act.
        name: Unique name people know it by.
        owner: The person who answers for it; never votes on what it asks for.
        acts_for: The person in whose name it acts, if any; never votes either.
        queues: The queues it may work.

    Raises:
        NotPermittedError: The actor may not manage access.
        InvalidInputError: The name is taken or empty, or a person is disabled.
    """
    require_manager(actor)
    with ledger.one_act():
        _check_agent(name=name, owner=owner, acts_for=acts_for)
        agent = AgentIdentity(name=name, owner=owner, acts_for=acts_for, created_at=now)
        save_as(agent, actor=actor)
        for queue in queues:
            save_as(AgentQueueGrant(agent=agent, queue=queue), actor=actor)
        _record(
            actor,
            now,
            agent,
            entries.AGENT_CREATED,
            owner=owner.label,
            acts_for=acts_for.label if acts_for else None,
            queues=[queue.key for queue in queues],
        )
    return agent


def _check_agent(*, name: str, owner: User, acts_for: User | None) -> None:
    errors = []
    if not name.strip():
        errors.append(FieldError("name", "required", _("Name the agent.")))
    elif AgentIdentity.objects.filter(name=name).exists():
        errors.append(FieldError("name", "taken", _("Another agent has this name.")))
    if not owner.is_active:
        errors.append(FieldError("owner", "disabled", _("The owner's access is disabled.")))
    if acts_for is not None and not acts_for.is_active:
        errors.append(FieldError("acts_for", "disabled", _("This person's access is disabled.")))
    if errors:
        raise InvalidInputError(_("The agent cannot be created."), errors=errors)


def disable_agent(*, actor: Actor, now: datetime, agent: AgentIdentity) -> AgentIdentity:
    """Disable an AI agent and revoke its tokens at once; again changes nothing.

    Raises:
        NotPermittedError: The actor may not manage access.
    """
    require_manager(actor)
    with ledger.one_act():
        row = lock_one(AgentIdentity.objects.filter(pk=agent.pk))
        if row.is_active:
            compare_and_set(
                row, expected={"is_active": True}, changes={"is_active": False}, actor=actor
            )
            revoked = revoke_all(actor=actor, now=now, agent=row)
            _record(actor, now, row, entries.AGENT_DISABLED, tokens=revoked)
    return row


def grant_agent_queue(*, actor: Actor, now: datetime, agent: AgentIdentity, queue: Queue) -> bool:
    """Let an AI agent work a queue.

    Returns:
        Whether it could not before.

    Raises:
        NotPermittedError: The actor may not manage access.
    """
    require_manager(actor)
    with ledger.one_act(), acting(actor):
        _grant, is_new = AgentQueueGrant.objects.get_or_create(agent=agent, queue=queue)
        if is_new:
            _record(actor, now, agent, entries.AGENT_GRANTED, queue=queue.title, key=queue.key)
    return is_new


def revoke_agent_queue(*, actor: Actor, now: datetime, agent: AgentIdentity, queue: Queue) -> bool:
    """Take a queue from an AI agent.

    Returns:
        Whether it had it.

    Raises:
        NotPermittedError: The actor may not manage access.
    """
    require_manager(actor)
    with ledger.one_act(), acting(actor):
        grant = AgentQueueGrant.objects.filter(agent=agent, queue=queue).first()
        if grant is None:
            return False
        grant.delete()
        _record(actor, now, agent, entries.AGENT_GRANT_REVOKED, queue=queue.title, key=queue.key)
    return True


def _record(
    actor: Actor, now: datetime, agent: AgentIdentity, kind: str, **payload: object
) -> None:
    ledger.append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=f"agent:{agent.public_id}",
            kind=kind,
            payload={"agent": agent.name, **payload},
            subject_kind="agent",
            subject_id=str(agent.public_id),
        ),
    )
