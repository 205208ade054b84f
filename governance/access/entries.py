"""The ledger kinds of access: who was given or lost which authority."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.registry import EntryKind

AGENT_CREATED = "agent.created"
AGENT_DISABLED = "agent.disabled"
AGENT_LIMITED = "agent.limited"
AGENT_STARTED = "agent.started"
AGENT_STEPS_READ = "agent.steps_read"
AGENT_STOPPED = "agent.stopped"
AGENT_TRANSFERRED = "agent.transferred"
AGENT_VERSION = "agent.version_declared"
AGENT_GRANTED = "agent.granted"
AGENT_GRANT_REVOKED = "agent.grant_revoked"
TOKEN_ISSUED = "token.issued"  # noqa: S105  the name of an event, no secret
TOKEN_ROTATED = "token.rotated"  # noqa: S105  the name of an event, no secret
TOKEN_REVOKED = "token.revoked"  # noqa: S105  the name of an event, no secret
ROLE_GIVEN = "role.given"
ROLE_TAKEN = "role.taken"
QUEUE_GRANTED = "queue.granted"
QUEUE_REVOKED = "queue.revoked"
DELEGATION_GIVEN = "delegation.given"
DELEGATION_ENDED = "delegation.ended"
USER_SIGNED_IN = "user.signed_in"
SESSIONS_ENDED = "session.ended"
PASSWORD_CHANGED = "user.password_changed"  # noqa: S105  the name of an event, no secret
LOCKED_OUT = "user.locked_out"
UNLOCKED = "user.unlocked"
IDENTITY_LINKED = "user.identity_linked"
PERSON_ARRIVED = "user.arrived"
FACTOR_SET_UP = "second_factor.set_up"
FACTOR_REMOVED = "second_factor.removed"
FACTOR_RESET = "second_factor.reset"
RECOVERY_CODES_MADE = "second_factor.recovery_codes_made"
RECOVERY_CODE_USED = "second_factor.recovery_code_used"
GRANT_ENDED = "grant.ended"
GRANT_END_CHANGED = "grant.end_changed"
DOCUMENT_GRANTED = "document.granted"
DOCUMENT_REVOKED = "document.revoked"
PERSON_DISABLED = "person.disabled"
PERSON_ENABLED = "person.enabled"

KINDS = (
    EntryKind(AGENT_CREATED, _("{actor} created the AI agent {agent}, owned by {owner}")),
    EntryKind(AGENT_DISABLED, _("{actor} disabled the AI agent {agent} and revoked its tokens")),
    EntryKind(AGENT_LIMITED, _("{actor} set what the AI agent {agent} may use: {reason}")),
    EntryKind(AGENT_STARTED, _("{actor} started the AI agent {agent} again: {reason}")),
    EntryKind(AGENT_STOPPED, _("{actor} stopped the AI agent {agent}: {reason}")),
    EntryKind(
        AGENT_TRANSFERRED, _("{actor} made {owner} the owner of the AI agent {agent}: {reason}")
    ),
    EntryKind(AGENT_VERSION, _("{actor} said that the AI agent {agent} runs as {version}")),
    EntryKind(AGENT_GRANTED, _("{actor} let the AI agent {agent} work the queue {queue}")),
    EntryKind(AGENT_GRANT_REVOKED, _("{actor} took the queue {queue} from the AI agent {agent}")),
    EntryKind(TOKEN_ISSUED, _("{actor} issued the token {prefix} to {agent} until {expires_at}")),
    EntryKind(
        TOKEN_ROTATED, _("{actor} replaced the token {prefix} of {agent}; it ends {expires_at}")
    ),
    EntryKind(TOKEN_REVOKED, _("{actor} revoked the token {prefix} of {agent}")),
    EntryKind(ROLE_GIVEN, _("{actor} gave {person} the role {role}")),
    EntryKind(ROLE_TAKEN, _("{actor} took the role {role} from {person}")),
    EntryKind(QUEUE_GRANTED, _("{actor} granted {holder} {grant} on the queue {queue}")),
    EntryKind(QUEUE_REVOKED, _("{actor} took {grant} on the queue {queue} from {holder}")),
    EntryKind(
        DELEGATION_GIVEN,
        _("{actor} lets {delegate} act in their place until {until_at}: {reason}"),
    ),
    EntryKind(DELEGATION_ENDED, _("{actor} ended that {delegate} acts in the place of {giver}")),
    EntryKind(USER_SIGNED_IN, _("{actor} signed in")),
    EntryKind(SESSIONS_ENDED, _("{actor} ended sign-ins of {person} ({count}): {reason}")),
    EntryKind(PASSWORD_CHANGED, _("{actor} changed their password")),
    EntryKind(LOCKED_OUT, _("{person} was locked out after {tries} wrong tries")),
    EntryKind(UNLOCKED, _("{actor} unlocked {person}: {reason}")),
    EntryKind(IDENTITY_LINKED, _("{actor} was linked to the identity provider {provider}")),
    EntryKind(PERSON_ARRIVED, _("{actor} arrived from the identity provider, without a role")),
    EntryKind(FACTOR_SET_UP, _("{actor} set up a second factor")),
    EntryKind(FACTOR_REMOVED, _("{actor} removed their second factor")),
    EntryKind(FACTOR_RESET, _("{actor} reset the second factor of {person}: {reason}")),
    EntryKind(RECOVERY_CODES_MADE, _("{actor} made new recovery codes")),
    EntryKind(RECOVERY_CODE_USED, _("{actor} used a recovery code; {left} are left")),
    EntryKind(GRANT_ENDED, _("What {holder} held ended by itself: {what}")),
    EntryKind(GRANT_END_CHANGED, _("{actor} changed until when {holder} holds {what}")),
    EntryKind(AGENT_STEPS_READ, _("{actor} asked for its steps for the first time")),
    EntryKind(DOCUMENT_GRANTED, _("{actor} granted {holder}: {what}")),
    EntryKind(DOCUMENT_REVOKED, _("{actor} took from {holder}: {what}")),
    EntryKind(PERSON_DISABLED, _("{actor} disabled the access of {person}: {reason}")),
    EntryKind(PERSON_ENABLED, _("{actor} enabled the access of {person}: {reason}")),
)
