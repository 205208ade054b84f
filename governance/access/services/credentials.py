"""Issue and revoke the tokens of AI agents."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from governance.access import entries
from governance.access.models import AgentIdentity, ApiCredential
from governance.access.services.guard import require_manager, require_other_agent
from governance.access.tokens import hash_token, new_token
from governance.ledger import services as ledger
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor
from orchestra.core.clock import rfc3339
from orchestra.core.errors import FieldError, InvalidInputError
from orchestra.core.history import save_as
from orchestra.core.locking import compare_and_set, lock

LONGEST_LIFE = timedelta(days=366)


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
    *, actor: Actor, now: datetime, agent: AgentIdentity, expires_at: datetime
) -> IssuedToken:
    """Issue a token to an AI agent; only its digest is kept.

    Args:
        actor: Who issues it; needs ``access.manage``.
        now: The moment of the act.
        agent: The active agent it is for.
        expires_at: After ``now``, at most 366 days.

    Raises:
        NotPermittedError: The actor may not manage access, or the agent is their own though
            somebody else manages access too.
        InvalidInputError: The expiry is out of bounds, or the agent is disabled.
    """
    require_manager(actor)
    require_other_agent(actor, agent)
    _check_token(agent=agent, now=now, expires_at=expires_at)
    prefix, token = new_token()
    credential = ApiCredential(
        agent=agent,
        prefix=prefix,
        token_hash=hash_token(token),
        created_at=now,
        expires_at=expires_at,
    )
    with ledger.one_act():
        save_as(credential, actor=actor)
        _record(actor, now, credential, entries.TOKEN_ISSUED)
    return IssuedToken(credential=credential, secret=token)


def _check_token(*, agent: AgentIdentity, now: datetime, expires_at: datetime) -> None:
    errors = []
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


def _record(actor: Actor, now: datetime, credential: ApiCredential, kind: str) -> None:
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
            },
            subject_kind="token",
            subject_id=str(credential.public_id),
        ),
    )
