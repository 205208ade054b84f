"""Issue and revoke the tokens of AI agents."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.utils.translation import gettext as _

from governance.access import entries
from governance.access.agents import check_scope
from governance.access.models import AgentIdentity, ApiCredential
from governance.access.services.guard import require_manager, require_other_agent
from governance.access.tokens import hash_token, new_token
from governance.access.types import Capability, Scope
from governance.ledger import services as ledger
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor
from orchestra.core.clock import rfc3339
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError
from orchestra.core.history import save_as
from orchestra.core.locking import compare_and_set, lock

LONGEST_LIFE = timedelta(days=366)
LONGEST_OVERLAP = timedelta(days=7)
#: How often it is noted that a token is used.
USED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token; the only time its text exists outside its holder.

    Attributes:
        credential: The stored row: prefix, digest, expiry.
        secret: The whole token text, to be shown once.
    """

    credential: ApiCredential
    secret: str

    def __repr__(self) -> str:
        return f"IssuedToken({self.credential.prefix})"


def issue_token(
    *,
    actor: Actor,
    now: datetime,
    agent: AgentIdentity,
    expires_at: datetime,
    scope: Scope | None = None,
) -> IssuedToken:
    """Issue a token to an AI agent; only its digest is kept.

    Args:
        actor: Who issues it; needs ``access.manage``.
        now: The moment of the act.
        agent: The active agent it is for.
        expires_at: After ``now``, at most 366 days.
        scope: What it carries of the role of AI agents; all of it without.

    Raises:
        NotPermittedError: The actor may not manage access, or the agent is their own though
            somebody else manages access too.
        InvalidInputError: The expiry is out of bounds, the agent is disabled, or the scope is
            wider than the role.
    """
    require_manager(actor)
    require_other_agent(actor, agent)
    carried = scope or Scope()
    _check_token(agent=agent, now=now, expires_at=expires_at, scope=carried)
    issued = _new(agent=agent, now=now, expires_at=expires_at, scope=carried)
    with ledger.one_act():
        save_as(issued.credential, actor=actor)
        _record(actor, now, issued.credential, entries.TOKEN_ISSUED)
    return issued


def rotate_token(
    *,
    actor: Actor,
    now: datetime,
    credential: ApiCredential,
    expires_at: datetime,
    overlap: timedelta,
) -> IssuedToken:
    """Issue a token in place of another that carries the same; the old one ends a while after.

    Args:
        actor: Who rotates; needs ``access.manage``.
        now: The moment of the act.
        credential: The live token that is replaced.
        expires_at: When the new one ends.
        overlap: How long the old one works beside the new one, at most seven days.

    Raises:
        NotPermittedError: The actor may not manage access.
        ConflictError: The old token is no longer live, or was replaced already.
        InvalidInputError: The expiry or the overlap is out of bounds.
    """
    require_manager(actor)
    with ledger.one_act():
        rows = ApiCredential.objects.filter(pk=credential.pk).select_related("agent")
        (old,) = lock(rows)
        require_other_agent(actor, old.agent)
        is_replaced = ApiCredential.objects.filter(replaces=old).exists()
        if old.revoked_at is not None or old.expires_at <= now or is_replaced:
            raise ConflictError(
                _("This token is over, or was replaced already. Issue a new one."),
                code="token.not_live",
            )
        scope = scope_of(old)
        _check_token(agent=old.agent, now=now, expires_at=expires_at, scope=scope, overlap=overlap)
        issued = _new(agent=old.agent, now=now, expires_at=expires_at, scope=scope)
        issued.credential.replaces = old
        save_as(issued.credential, actor=actor)
        ends_at = min(old.expires_at, now + overlap)
        compare_and_set(
            old,
            expected={"revoked_at": None, "expires_at": old.expires_at},
            changes={"expires_at": ends_at},
            actor=actor,
            reason="replaced",
        )
        _record(actor, now, issued.credential, entries.TOKEN_ISSUED)
        _record(actor, now, old, entries.TOKEN_ROTATED, by=issued.credential.prefix)
    return issued


def mark_used(*, credential: ApiCredential, now: datetime) -> None:
    """Note that a token was used; at most once a minute, beside every act, and without an entry."""
    last = credential.last_used_at
    if last is not None and now - last < USED_EVERY:
        return
    if cache.add(f"token-used:{credential.pk}", 1, USED_EVERY.total_seconds()):
        ApiCredential.objects.filter(pk=credential.pk).update(last_used_at=now)


def scope_of(credential: ApiCredential) -> Scope:
    """Return what a token carries."""
    held, tools = credential.capabilities, credential.tools
    return Scope(
        capabilities=None if held is None else frozenset(one for one in Capability if one in held),
        tools=None if tools is None else frozenset(tools),
    )


def _new(*, agent: AgentIdentity, now: datetime, expires_at: datetime, scope: Scope) -> IssuedToken:
    prefix, token = new_token()
    credential = ApiCredential(
        agent=agent,
        prefix=prefix,
        token_hash=hash_token(token),
        created_at=now,
        expires_at=expires_at,
        capabilities=_listed(scope.capabilities),
        tools=_listed(scope.tools),
    )
    return IssuedToken(credential=credential, secret=token)


def _listed(names: Collection[str] | None) -> list[str] | None:
    return None if names is None else sorted(str(name) for name in names)


def _check_token(
    *,
    agent: AgentIdentity,
    now: datetime,
    expires_at: datetime,
    scope: Scope,
    overlap: timedelta = timedelta(0),
) -> None:
    errors = check_scope(scope)
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        text = _("The old token works on for at most seven days.")
        errors.append(FieldError("overlap", "range", text))
    if not agent.is_active:
        errors.append(FieldError("agent", "disabled", _("The agent is disabled.")))
    if not now < expires_at <= now + LONGEST_LIFE:
        errors.append(
            FieldError("expires_at", "range", _("A token ends in the future, within 366 days."))
        )
    if errors:
        raise InvalidInputError(_("The token cannot be issued."), errors=errors)


def revoke_token(*, actor: Actor, now: datetime, credential: ApiCredential) -> ApiCredential:
    """Revoke a token at once; again changes nothing.

    Raises:
        NotPermittedError: The actor may not manage access.
    """
    require_manager(actor)
    with ledger.one_act():
        rows = ApiCredential.objects.filter(pk=credential.pk).select_related("agent")
        (row,) = lock(rows)
        if row.revoked_at is None:
            _revoke(actor, now, row)
    return row


def revoke_all(*, actor: Actor, now: datetime, agent: AgentIdentity) -> int:
    """Revoke every live token of an agent inside the running transaction.

    Returns:
        How many there were.
    """
    live = ApiCredential.objects.filter(agent=agent, revoked_at=None, expires_at__gt=now)
    rows = lock(live.select_related("agent"))
    for row in rows:
        _revoke(actor, now, row)
    return len(rows)


def _revoke(actor: Actor, now: datetime, credential: ApiCredential) -> None:
    compare_and_set(
        credential, expected={"revoked_at": None}, changes={"revoked_at": now}, actor=actor
    )
    _record(actor, now, credential, entries.TOKEN_REVOKED)


def _record(actor: Actor, now: datetime, credential: ApiCredential, kind: str, **more: str) -> None:
    ledger.append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=f"agent:{credential.agent.public_id}",
            kind=kind,
            payload={
                "agent": credential.agent.name,
                "prefix": credential.prefix,
                "expires_at": rfc3339(credential.expires_at),
                "capabilities": credential.capabilities,
                "tools": credential.tools,
                **more,
            },
            subject_kind="token",
            subject_id=str(credential.public_id),
        ),
    )
