"""Connect an AI agent in one act: the agent, its bounds, and its first token."""

from collections.abc import Sequence
from datetime import datetime

from governance.access.models import Queue, User
from governance.access.services.agent_limits import limit_agent
from governance.access.services.agents import create_agent
from governance.access.services.credentials import IssuedToken, issue_token
from governance.access.types import Budget
from governance.ledger import services as ledger
from orchestra.core.actors import Actor


@ledger.one_act()
def connect_agent(
    *,
    actor: Actor,
    now: datetime,
    name: str,
    owner: User,
    queues: Sequence[Queue],
    budget: Budget,
    expires_at: datetime,
    reason: str,
) -> IssuedToken:
    """Create an AI agent with its bounds and issue its first token; all of it or nothing.

    The token carries all of the role of AI agents; one that carries less is issued afterwards.

    Args:
        actor: Who connects it; needs ``access.manage``.
        now: The moment of the act.
        name: Unique name people know it by.
        owner: The person who answers for it; never votes on what it asks for.
        queues: The queues it may work, until they are taken.
        budget: Its bounds; None for no bound.
        expires_at: When the token ends; after ``now``, at most 366 days.
        reason: Why; kept with the grants and in the ledger.

    Raises:
        NotPermittedError: The actor may not manage access, or the agent would be their own
            though somebody else manages access too.
        InvalidInputError: The name is taken, a bound or the end is out of range, a person is
            disabled, or no reason is given.
    """
    agent = create_agent(actor=actor, now=now, name=name, owner=owner, queues=queues, reason=reason)
    if budget != Budget():
        agent = limit_agent(
            actor=actor, now=now, agent=agent, budget=budget, ends_at=None, reason=reason
        )
    return issue_token(actor=actor, now=now, agent=agent, expires_at=expires_at)
