"""Whose an AI agent is, how much it may use, and stopping and starting it: each with a reason."""

from datetime import datetime

from django.utils.translation import gettext as _

from governance.access import agents as rule
from governance.access import entries
from governance.access.models import AgentIdentity, User
from governance.access.services.agents import disable_agent
from governance.access.services.guard import require_manager
from governance.access.types import Budget
from governance.ledger import services as ledger
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor
from orchestra.core.clock import rfc3339
from orchestra.core.errors import (
    ConflictError,
    FieldError,
    InvalidInputError,
    NotPermittedError,
)
from orchestra.core.locking import compare_and_set, lock_one

REASON_LENGTH = 500


@ledger.one_act()
def transfer_agent(
    *, actor: Actor, now: datetime, agent: AgentIdentity, owner: User, reason: str
) -> AgentIdentity:
    """Make another person the owner of an AI agent; what it asks for they then never decide.

    Raises:
        NotPermittedError: The actor may not manage access, or gives their own agent away: an
            owner freed of it could widen its bounds.
        InvalidInputError: The person is disabled or owns it already, or no reason is given.
    """
    require_manager(actor)
    row = _locked(agent)
    _require_not_owner(actor, row)
    errors = _reason_errors(reason)
    if not owner.is_active:
        errors.append(FieldError("owner", "disabled", _("The owner's access is disabled.")))
    if owner.pk == row.owner_id:
        errors.append(FieldError("owner", "same", _("This person owns it already.")))
    _raise(errors)
    was = row.owner
    _set(row, actor, reason, {"owner_id": row.owner_id}, {"owner": owner})
    _record(
        actor, now, row, entries.AGENT_TRANSFERRED, owner=owner.label, was=was.label, reason=reason
    )
    return row


@ledger.one_act()
def limit_agent(
    *,
    actor: Actor,
    now: datetime,
    agent: AgentIdentity,
    budget: Budget,
    ends_at: datetime | None,
    reason: str,
) -> AgentIdentity:
    """Set how much an AI agent may propose, and when it ends.

    Args:
        actor: Who sets it; needs ``access.manage``. The owner may tighten, never loosen.
        now: The moment of the act.
        agent: Which agent.
        budget: Its bounds; None for no bound.
        ends_at: From when no token of it is accepted; None for no end.
        reason: Why; kept in the ledger.

    Raises:
        NotPermittedError: The actor may not manage access, or loosens the bounds of an agent of
            their own.
        InvalidInputError: A bound is out of range, or no reason is given.
    """
    require_manager(actor)
    row = _locked(agent)
    _raise([*_reason_errors(reason), *rule.check_limits(budget, ends_at=ends_at, now=now)])
    old = row.budget()
    if rule.loosens(old=old, new=budget, old_end=row.ends_at, new_end=ends_at):
        _require_not_owner(actor, row)
    names = ("calls_per_hour", "calls_per_day", "writes_per_day")
    changes = {name: getattr(budget, name) for name in names}
    expected = {name: getattr(old, name) for name in names}
    _set(
        row,
        actor,
        reason,
        {**expected, "ends_at": row.ends_at},
        {**changes, "ends_at": ends_at},
    )
    _record(
        actor,
        now,
        row,
        entries.AGENT_LIMITED,
        reason=reason,
        was=expected,
        ends_at=rfc3339(ends_at) if ends_at else None,
        **changes,
    )
    return row


@ledger.one_act()
def stop_agent(*, actor: Actor, now: datetime, agent: AgentIdentity, reason: str) -> AgentIdentity:
    """Stop an AI agent at once: its tokens end, its waits end, and its ready calls do not start.

    Raises:
        NotPermittedError: The actor may not manage access.
        ConflictError: It is stopped already.
        InvalidInputError: No reason is given.
    """
    require_manager(actor)
    _raise(_reason_errors(reason))
    if not _locked(agent).is_active:
        raise ConflictError(_("It is stopped already."), code="agent.stopped")
    row = disable_agent(actor=actor, now=now, agent=agent, reason=reason)
    _set(
        row,
        actor,
        reason,
        {"is_active": False},
        {
            "stopped_by": _person(actor),
            "stopped_at": now,
            "stopped_reason": reason.strip()[:REASON_LENGTH],
        },
    )
    _record(actor, now, row, entries.AGENT_STOPPED, reason=reason)
    return row


@ledger.one_act()
def start_agent(*, actor: Actor, now: datetime, agent: AgentIdentity, reason: str) -> AgentIdentity:
    """Start a stopped AI agent again; it needs a new token.

    Raises:
        NotPermittedError: The actor may not manage access, stopped it, or owns it: another
            person looks first.
        ConflictError: It is not stopped.
        InvalidInputError: No reason is given.
    """
    require_manager(actor)
    row = _locked(agent)
    _raise(_reason_errors(reason))
    if row.is_active:
        raise ConflictError(_("It is not stopped."), code="agent.not_stopped")
    if actor.is_human and actor.pk == row.stopped_by_id:
        raise NotPermittedError(
            _("You stopped it. Another administrator starts it again."),
            code="access.another_person",
        )
    _require_not_owner(actor, row)
    _set(
        row,
        actor,
        reason,
        {"is_active": False},
        {"is_active": True, "stopped_by": None, "stopped_at": None, "stopped_reason": ""},
    )
    _record(actor, now, row, entries.AGENT_STARTED, reason=reason)
    return row


def _locked(agent: AgentIdentity) -> AgentIdentity:
    return lock_one(AgentIdentity.objects.filter(pk=agent.pk))


def _person(actor: Actor) -> User | None:
    return User.objects.filter(public_id=actor.id).first() if actor.is_human else None


def _require_not_owner(actor: Actor, agent: AgentIdentity) -> None:
    if actor.is_human and actor.pk == agent.owner_id:
        raise NotPermittedError(
            _("You own this agent. Another administrator does this."), code="access.own_agent"
        )


def _reason_errors(reason: str) -> list[FieldError]:
    if reason.strip():
        return []
    return [FieldError("reason", "required", _("Say why; the reason is kept in the ledger."))]


def _raise(errors: list[FieldError]) -> None:
    if errors:
        message = _("Nothing was changed; see the errors.")
        raise InvalidInputError(message, code="agent.invalid", errors=errors)


def _set(
    row: AgentIdentity,
    actor: Actor,
    reason: str,
    expected: dict[str, object],
    changes: dict[str, object],
) -> None:
    compare_and_set(
        row,
        expected=expected,
        changes=changes,
        actor=actor,
        reason=reason.strip()[:REASON_LENGTH],
    )


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
