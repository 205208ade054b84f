"""Give and take authority; every act is one ledger entry."""

from governance.access.services.agent_limits import (
    limit_agent,
    start_agent,
    stop_agent,
    transfer_agent,
)
from governance.access.services.agents import (
    create_agent,
    disable_agent,
    grant_agent_queue,
    revoke_agent_queue,
)
from governance.access.services.connecting import connect_agent
from governance.access.services.credentials import (
    IssuedToken,
    issue_token,
    mark_used,
    revoke_token,
    rotate_token,
)
from governance.access.services.delegations import delegate, end_delegation
from governance.access.services.disabling import disable_person, enable_person
from governance.access.services.documents import Of, grant_document, revoke_document
from governance.access.services.ending import end_due
from governance.access.services.first_reading import note_steps_read
from governance.access.services.grants import (
    grant_queue,
    grant_role_queue,
    revoke_queue,
    revoke_role_queue,
)
from governance.access.services.identities import link_identity, welcome_person
from governance.access.services.lockouts import unlock
from governance.access.services.passwords import change_password
from governance.access.services.people import ensure_roles, give_role, record_sign_in, take_role
from governance.access.services.second_factor import (
    make_recovery_codes,
    remove_factor,
    reset_factor,
    set_up_factor,
)
from governance.access.services.sessions import (
    end_session,
    end_sessions,
    forget_sessions,
    limit_sessions,
)
from governance.access.services.versions import declare_version

__all__ = [
    "IssuedToken",
    "Of",
    "change_password",
    "connect_agent",
    "create_agent",
    "declare_version",
    "delegate",
    "disable_agent",
    "disable_person",
    "enable_person",
    "end_delegation",
    "end_due",
    "end_session",
    "end_sessions",
    "ensure_roles",
    "forget_sessions",
    "give_role",
    "grant_agent_queue",
    "grant_document",
    "grant_queue",
    "grant_role_queue",
    "issue_token",
    "limit_agent",
    "limit_sessions",
    "link_identity",
    "make_recovery_codes",
    "mark_used",
    "note_steps_read",
    "record_sign_in",
    "remove_factor",
    "reset_factor",
    "revoke_agent_queue",
    "revoke_document",
    "revoke_queue",
    "revoke_role_queue",
    "revoke_token",
    "rotate_token",
    "set_up_factor",
    "start_agent",
    "stop_agent",
    "take_role",
    "transfer_agent",
    "unlock",
    "welcome_person",
]
