"""Create and disable AI agents, and say which queues they work."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from governance.access import entries
from governance.access.models import AgentIdentity, AgentQueueGrant, Queue, User
from governance.access.registry import tell_lost
from governance.access.services import guard, rows
from governance.access.services.credentials import revoke_all
from governance.access.types import Lost, LostBy
from governance.ledger import services as ledger
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor
from orchestra.core.errors import FieldError, InvalidInputError
from orchestra.core.history import save_as
from orchestra.core.locking import compare_and_set, lock_one

NAME_LENGTH = 200


def create_agent(
    *,
    actor: Actor,
    now: datetime,
    name: str,
    owner: User,
    acts_for: User | None = None,
    queues: Sequence[Queue] = (),
    reason: str = "",
) -> AgentIdentity:
    """Create an AI agent that may work some queues; it has no token yet.

    Args:
        actor: Who creates it; needs ``access.manage``.
        now: The moment of the act.
        name: Unique name people know it by.
        owner: The person who answers for it; never votes on what it asks for.
        acts_for: The person in whose name it acts, if any; never votes either.
        queues: The queues it may work, until they are taken.
        reason: Why it may work them; kept with the grants and in the ledger.

    Raises:
        NotPermittedError: The actor may not manage access, or would grant queues to an agent
            of their own though somebody else manages access too.
        InvalidInputError: The name is taken or empty, a person is disabled, or no reason is
            given for the queues.
    """
    guard.require_manager(actor)
    with ledger.one_act():
        terms = rows.Terms(reason=reason)
        _check_agent(
            name=name,
            owner=owner,
            acts_for=acts_for,
            of_terms=rows.find_errors(terms, now=now) if queues else [],
        )
        agent = AgentIdentity(name=name, owner=owner, acts_for=acts_for, created_at=now)
        if queues:
            guard.require_other_agent(actor, agent)
        save_as(agent, actor=actor)
        for queue in queues:
            key = {"agent": agent, "queue": queue}
            rows.make(actor=actor, now=now, model=AgentQueueGrant, key=key, terms=terms)
        _record(
            actor,
            now,
            agent,
            entries.AGENT_CREATED,
            owner=owner.label,
            acts_for=acts_for.label if acts_for else None,
            queues=[queue.key for queue in queues],
            reason=reason,
        )
    return agent


def _check_agent(
    *, name: str, owner: User, acts_for: User | None, of_terms: Sequence[FieldError]
) -> None:
    errors = []
    if not name.strip():
        errors.append(FieldError("name", "required", _("Name the agent.")))
    elif len(name) > NAME_LENGTH:
        text = _("Use at most %(most)d characters.") % {"most": NAME_LENGTH}
        errors.append(FieldError("name", "too_long", text))
    elif AgentIdentity.objects.filter(name=name).exists():
        errors.append(FieldError("name", "taken", _("Another agent has this name.")))
    if not owner.is_active:
        errors.append(FieldError("owner", "disabled", _("The owner's access is disabled.")))
    if acts_for is not None and not acts_for.is_active:
        errors.append(FieldError("acts_for", "disabled", _("This person's access is disabled.")))
    errors += of_terms
    if errors:
        raise InvalidInputError(_("The agent cannot be created."), errors=errors)


def disable_agent(
    *, actor: Actor, now: datetime, agent: AgentIdentity, reason: str = ""
) -> AgentIdentity:
    """Disable an AI agent and revoke its tokens at once; again changes nothing.

    What it asked for and nobody ran yet is voided.

    Args:
        actor: Who disables; needs ``access.manage``.
        now: The moment of the act.
        agent: Which agent.
        reason: Why; kept in the ledger.

    Raises:
        NotPermittedError: The actor may not manage access.
    """
    guard.require_manager(actor)
    with ledger.one_act():
        row = AgentIdentity.objects.get(pk=agent.pk)
        if row.is_active:
            compare_and_set(
                row, expected={"is_active": True}, changes={"is_active": False}, actor=actor
            )
            revoked = revoke_all(actor=actor, now=now, agent=row)
            _record(actor, now, row, entries.AGENT_DISABLED, tokens=revoked, reason=reason)
            label, agent_id = row.name, str(row.public_id)
            what = Lost(by=LostBy.DISABLED, agent=agent_id, label=label, reason=reason)
            tell_lost(actor=actor, now=now, what=what)
    return row


def grant_agent_queue(
    *,
    actor: Actor,
    now: datetime,
    agent: AgentIdentity,
    queue: Queue,
    reason: str,
    until_at: datetime | None = None,
) -> bool:
    """Let an AI agent work a queue.

    Args:
        actor: Who gives; needs ``access.manage``, and another's agent where somebody else
            manages access too.
        now: The moment of the act.
        agent: Which agent.
        queue: On which queue.
        reason: Why; kept with the grant and in the ledger.
        until_at: When it ends by itself; None for until it is taken.

    Returns:
        Whether anything changed: given again with another end, that end stands.

    Raises:
        NotPermittedError: The actor may not manage access, or the agent is their own.
        InvalidInputError: The terms are incomplete.
    """
    guard.require_manager(actor)
    guard.require_other_agent(actor, agent)
    terms = rows.Terms(reason=reason, until_at=until_at)
    rows.check_terms(terms, now=now)
    with ledger.one_act():
        # The agent's row is the lock: without it two givers would both record a new grant.
        lock_one(AgentIdentity.objects.filter(pk=agent.pk))
        return _grant(actor, now, agent, queue, terms)


def _grant(
    actor: Actor, now: datetime, agent: AgentIdentity, queue: Queue, terms: rows.Terms
) -> bool:
    return rows.give(
        actor=actor,
        now=now,
        rows=of_agent(agent, queue),
        key={"agent": agent, "queue": queue},
        terms=terms,
    )


def revoke_agent_queue(
    *, actor: Actor, now: datetime, agent: AgentIdentity, queue: Queue, reason: str = ""
) -> bool:
    """Take a queue from an AI agent.

    Returns:
        Whether it had it.

    Raises:
        NotPermittedError: The actor may not manage access.
    """
    guard.require_manager(actor)
    with ledger.one_act():
        return rows.take(actor=actor, now=now, rows=of_agent(agent, queue), reason=reason)


def of_agent(agent: AgentIdentity, queue: Queue) -> QuerySet[AgentQueueGrant]:
    """Return the one row of an agent's grant on a queue, ended or not."""
    return AgentQueueGrant.objects.select_related("agent", "queue").filter(agent=agent, queue=queue)


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
